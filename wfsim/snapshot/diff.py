"""Where two views part, as lines for people."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from wfsim.snapshot.text import line_texts
from wfsim.snapshot.view import Group, Line, View

__all__ = ["Divergence", "difference_lines", "first_divergence"]

_BEFORE: Final = 3
"""So many events before the first difference are shown."""
_LONGEST: Final = 120
"""Columns of one line; payloads of megabytes must not reach a terminal."""
_MOST_OF_EVENT: Final = 12
_MOST_LINES: Final = 80
_CONTEXT: Final = 3
_MOST_COMPARED: Final = 4_000
"""Lines on each side that are compared; finding the fewest changes is quadratic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Divergence:
    """The first event in which two views differ."""

    number: int
    """Its place, from 1."""
    before: tuple[str, ...]
    """The events before it, which are equal, a line each."""
    left: tuple[str, ...]
    """The event's lines on the left; empty where the left has ended."""
    right: tuple[str, ...]


def first_divergence(left: View, right: View) -> Divergence | None:
    """Return where two views part, or None if they are equal."""
    ours, theirs = _flat(left), _flat(right)
    place = _parting(ours, theirs)
    if place == len(ours) == len(theirs):
        return None
    before = ours[max(0, place - _BEFORE) : place]
    return Divergence(
        number=place + 1,
        before=tuple(_texts(event)[0] for event in before),
        left=_texts(ours[place]) if place < len(ours) else (),
        right=_texts(theirs[place]) if place < len(theirs) else (),
    )


def difference_lines(left: View, right: View) -> list[str]:
    """Return in lines how two views differ: the first difference, then all of them.

    Nothing if they do not. Marked with `-` is what only the left has, with `+` what only the right
    has.
    """
    found = first_divergence(left, right)
    if found is None:
        return []
    what = left.kind if left.kind == right.kind else f"{left.kind} and {right.kind}"
    lines = [f"first difference, at event {found.number} of the {what}:"]
    lines += [f"    {_cut(text)}" for text in found.before]
    lines += [f"  - {text}" for text in _head(found.left) or ["(it ends here)"]]
    lines += [f"  + {text}" for text in _head(found.right) or ["(it ends here)"]]
    # Texts of long views take long to make, and only what stands around the changes is wanted.
    start = max(0, found.number - 1 - _BEFORE)
    lines += ["", "all differences:", *_unified(_part(left, start), _part(right, start))]
    left_out = max(len(_flat(left)), len(_flat(right))) - start - _MOST_COMPARED
    return [*lines, f"… {left_out} more events that were not compared"] if left_out > 0 else lines


_Event = tuple[tuple[str, ...], Line]


def _flat(view: View) -> list[_Event]:
    return [(group.headings, line) for group in view.groups for line in group.lines]


def _parting(ours: Sequence[_Event], theirs: Sequence[_Event]) -> int:
    """Return the place of the first event in which two views differ."""
    for place, (one, other) in enumerate(zip(ours, theirs, strict=False)):
        # 1, 1.0 and True are equal, and their texts are not.
        if one != other or repr(one[1].details) != repr(other[1].details):
            return place
    return min(len(ours), len(theirs))


def _texts(event: _Event) -> tuple[str, ...]:
    """Return an event's lines; its first says also what it stands below."""
    headings, line = event
    above = "".join(f"{heading}  " for heading in headings)
    first, *rest = list(line_texts(line, 0)) or [""]
    what = f"{line.what}{' ' * bool(line.number)}{line.number}"
    return f"{above}{what}  {first.strip()}".rstrip(), *rest


def _part(view: View, start: int) -> str:
    """Return the text of a view from an event on, as far as it is compared."""
    groups: list[Group] = []
    skip, room = start, _MOST_COMPARED
    for group in view.groups:
        lines = group.lines[skip : skip + room]
        skip = max(0, skip - len(group.lines))
        room -= len(lines)
        if lines:
            groups.append(Group(headings=group.headings, lines=lines))
    return str(replace(view, groups=tuple(groups)))


def _head(event: Sequence[str]) -> list[str]:
    shown = [_cut(text) for text in event[:_MOST_OF_EVENT]]
    left_out = len(event) - len(shown)
    return [*shown, f"… {left_out} more lines"] if left_out else shown


def _unified(left: str, right: str) -> Iterator[str]:
    ours, theirs = left.split("\n"), right.split("\n")
    start = 0
    while start < min(len(ours), len(theirs)) and ours[start] == theirs[start]:
        start += 1
    # What both begin with is not compared again: only the lines around the changes are wanted.
    skip = max(0, start - _CONTEXT)
    compared = ours[skip : skip + _MOST_COMPARED], theirs[skip : skip + _MOST_COMPARED]
    # Without the head: two names of files, and line numbers that count from where this began.
    found = list(difflib.unified_diff(*compared, lineterm="", n=_CONTEXT))[3:]
    for index, text in enumerate(found):
        if index == _MOST_LINES:
            yield f"… {len(found) - index} more lines"
            return
        yield "…" if text.startswith("@@") else _cut(text)
    left_out = max(len(ours), len(theirs)) - skip - _MOST_COMPARED
    if left_out > 0:
        yield f"… {left_out} more lines that were not compared"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"

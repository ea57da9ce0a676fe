"""Where two views part, as lines for people."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from wfsim.snapshot.text import line_texts
from wfsim.snapshot.view import View

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
    ours, theirs = _events(left), _events(right)
    place = next(
        (
            index
            for index, (one, other) in enumerate(zip(ours, theirs, strict=False))
            if one != other
        ),
        min(len(ours), len(theirs)),
    )
    if place == len(ours) == len(theirs):
        return None
    return Divergence(
        number=place + 1,
        before=tuple(event[0] for event in ours[max(0, place - _BEFORE) : place]),
        left=ours[place] if place < len(ours) else (),
        right=theirs[place] if place < len(theirs) else (),
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
    return [*lines, "", "all differences:", *_unified(str(left), str(right))]


def _events(view: View) -> list[tuple[str, ...]]:
    """Return each event's lines; its first says also what it stands below."""
    found: list[tuple[str, ...]] = []
    for group in view.groups:
        above = "".join(f"{heading}  " for heading in group.headings)
        for line in group.lines:
            first, *rest = list(line_texts(line, 0)) or [""]
            what = f"{line.what}{' ' * bool(line.number)}{line.number}"
            found.append((f"{above}{what}  {first.strip()}".rstrip(), *rest))
    return found


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

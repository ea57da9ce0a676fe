"""Where two runs part: the first thing that happened in one and not, or not so, in the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, Literal

from wfsim.clock import format_duration
from wfsim.history.printable import printable
from wfsim.report.chart import Chart, Lane, Mark

__all__ = ["Difference", "first_difference"]

_GUID: Final = re.compile(
    r"\b(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b", re.IGNORECASE
)
_CUT: Final = re.compile(r"\b[0-9a-f]{6}\b")
"""What labels show of such an id."""
_LONGEST: Final = 60

Aspect = Literal["event", "time", "payload", "missing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The first place at which two charts differ.

    Args:
        left: The first chart's mark; None where that chart has ended before.
        right: The second chart's.
        aspect: What differs: another event, another time, another payload, or none at all.
        text: The difference in one sentence.
    """

    left: Mark | None
    right: Mark | None
    aspect: Aspect
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Happening:
    """A mark without what differs between any two runs: made-up ids, and when it all began."""

    mark: Mark
    after_us: int
    lane: tuple[str, str]
    said: tuple[str, str]
    payload: tuple[tuple[str, str], ...]


def first_difference(left: Chart, right: Chart) -> Difference | None:
    """Return where two runs part; None for runs that are equal but for made-up ids.

    Args:
        left: The first run.
        right: The second run. Times count from each chart's own start.
    """
    both = zip_longest(_happenings(left), _happenings(right))
    return next((_difference(one, other) for one, other in both if not _same(one, other)), None)


def _same(one: _Happening | None, other: _Happening | None) -> bool:
    return (
        one is not None
        and other is not None
        and (one.after_us, one.lane, one.said, one.payload)
        == (other.after_us, other.lane, other.said, other.payload)
    )


def _happenings(chart: Chart) -> Iterator[_Happening]:
    names = _Names(chart)
    lanes = {lane.key: lane for lane in chart.lanes}
    for mark in chart.marks:
        lane = lanes.get(mark.lane) or Lane(key=mark.lane, label=mark.lane, kind="client")
        yield _Happening(
            mark=mark,
            after_us=mark.at_us - chart.start_us,
            lane=(names.named(lane.label), names.named(lane.name)),
            said=(mark.kind, names.named(mark.text)),
            payload=tuple((names.named(name), names.named(value)) for name, value in mark.payload),
        )


class _Names:
    """Names made-up ids by their first appearance, so that two runs have the same ones."""

    def __init__(self, chart: Chart) -> None:
        self._numbers: dict[str, int] = {}
        self._whole = {
            guid[:6].lower(): guid.lower()
            for lane in chart.lanes
            for guid in _GUID.findall(lane.key)
        }

    def named(self, text: str) -> str:
        text = _GUID.sub(lambda match: self._name(match[0].lower()), text)
        if not self._whole:
            return text
        return _CUT.sub(self._name_cut, text)

    def _name_cut(self, match: re.Match[str]) -> str:
        whole = self._whole.get(match[0])
        return match[0] if whole is None else self._name(whole)

    def _name(self, guid: str) -> str:
        number = self._numbers.setdefault(guid, len(self._numbers) + 1)
        return f"<id:{number}>"


def _difference(one: _Happening | None, other: _Happening | None) -> Difference:
    aspect, text = _words(one, other)
    left = None if one is None else one.mark
    right = None if other is None else other.mark
    return Difference(left=left, right=right, aspect=aspect, text=printable(text))


def _words(one: _Happening | None, other: _Happening | None) -> tuple[Aspect, str]:
    if one is None or other is None:
        longer, shorter = ("second", "first") if one is None else ("first", "second")
        more = one or other
        assert more is not None
        said = (
            f"The {shorter} run ends here; the {longer} goes on at {_at(more)} with {_what(more)}."
        )
        return "missing", said
    if (one.lane, one.said) != (other.lane, other.said):
        at = _at(one) if one.after_us == other.after_us else f"{_at(one)} and {_at(other)}"
        said = f"At {at}, the first run has {_what(one)}; the second has {_what(other)}."
        return "event", said
    if one.after_us != other.after_us:
        said = f"{_what(one)} comes at {_at(one)} in the first run, at {_at(other)} in the second."
        return "time", said
    return "payload", f"At {_at(one)}, {_what(one)} has another {_fields(one, other)}."


def _fields(one: _Happening, other: _Happening) -> str:
    """Return the names of the payloads that differ."""
    ours, theirs = dict(one.payload), dict(other.payload)
    names = [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]
    return " and ".join(names) or "payload"


def _at(item: _Happening) -> str:
    return f"T+{format_duration(item.after_us)}"


def _what(item: _Happening) -> str:
    label = item.lane[0]
    text = item.mark.text
    shown = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return f"“{shown}” of {label}" if label else f"“{shown}”"

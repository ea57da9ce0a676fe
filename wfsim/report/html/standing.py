"""How each run stands when recording stops: what a reader wants to know first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from wfsim.report.chart import Bar, Chart, Lane, Mark

__all__ = ["Group", "Standing", "groups", "standings"]

StandingKind = Literal["good", "bad", "waits", "suspended", "runs"]

_ENDS: Final = ("Completed", "Failed", "Terminated", "Canceled")
_WITH_RUNS: Final = {"orchestration", "executor"}
_LOUDEST: Final[tuple[StandingKind, ...]] = ("bad", "suspended", "waits", "runs", "good")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one run stands."""

    lane: Lane
    kind: StandingKind
    text: str
    """Its status in a word: "Completed", "waits", …"""
    more: str = ""
    """What it waits for, or why it failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """How many runs stand alike."""

    kind: StandingKind
    text: str
    count: int


def standings(chart: Chart) -> list[Standing]:
    """Return how each run of a chart stands, in the order of its lanes."""
    ends = {
        mark.lane: mark
        for mark in chart.marks
        if mark.kind == "start" or (mark.kind in {"good", "bad"} and mark.text.startswith(_ENDS))
    }
    still: dict[str, list[Bar]] = {}
    for bar in chart.bars:
        if bar.is_open:
            still.setdefault(bar.lane, []).append(bar)
    return [
        _standing(lane, ends.get(lane.key), still.get(lane.key, []))
        for lane in chart.lanes
        if lane.kind in _WITH_RUNS and (lane.key in ends or lane.key in still)
    ]


def _standing(lane: Lane, end: Mark | None, still: Sequence[Bar]) -> Standing:
    if end is not None and end.kind != "start":
        status = next(word for word in _ENDS if end.text.startswith(word))
        more = end.text.removeprefix(status).lstrip(": ")
        kind: StandingKind = "good" if end.kind == "good" else "bad"
        return Standing(lane=lane, kind=kind, text=status, more=more)
    waits = [bar.label for bar in still if bar.kind == "waits"]
    if any(bar.kind == "suspended" for bar in still):
        return Standing(lane=lane, kind="suspended", text="suspended", more=", ".join(waits))
    if waits:
        return Standing(lane=lane, kind="waits", text="waits", more=", ".join(waits))
    return Standing(lane=lane, kind="runs", text="running")


def groups(stand: Iterable[Standing]) -> list[Group]:
    """Return how many runs stand alike, what needs attention first."""
    counted: Counter[tuple[StandingKind, str]] = Counter((item.kind, item.text) for item in stand)
    found = [Group(kind=key[0], text=key[1], count=count) for key, count in counted.items()]
    return sorted(found, key=lambda group: (_LOUDEST.index(group.kind), group.text))

"""Columns of lanes beside a timeline, as in the graph of a version control's log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from wfsim.report.chart import BarKind

__all__ = ["Columns"]


@dataclass(slots=True)
class _Column:
    lanes: dict[str, BarKind] = field(default_factory=dict[str, BarKind])
    """Who lives here; only in the last column may there be several."""
    running: int = 0


@dataclass(slots=True)
class Columns:
    """Who stands where: a lane keeps its column as long as it lives, and others take it then.

    Args:
        most: How many columns there may be; the last one is shared by all who find no other.
    """

    most: int
    _columns: list[_Column] = field(default_factory=list[_Column], init=False)
    _places: dict[str, int] = field(default_factory=dict[str, int], init=False)
    """Where each lane stands, or stood last."""

    @property
    def width(self) -> int:
        """How many columns have been used so far."""
        return len(self._columns)

    def set(self, lane: str, state: BarKind | None) -> None:
        """Let a lane live in a state, or end where that is None."""
        place = self._places.get(lane)
        before = None if place is None else self._columns[place].lanes.pop(lane, None)
        if place is not None and before == "runs":
            self._columns[place].running -= 1
        if state is None:
            return
        if place is None or before is None:
            place = self._places[lane] = self._free(place)
        self._columns[place].lanes[lane] = state
        self._columns[place].running += state == "runs"

    def visit(self, lane: str) -> int:
        """Return a lane's column, from 0; one that does not live has it for this moment only."""
        place = self._places.get(lane)
        if place is None or lane not in self._columns[place].lanes:
            self.set(lane, "runs")
            self.set(lane, None)
        return self._places[lane]

    def states(self) -> Iterator[BarKind | None]:
        """Yield what each column shows: None if nobody lives there, "runs" if anybody runs."""
        for column in self._columns:
            yield "runs" if column.running else next(iter(column.lanes.values()), None)

    def _free(self, before: int | None) -> int:
        """Return the column that a lane had before if it is free, else the first free one."""
        if before is not None and not self._columns[before].lanes:
            return before
        for place, column in enumerate(self._columns):
            if not column.lanes:
                return place
        if len(self._columns) < self.most:
            self._columns.append(_Column())
        return len(self._columns) - 1

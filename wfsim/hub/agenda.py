"""What will happen at a later instant of virtual time."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass

from wfsim.quick import quick

__all__ = ["Agenda", "Entry"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that is due at an instant."""

    due_us: int
    label: str
    happen: Callable[[], None]
    is_stale: Callable[[], bool]
    """Whether it no longer matters, so that time need not stop for it."""
    is_background: bool = False
    """Whether it comes again and again by itself, as the schedule of a timer trigger does."""


_entry = quick(Entry)


def _never() -> bool:
    return False


class Agenda:
    """Entries by due time; those of one instant in the order in which they were made."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Entry]] = []
        # Equal times are ordered by this count: an address or a hash as tie-break would differ
        # between two runs of one seed.
        self._made = 0
        self._stale = 0

    def add(
        self,
        due_us: int,
        label: str,
        happen: Callable[[], None],
        *,
        is_stale: Callable[[], bool] = _never,
        is_background: bool = False,
    ) -> None:
        """Let `happen` be called when the clock reaches `due_us`."""
        entry = _entry(
            due_us=due_us,
            label=label,
            happen=happen,
            is_stale=is_stale,
            is_background=is_background,
        )
        heapq.heappush(self._heap, (due_us, self._made, entry))
        self._made += 1

    def expect_stale(self, count: int) -> None:
        """Hear that up to so many entries have become stale: a timer of a month would stay as long.

        They are dropped once they may be half of all: each pays for looking at one other.
        """
        self._stale += count
        if 2 * self._stale > len(self._heap):
            self._heap = [item for item in self._heap if not item[2].is_stale()]
            heapq.heapify(self._heap)
            self._stale = 0

    def next_due_us(self, *, background: bool = True) -> int | None:
        """Return when the next entry that still matters is due."""
        while self._heap and self._heap[0][2].is_stale():
            heapq.heappop(self._heap)
        if background or not self._heap or not self._heap[0][2].is_background:
            return self._heap[0][0] if self._heap else None
        live = (item for item in self._heap if not item[2].is_background)
        return min((due for due, _, entry in live if not entry.is_stale()), default=None)

    def has_due(self, now_us: int) -> bool:
        """Whether `take_due` has anything to look at."""
        return bool(self._heap) and self._heap[0][0] <= now_us

    def take_due(self, now_us: int) -> list[Entry]:
        """Remove and return what is due, in order."""
        due: list[Entry] = []
        while self._heap and self._heap[0][0] <= now_us:
            entry = heapq.heappop(self._heap)[2]
            if not entry.is_stale():
                due.append(entry)
        return due

    def pending(self) -> list[Entry]:
        """Return what is still to come, in order."""
        return [entry for _, _, entry in sorted(self._heap[:], key=_order) if not entry.is_stale()]


def _order(item: tuple[int, int, Entry]) -> tuple[int, int]:
    return item[0], item[1]

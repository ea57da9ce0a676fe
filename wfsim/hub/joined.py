"""A history and its news as one sequence, without copying the history in each episode."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import overload

from wfsim.history import HistoryEvent

__all__ = ["Joined"]


class Joined(Sequence[HistoryEvent]):
    """The first events of a list that only ever grows, and new ones behind them.

    Args:
        past: The list; as many events as it has now count, also when it has more.
        new: What comes behind them.
    """

    __slots__ = ("_count", "_length", "_new", "_past", "_tail", "_tail_from")

    def __init__(self, past: list[HistoryEvent], new: Sequence[HistoryEvent]) -> None:
        self._past, self._count, self._new = past, len(past), tuple(new)
        self._length = self._count + len(self._new)
        self._tail_from, self._tail = self._count, self._new

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[HistoryEvent]:
        return chain(islice(self._past, self._count), self._new)

    @overload
    def __getitem__(self, index: int) -> HistoryEvent: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[HistoryEvent]: ...
    def __getitem__(self, index: int | slice) -> HistoryEvent | Sequence[HistoryEvent]:
        count = self._count
        if isinstance(index, slice):
            start = index.start
            if start.__class__ is int and index.stop is index.step is None and 0 <= start <= count:
                if start != self._tail_from:
                    self._tail_from, self._tail = start, (*self._past[start:count], *self._new)
                return self._tail  # as several ask in each episode
            return self._part(index)
        place = index + self._length if index < 0 else index
        if not 0 <= place < self._length:
            raise IndexError(f"There are {self._length} events, and none of index {index}.")
        return self._past[place] if place < count else self._new[place - count]

    def _part(self, wanted: slice) -> Sequence[HistoryEvent]:
        count = self._count
        start, stop, step = wanted.indices(self._length)
        if step != 1 or stop < start:
            return [self[place] for place in range(start, stop, step)]
        if start >= count:
            return self._new[start - count : stop - count]
        past = self._past[start : min(stop, count)]
        return past if stop <= count else [*past, *self._new[: stop - count]]

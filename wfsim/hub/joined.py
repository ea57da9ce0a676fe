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

    __slots__ = ("_count", "_length", "_new", "_past")

    def __init__(self, past: list[HistoryEvent], new: Sequence[HistoryEvent]) -> None:
        self._past, self._count, self._new = past, len(past), tuple(new)
        self._length = self._count + len(self._new)

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
        if isinstance(index, slice) and index.start == count and index.stop is index.step is None:
            return self._new  # as several ask in each episode
        if isinstance(index, int):
            place = index + len(self) if index < 0 else index
            if not 0 <= place < len(self):
                raise IndexError(f"There are {len(self)} events, and none of index {index}.")
            return self._past[place] if place < count else self._new[place - count]
        start, stop, step = index.indices(len(self))
        if step == 1 and start >= count:
            return self._new[start - count : stop - count]
        if step == 1:
            past = self._past[start : min(stop, count)]
            return past if stop <= count else [*past, *self._new[: stop - count]]
        return [self[place] for place in range(start, stop, step)]

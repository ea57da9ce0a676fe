"""The history of one generation of an instance, as a sequence that reads well."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

from wfsim.history.events import HistoryEvent, OrchestratorStarted
from wfsim.history.text import event_lines, short

__all__ = ["History"]


class History(Sequence[HistoryEvent]):
    """The events of an instance, oldest first; equal to another with equal events.

    `str(history)` is stable text for snapshots: times are relative to the first event and ids
    that the host makes up do not appear.
    """

    __slots__ = ("_events",)

    def __init__(self, events: Sequence[HistoryEvent]) -> None:
        self._events = tuple(events)

    @overload
    def __getitem__(self, index: int) -> HistoryEvent: ...
    @overload
    def __getitem__(self, index: slice) -> History: ...
    def __getitem__(self, index: int | slice) -> HistoryEvent | History:
        if isinstance(index, slice):
            return History(self._events[index])
        return self._events[index]

    def __len__(self) -> int:
        return len(self._events)

    def __iter__(self) -> Iterator[HistoryEvent]:
        return iter(self._events)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, History):
            return self._events == other._events
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._events)

    @property
    def short(self) -> str:
        """One line in the abbreviations of the host's sources, a dot before each episode.

        Example: `OS ES TS0 OC · OS TC0 EC1 OC`.
        """
        words: list[str] = []
        for event in self._events:
            if words and isinstance(event, OrchestratorStarted):
                words.append("·")
            words.append(short(event))
        return " ".join(words)

    def __str__(self) -> str:
        if not self._events:
            return "(no history)"
        start_us = self._events[0].at_us
        return "\n".join(event_lines(self._events, start_us=start_us))

    def __repr__(self) -> str:
        return f"<History {self.short}>"

"""A history cut at its turn borders: what came in, and what was decided because of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wfsim.history import (
    EventRaised,
    EventSent,
    ExecutionCompleted,
    HistoryEvent,
    OrchestratorCompleted,
    OrchestratorStarted,
    SubOrchestrationInstanceCompleted,
    SubOrchestrationInstanceCreated,
    SubOrchestrationInstanceFailed,
    TaskCompleted,
    TaskFailed,
    TaskScheduled,
    TimerCreated,
    TimerFired,
)
from wfsim.history.messages import request_of

__all__ = ["Recorded", "Turn", "open_numbers", "turns_of"]

Recorded = TaskScheduled | TimerCreated | SubOrchestrationInstanceCreated | EventSent
"""A decision as the host stores it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One episode of a recorded history."""

    index: int
    begin: int
    """Index of its first event."""
    decided: int
    """Index of the first event that it decided, and so of the last one that came in, plus one."""
    end: int
    """Index of the first event of the next turn."""
    now_us: int
    """The orchestrator's clock in it."""
    arrivals: tuple[HistoryEvent, ...]
    """What came in, `OrchestratorStarted` included."""
    decisions: tuple[Recorded, ...]
    completed: ExecutionCompleted | None
    is_whole: bool
    """Whether the host had saved the turn; else what was decided may be missing."""


def turns_of(events: Sequence[HistoryEvent]) -> list[Turn]:
    """Return the turns of a history, oldest first (semantics 3.1)."""
    begins = [i for i, event in enumerate(events) if isinstance(event, OrchestratorStarted)]
    ends = [*begins[1:], len(events)]
    return [
        _turn(events, index, begin, end)
        for index, (begin, end) in enumerate(zip(begins, ends, strict=True))
    ]


def _turn(events: Sequence[HistoryEvent], index: int, begin: int, end: int) -> Turn:
    inside = range(begin, end)
    outcomes = [i for i in inside if isinstance(events[i], Recorded | ExecutionCompleted)]
    decided = outcomes[0] if outcomes else end
    completed = next((e for e in events[begin:end] if isinstance(e, ExecutionCompleted)), None)
    return Turn(
        index=index,
        begin=begin,
        decided=decided,
        end=end,
        now_us=events[begin].at_us,
        arrivals=tuple(events[begin:decided]),
        decisions=tuple(event for event in events[decided:end] if isinstance(event, Recorded)),
        completed=completed,
        is_whole=end < len(events) or isinstance(events[end - 1], OrchestratorCompleted),
    )


def open_numbers(events: Sequence[HistoryEvent]) -> set[int]:
    """Return the numbers of recorded decisions whose answer is still to come.

    Each of them will wake the instance; a signal to an entity has no answer.
    """
    waiting: set[int] = set()
    asked: dict[str, int] = {}
    for event in events:
        match event:
            case TaskScheduled() | TimerCreated() | SubOrchestrationInstanceCreated():
                waiting.add(event.event_id)
            case EventSent():
                request = request_of(event)
                if request is not None and not request.is_signal:
                    asked[request.request_id] = event.event_id
                    waiting.add(event.event_id)
            case TaskCompleted() | TaskFailed():
                waiting.discard(event.task_id)
            case SubOrchestrationInstanceCompleted() | SubOrchestrationInstanceFailed():
                waiting.discard(event.task_id)
            case TimerFired():
                waiting.discard(event.timer_id)
            case EventRaised():
                waiting.discard(asked.get(event.name, -1))
            case _:
                pass
    return waiting

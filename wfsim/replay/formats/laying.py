"""Puts turns together from events of which only the times are known.

Each thing that came in gets a turn of its own: with what it came in nobody knows, and a turn in
which nothing is decided makes no difference. A decision belongs to the last thing that came in
before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from wfsim.history import (
    ExecutionCompleted,
    HistoryEvent,
    OrchestratorCompleted,
    OrchestratorStarted,
    SubOrchestrationInstanceCompleted,
    SubOrchestrationInstanceFailed,
    TaskCompleted,
    TaskFailed,
    TimerFired,
)
from wfsim.replay.turns import Recorded

__all__ = ["Parts", "answered", "in_turns", "parts_of", "renumbered", "turn_events"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What is left of a history without its turns."""

    arrivals: tuple[HistoryEvent, ...]
    """What came in, in stored order."""
    decisions: tuple[Recorded, ...]
    """By time; what answers them names their numbers, which mean nothing else."""
    completed: ExecutionCompleted | None


def parts_of(events: Sequence[HistoryEvent]) -> Parts:
    """Take a history apart."""
    decisions = [event for event in events if isinstance(event, Recorded)]
    ends = [event for event in events if isinstance(event, ExecutionCompleted)]
    frame = Recorded | ExecutionCompleted | OrchestratorStarted | OrchestratorCompleted
    return Parts(
        arrivals=tuple(event for event in events if not isinstance(event, frame)),
        decisions=tuple(sorted(decisions, key=lambda event: event.at_us)),
        completed=ends[-1] if ends else None,
    )


def answered(event: HistoryEvent) -> int | None:
    """Return the number of the decision that an event answers, if it answers one."""
    match event:
        case TaskCompleted() | TaskFailed():
            return event.task_id
        case SubOrchestrationInstanceCompleted() | SubOrchestrationInstanceFailed():
            return event.task_id
        case TimerFired():
            return event.timer_id
        case _:
            return None


def renumbered(event: HistoryEvent, numbers: Mapping[int, int]) -> HistoryEvent:
    """Return an event with other numbers for what it decides or answers."""
    match event:
        case TaskCompleted() | TaskFailed():
            return replace(event, task_id=numbers[event.task_id])
        case SubOrchestrationInstanceCompleted() | SubOrchestrationInstanceFailed():
            return replace(event, task_id=numbers[event.task_id])
        case TimerFired():
            return replace(event, timer_id=numbers[event.timer_id])
        case _ if isinstance(event, Recorded):
            return replace(event, event_id=numbers[event.event_id])
        case _:
            return event


def turn_events(
    arrival: HistoryEvent, decisions: Sequence[HistoryEvent], *, now_us: int
) -> list[HistoryEvent]:
    """Return the events of a turn."""
    return [
        OrchestratorStarted(at_us=now_us),
        arrival,
        *decisions,
        OrchestratorCompleted(at_us=max([now_us, *(event.at_us for event in decisions)])),
    ]


def in_turns(parts: Parts) -> list[HistoryEvent]:
    """Return the parts as a history: decisions by time, each before its answer."""
    left = list(parts.decisions)
    numbers: dict[int, int] = {}
    events: list[HistoryEvent] = []
    now_us = 0
    for index, arrival in enumerate(parts.arrivals):
        following = parts.arrivals[index + 1 :]
        mine = [item for item in left if not following or _is_before(item, following[0])]
        left = [item for item in left if item not in mine]
        for item in mine:
            numbers[item.event_id] = len(numbers)
        now_us = max(now_us, arrival.at_us)
        decided: list[HistoryEvent] = [renumbered(item, numbers) for item in mine]
        if not following and parts.completed is not None:
            decided.append(replace(parts.completed, event_id=len(numbers)))
        events += turn_events(renumbered(arrival, numbers), decided, now_us=now_us)
    return events


def _is_before(decision: Recorded, arrival: HistoryEvent) -> bool:
    """Whether a decision was made before something came in; at one instant, if that answers it."""
    return decision.at_us < arrival.at_us or answered(arrival) == decision.event_id

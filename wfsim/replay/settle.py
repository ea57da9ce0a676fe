"""Puts decisions of one instant in order, where a format does not keep their numbers.

The status of the HTTP API drops the numbers of decisions, and lists what is answered in the order
of the answers. Which of several calls of one instant came first is then anybody's guess; that of
today's code is as good as any, and the only one that raises no false alarm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from wfsim.history import (
    HistoryEvent,
    SubOrchestrationInstanceCompleted,
    SubOrchestrationInstanceFailed,
    TaskCompleted,
    TaskFailed,
    TimerFired,
)
from wfsim.replay.compare import recorded_steps
from wfsim.replay.passes import Passes
from wfsim.replay.records import RecordedHistory
from wfsim.replay.steps import Step
from wfsim.replay.turns import Recorded, Turn, turns_of
from wfsim.workers.azure_functions.rehearsal import Rehearsal

__all__ = ["settled"]


def settled(history: RecordedHistory, rehearsal: Rehearsal) -> RecordedHistory:
    """Return a history in which decisions of one instant stand as today's code makes them.

    Decisions that it does not make keep their places.
    """
    if not history.is_lenient:
        return history
    for index in range(len(turns_of(history.events))):
        turn = turns_of(history.events)[index]
        if _has_ties(turn):
            look = Passes(history, rehearsal).turn(turn)
            numbers = _numbers(turn, recorded_steps(history, turn), look.steps)
            history = _renumbered(history, turn, numbers)
    return history


def _has_ties(turn: Turn) -> bool:
    instants = [event.at_us for event in turn.decisions]
    return len(set(instants)) < len(instants)


def _numbers(turn: Turn, recorded: Sequence[Step], today: Sequence[Step]) -> dict[int, int]:
    """Return the new number of each decision of a turn."""
    instant = {event.event_id: event.at_us for event in turn.decisions}
    places = [step.number for step in recorded]
    left = list(recorded)
    numbers: dict[int, int] = {}
    for place, new in zip(places, today, strict=False):
        tied = [old for old in left if instant[old.number] == instant[place]]
        match = next((old for old in tied if _is_same(old, new)), None)
        if match is not None:
            numbers[match.number] = place
            left.remove(match)
    free = [place for place in places if place not in numbers.values()]
    return numbers | {old.number: place for old, place in zip(left, free, strict=True)}


def _is_same(old: Step, new: Step) -> bool:
    if old.signature != new.signature:
        return False
    if old.kind == "timer":
        return old.due_us == new.due_us
    return old.input is None or old.payload == new.payload


def _renumbered(
    history: RecordedHistory, turn: Turn, numbers: Mapping[int, int]
) -> RecordedHistory:
    if all(old == new for old, new in numbers.items()):
        return history
    events = [_event(event, numbers) for event in history.events]
    decided = sorted(
        (event for event in events[turn.decided : turn.end] if isinstance(event, Recorded)),
        key=lambda event: event.event_id,
    )
    others = [e for e in events[turn.decided : turn.end] if not isinstance(e, Recorded)]
    events[turn.decided : turn.end] = [*decided, *others]
    hidden = frozenset(numbers.get(number, number) for number in history.hidden)
    return replace(history, events=tuple(events), hidden=hidden)


def _event(event: HistoryEvent, numbers: Mapping[int, int]) -> HistoryEvent:
    match event:
        case TaskCompleted() | TaskFailed():
            return replace(event, task_id=numbers.get(event.task_id, event.task_id))
        case SubOrchestrationInstanceCompleted() | SubOrchestrationInstanceFailed():
            return replace(event, task_id=numbers.get(event.task_id, event.task_id))
        case TimerFired():
            return replace(event, timer_id=numbers.get(event.timer_id, event.timer_id))
        case _ if isinstance(event, Recorded):
            return replace(event, event_id=numbers.get(event.event_id, event.event_id))
        case _:
            return event

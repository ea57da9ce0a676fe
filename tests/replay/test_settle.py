"""Decisions of one instant whose order a format has lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.apps import Context, Steps
from tests.replay.recorded import played, replayed
from wfsim.history import HistoryEvent, TaskCompleted, TaskScheduled
from wfsim.replay import Gap, RecordedHistory


def ship(item: str) -> str:
    return f"shipped {item}"


def old(context: Context) -> Steps:
    calls = [context.call_activity("ship", item) for item in ("a", "b", "c")]
    done = yield context.task_all([*calls, context.call_activity("say", "d")])
    yield context.call_activity("say", done)


def _mixed(history: RecordedHistory) -> RecordedHistory:
    """Return a history whose first four decisions have each other's numbers."""
    numbers = {0: 3, 1: 0, 2: 1, 3: 2}
    events: list[HistoryEvent] = []
    for event in history.events:
        if isinstance(event, TaskScheduled):
            number = numbers.get(event.event_id, event.event_id)
            events.append(replace(event, event_id=number))
        elif isinstance(event, TaskCompleted):
            events.append(replace(event, task_id=numbers.get(event.task_id, event.task_id)))
        else:
            events.append(event)
    first = next(i for i, event in enumerate(events) if isinstance(event, TaskScheduled))
    events[first : first + 4] = sorted(
        events[first : first + 4], key=lambda event: getattr(event, "event_id", 0)
    )
    return replace(history, events=tuple(events), gaps=frozenset({Gap.TURNS}))


@pytest.mark.parametrize("knows_inputs", [True, False])
def test_a_lost_order_is_that_of_todays_code(knows_inputs: bool) -> None:
    """Calls that were told in another order are put right by name, and by input where known."""
    history = _mixed(played(old, ship))
    if not knows_inputs:
        events = [
            replace(e, input=None) if isinstance(e, TaskScheduled) else e for e in history.events
        ]
        history = replace(history, events=tuple(events), gaps=history.gaps | {Gap.INPUTS})
    strict = replace(history, gaps=history.gaps - {Gap.TURNS})
    assert replayed(strict, old, ship).verdict == "incompatible"
    assert replayed(history, old, ship).verdict == "compatible"


def test_what_todays_code_does_not_do_stays_a_difference() -> None:
    """Only the order is a guess: another activity is still another one."""

    def new(context: Context) -> Steps:
        calls = [context.call_activity("ship", item) for item in ("a", "b", "c")]
        yield context.task_all([*calls, context.call_activity("nap", 1)])

    found = replayed(_mixed(played(old, ship)), new, ship).difference
    assert found
    assert (found.kind, found.step) == ("name", 3)

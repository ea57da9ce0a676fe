"""Histories as facts: below each instant, the events in the order in which they were stored.

Events of one instance have an order, also at one instant: it is what replay depends on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from wfsim.history import (
    ExecutionStarted,
    History,
    HistoryEvent,
    SubOrchestrationInstanceCreated,
    TimerCreated,
)
from wfsim.snapshot.happened import Known, event_fact
from wfsim.snapshot.naming import Run
from wfsim.snapshot.rules import Rules
from wfsim.snapshot.view import Fact, Recorded, register

__all__ = ["histories", "instances_in", "latest_us"]

_WIDTH = 33
"""The longest name of a history event."""


@register(History)
def histories(values: Sequence[History], rules: Rules) -> Recorded:  # noqa: ARG001 - a builder
    """Return the facts of histories; several stand one below the other."""
    events = [event for history in values for event in history]
    run = Run(
        start_us=min((event.at_us for event in events), default=0),
        end_us=max(map(latest_us, events), default=0),
        instances=dict(instances_in(events)),
    )
    facts = [
        fact
        for number, history in enumerate(values, 1)
        for fact in _facts(history, number if len(values) > 1 else 0)
    ]
    return Recorded(kind="history", facts=facts, run=run, width=_WIDTH)


def _facts(history: History, number: int) -> Iterator[Fact]:
    known = Known()
    above: tuple[str | int, ...] = (f"history {number}",) if number else ()
    for event in history:
        yield event_fact(event, known, (*above, event.at_us))


def instances_in(events: Iterable[HistoryEvent]) -> Iterator[tuple[str, str]]:
    """Yield the ids of instances that events tell of, and their orchestrators' names."""
    for event in events:
        match event:
            case ExecutionStarted():
                yield event.instance_id, event.name
                if event.parent is not None:
                    yield event.parent.instance_id, event.parent.name
            case SubOrchestrationInstanceCreated():
                yield event.instance_id, event.name
            case _:
                pass


def latest_us(event: HistoryEvent) -> int:
    """Return the last instant that an event tells of."""
    return max(event.at_us, event.fire_at_us) if isinstance(event, TimerCreated) else event.at_us

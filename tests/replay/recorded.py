"""Histories of fixture apps and of small ones, as `Replayer` takes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.apps import app_of
from wfsim import Simulation
from wfsim.history import ExecutionCompleted, ExecutionStarted, HistoryEvent, RuntimeStatus
from wfsim.replay import RecordedHistory, Replayer, ReplayResult, Source, Unreadable
from wfsim.trace import HistoryAppended, Trace

__all__ = ["histories_of", "played", "replayed", "started"]

Play = Callable[[Simulation, Any], object]


def histories_of(trace: Trace) -> list[RecordedHistory]:
    """Return one history for each generation of each orchestration in a trace."""
    events: dict[tuple[str, str], list[HistoryEvent]] = {}
    for record in trace:
        if isinstance(record, HistoryAppended):
            key = record.instance_id, record.execution_id
            events.setdefault(key, []).append(record.event)
    latest = dict(events.keys())
    return [
        _history(tuple(mine), is_latest=latest[instance_id] == execution_id)
        for (instance_id, execution_id), mine in events.items()
    ]


def _history(events: tuple[HistoryEvent, ...], *, is_latest: bool) -> RecordedHistory:
    begin = next(event for event in events if isinstance(event, ExecutionStarted))
    ends = [event.status for event in events if isinstance(event, ExecutionCompleted)]
    status = ends[-1] if ends else RuntimeStatus.RUNNING
    return RecordedHistory(
        source=Source(path="trace"),
        started=begin,
        events=events,
        status=status if is_latest else RuntimeStatus.CONTINUED_AS_NEW,
    )


def played(*functions: Callable[..., Any], play: Play | None = None) -> RecordedHistory:
    """Return the history of one run of the first function, as far as `play` takes it.

    Args:
        functions: An orchestrator, and what it calls.
        play: What the world does; by default, nothing but what can happen at once.
    """
    with Simulation(app_of(*functions), findings="ignore", replay="off") as sim:
        run = sim.start(functions[0].__name__, input={"order": 17}, instance_id="order-17")
        sim.run_until_idle()
        if play is not None:
            play(sim, run)
        history = histories_of(sim.trace)[0]
        sim.close(check=False)
        return history


def started(history: RecordedHistory, name: str) -> RecordedHistory:
    """Return a history as if its orchestrator had another name."""
    begin = replace(history.started, name=name)
    events = tuple(begin if event is history.started else event for event in history.events)
    return replace(history, started=begin, events=events)


def replayed(history: RecordedHistory | Unreadable, *functions: Callable[..., Any]) -> ReplayResult:
    """Replay a history against the first function, whatever its name was."""
    with Replayer(app_of(*functions)) as replayer:
        if isinstance(history, RecordedHistory):
            history = started(history, functions[0].__name__)
        return replayer.replay(history)

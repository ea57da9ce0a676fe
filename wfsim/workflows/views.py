"""Stable views of workflows: events, whole runs, checkpoints; see `wfsim.snapshot.view`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from agent_framework import WorkflowCheckpoint, WorkflowEvent

from wfsim.clock import to_us
from wfsim.snapshot.naming import Run
from wfsim.snapshot.rules import Rules
from wfsim.snapshot.view import Fact, Recorded, register
from wfsim.workflows.arranged import arranged
from wfsim.workflows.checkpoints import CheckpointStore
from wfsim.workflows.log import Checkpointed, Entry, Happened
from wfsim.workflows.recorded import Checkpoints, Events
from wfsim.workflows.run import WorkflowRun
from wfsim.workflows.source import Kind
from wfsim.workflows.spoken import Speaker
from wfsim.workflows.states import READERS, Told, checkpoint_fact

__all__ = ["checkpoints", "events", "runs"]

_WIDTH = 20
"""The longest name of an event."""

_Above = tuple[str | int, ...]


# --- events -------------------------------------------------------------------------------------


@register(Events)
def events(values: Sequence[Events], rules: Rules) -> Recorded:
    """Return the facts of runs' events; several stand one below the other."""
    facts = [
        fact
        for above, told in _numbered("events", values)
        for fact in _event_facts(told, above, rules)
    ]
    times = [entry.at_us for told in values for entry in told.told]
    return _recorded("events", facts, _span(times))


@register(WorkflowEvent)
def _loose_events(values: Sequence[WorkflowEvent[Any]], rules: Rules) -> Recorded:
    """Return the facts of events in a list that knows nothing of the time."""
    is_graph = any(event.type == "superstep_started" for event in values)
    kind: Kind = "graph" if is_graph else "functional"
    told = [
        Happened(order=place, at_us=0, leg=0, event=event) for place, event in enumerate(values)
    ]
    items = arranged(told, kind=kind, exact=rules.exact_order)
    return _recorded("events", [*Speaker(kind, is_timed=False).facts(items)])


def _event_facts(told: Events, above: _Above, rules: Rules) -> Iterator[Fact]:
    speaker = Speaker(told.kind, is_timed=True, failure=told.failure)
    items = arranged(told.told, kind=told.kind, exact=rules.exact_order)
    yield from speaker.facts(items, above)


# --- runs ---------------------------------------------------------------------------------------


@register(WorkflowRun)
def runs(values: Sequence[WorkflowRun], rules: Rules) -> Recorded:
    """Return the facts of runs: events, answers, checkpoints, and how each ended."""
    facts = [
        fact for above, run in _numbered("run", values) for fact in _run_facts(run, above, rules)
    ]
    times = [entry.at_us for run in values for entry in run.log]
    return _recorded("run", facts, _span(times))


def _run_facts(run: WorkflowRun, above: _Above, rules: Rules) -> Iterator[Fact]:
    told = run.events
    log: list[Entry] = run.log
    states = _states(run)
    speaker = Speaker(told.kind, is_timed=True, failure=run.failure, states=states)
    yield from speaker.facts(arranged(log, kind=told.kind, exact=rules.exact_order), above)
    is_told = run.failure is None or speaker.has_told_of(run.failure)
    failure = () if is_told else (("failure", run.failure),)
    end = (log[-1].at_us,) if log else ()
    yield Fact(
        headings=(*above, *end), what="ended", said=f"{run.workflow} {run.status}", details=failure
    )


def _states(run: WorkflowRun) -> dict[int, object]:
    told = Told()
    numbers = [entry.number for entry in run.log if isinstance(entry, Checkpointed)]
    return {
        number: told.state_of(saved) for number, saved in zip(numbers, run.checkpoints, strict=True)
    }


# --- checkpoints --------------------------------------------------------------------------------


@register(Checkpoints)
def checkpoints(values: Sequence[Checkpoints], rules: Rules) -> Recorded:  # noqa: ARG001 - a builder
    """Return the facts of runs' checkpoints; several stand one below the other."""
    facts = [
        fact
        for above, saved in _numbered("checkpoints", values)
        for fact in _checkpoint_facts(saved, above)
    ]
    times = [us for saved in values for us in (saved.start_us, saved.end_us)]
    return _recorded("checkpoints", facts, _span(times))


@register(WorkflowCheckpoint)
def _loose_checkpoints(values: Sequence[WorkflowCheckpoint], rules: Rules) -> Recorded:  # noqa: ARG001 - a builder
    times = [to_us(datetime.fromisoformat(item.timestamp)) for item in values]
    return _recorded("checkpoints", [*_checkpoint_facts(values, ())], _span(times))


@register(CheckpointStore)
def _stores(values: Sequence[CheckpointStore], rules: Rules) -> Recorded:
    return _loose_checkpoints([item for store in values for item in store.all], rules)


def _checkpoint_facts(saved: Sequence[WorkflowCheckpoint], above: _Above) -> Iterator[Fact]:
    told = Told()
    for checkpoint in saved:
        yield checkpoint_fact(checkpoint, told, above)


# --- all ----------------------------------------------------------------------------------------


def _numbered(name: str, values: Sequence[Any]) -> Iterator[tuple[_Above, Any]]:
    for number, value in enumerate(values, 1):
        yield ((f"{name} {number}",) if len(values) > 1 else ()), value


def _span(times: Sequence[int]) -> Run:
    return Run(start_us=min(times, default=0), end_us=max(times, default=0))


def _recorded(kind: str, facts: Sequence[Fact], run: Run | None = None) -> Recorded:
    return Recorded(kind=kind, facts=facts, run=run, width=_WIDTH, readers=READERS)

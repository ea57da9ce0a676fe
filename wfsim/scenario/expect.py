"""Holds what came out against what should have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wfsim.clock import format_duration
from wfsim.history import ExecutionStarted
from wfsim.history.jsontext import write
from wfsim.runs import OrchestrationRun
from wfsim.scenario.model import CallsModel, ExpectModel
from wfsim.scenario.values import name_and_key
from wfsim.simulation import Simulation
from wfsim.stubs import UNSET
from wfsim.trace import ActivityFinished, ActivityStarted, HistoryAppended, Trace

__all__ = ["Mismatch", "check", "check_entities"]

_ABSENT = "does not exist"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """One expectation that does not hold."""

    key: str
    wanted: str
    got: str
    instance_id: str = ""
    """Empty where it is not about a run."""


def check(
    expect: ExpectModel, run: OrchestrationRun, trace: Trace, *, begin_us: int
) -> list[Mismatch]:
    """Return what does not hold of one run."""
    if run.is_purged:
        return [
            Mismatch(
                key="status",
                wanted=expect.status or "a run",
                got="purged",
                instance_id=run.instance_id,
            )
        ]
    pairs = [*_outcome(expect, run), *_time(expect, run, begin_us), *_calls(expect, run, trace)]
    return [
        Mismatch(key=key, wanted=wanted, got=got, instance_id=run.instance_id)
        for key, wanted, got in pairs
    ]


def check_entities(expect: ExpectModel, simulation: Simulation) -> Iterator[Mismatch]:
    """Yield the entities whose state, as of the last batch, is another one."""
    for entity_id, wanted in expect.entities.items():
        entity = simulation.entity(*name_and_key(entity_id))
        is_absent_right = wanted is None and not entity.exists
        is_state_right = wanted is not None and entity.exists and entity.state == wanted
        if not is_absent_right and not is_state_right:
            yield Mismatch(
                key=f"entities.{entity_id}",
                wanted=_ABSENT if wanted is None else write(wanted),
                got=write(entity.state) if entity.exists else _ABSENT,
            )


_Pair = tuple[str, str, str]


def _outcome(expect: ExpectModel, run: OrchestrationRun) -> Iterator[_Pair]:
    if expect.status is not None and run.status != expect.status:
        yield "status", expect.status, str(run.status)
    if expect.output is not UNSET and run.output != expect.output:
        yield "output", write(expect.output), write(run.output)
    if expect.failure is not None and (run.failure is None or expect.failure not in run.failure):
        got = (run.failure or "no failure").partition(" \n ")[0]
        yield "failure", f"a text with {expect.failure!r}", got
    if expect.custom_status is not UNSET and run.custom_status != expect.custom_status:
        yield "custom_status", write(expect.custom_status), write(run.custom_status)


def _time(expect: ExpectModel, run: OrchestrationRun, begin_us: int) -> Iterator[_Pair]:
    if expect.finished_by is None:
        return
    finished_us = run.finished_us
    if finished_us is None:
        yield "finished_by", format_duration(expect.finished_by), "not finished"
    elif finished_us - begin_us > expect.finished_by:
        got = format_duration(finished_us - begin_us)
        yield "finished_by", format_duration(expect.finished_by), got


def _calls(expect: ExpectModel, run: OrchestrationRun, trace: Trace) -> Iterator[_Pair]:
    for name, wanted in expect.activity_calls.items():
        key = f"activity_calls.{name}"
        if isinstance(wanted, CallsModel):
            executions = sum(
                isinstance(item, ActivityStarted) and _is_call(item, run, name) for item in trace
            )
            if executions > wanted.executions_at_most:
                yield key, f"at most {wanted.executions_at_most} executions", str(executions)
            continue
        # One per call, however often it was delivered: a call has one number.
        completed = {
            (index_of_generation, item.task_id)
            for index_of_generation, item in _finished(trace, run, name)
            if item.failure is None
        }
        if len(completed) != wanted:
            yield key, f"{wanted} completed", f"{len(completed)} completed"


def _finished(
    trace: Trace, run: OrchestrationRun, name: str
) -> Iterator[tuple[int, ActivityFinished]]:
    """Yield the run's executions of an activity that ended, with the generation's number."""
    generation = 0
    for item in trace:
        if isinstance(item, HistoryAppended):
            is_start = isinstance(item.event, ExecutionStarted)
            generation += is_start and item.instance_id == run.instance_id
        elif isinstance(item, ActivityFinished) and _is_call(item, run, name):
            yield generation, item


def _is_call(item: ActivityStarted | ActivityFinished, run: OrchestrationRun, name: str) -> bool:
    return item.instance_id == run.instance_id and item.name.casefold() == name.casefold()

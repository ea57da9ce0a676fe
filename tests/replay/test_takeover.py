"""Verdicts against the truth: instances that new code takes over in the middle of a run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.apps import Context, Steps, app_of
from tests.replay.recorded import histories_of
from wfsim import OrchestrationRun, Simulation
from wfsim.replay import Replayer, ReplayResult

Program = list[tuple[Any, ...]]
"""What an orchestrator does, one after the other."""

_NAMES = st.sampled_from(["say", "nap"])
_STEPS = st.one_of(
    st.tuples(st.just("call"), _NAMES),
    st.tuples(st.just("timer"), st.integers(1, 3)),
    st.tuples(st.just("event"), st.sampled_from(["approved", "paid"])),
    st.tuples(st.just("all"), st.lists(_NAMES, min_size=1, max_size=3)),
    st.tuples(st.just("race"), st.integers(1, 30), st.sampled_from(["approved", "paid"])),
    st.tuples(st.just("status"), st.integers(0, 3)),
)
_EVENTS = [("2h", "approved"), ("5h", "paid"), ("40h", "approved"), ("41h", "paid")]
_PROGRAMS = st.lists(_STEPS, min_size=1, max_size=5)
_EDITS = st.tuples(
    st.sampled_from(["insert", "remove", "replace", "swap", "append"]), st.integers(0, 4), _STEPS
)


def _run(program: Program, context: Context) -> Steps:
    for step in program:
        match step:
            case ("call", name):
                yield context.call_activity(name, "x")
            case ("timer", hours):
                yield context.create_timer(context.current_utc_datetime + timedelta(hours=hours))
            case ("event", name):
                yield context.wait_for_external_event(name)
            case ("all", names):
                yield context.task_all([context.call_activity(name, "x") for name in names])
            case ("race", hours, name):
                due = context.current_utc_datetime + timedelta(hours=hours)
                timer, event = context.create_timer(due), context.wait_for_external_event(name)
                if (yield context.task_any([timer, event])) == event:
                    timer.cancel()
            case ("status", value):
                context.set_custom_status(value)
    return "done"


def _edited(program: Program, edit: tuple[str, int, tuple[Any, ...]]) -> Program:
    how, where, step = edit
    at = where % len(program)
    if how == "insert":
        return [*program[:at], step, *program[at:]]
    if how == "remove":
        return [*program[:at], *program[at + 1 :]]
    if how == "replace":
        return [*program[:at], step, *program[at + 1 :]]
    if how == "append":
        return [*program, step]
    other = (at + 1) % len(program)
    swapped = list(program)
    swapped[at], swapped[other] = swapped[other], swapped[at]
    return swapped


def _raise(run: OrchestrationRun, event: str) -> None:
    if run.status == "Running":
        run.raise_event(event, event)


def _orchestrator(code: Callable[[], Program]) -> Callable[[Context], Steps]:
    def order(context: Context) -> Steps:
        return (yield from _run(code(), context))

    return order


def _taken_over(old: Program, new: Program, hours: int) -> tuple[ReplayResult, str, str]:
    """Run old code for a while, let new code go on; return verdict, status and output."""
    code = [old]
    app = app_of(_orchestrator(lambda: code[0]))
    with Simulation(app, findings="ignore", replay="off") as sim:
        run = sim.start("order", instance_id="order-17")
        for at, event in _EVENTS:
            sim.at(at, _raise, run, event)
        sim.run_until_idle()
        sim.advance(hours=hours)
        history = histories_of(sim.trace)[0]
        code[0] = new
        sim.advance("10d")
        output = str(run.output)
        status = str(run.status)
        sim.close(check=False)
    with Replayer(app_of(_orchestrator(lambda: new))) as replayer:
        return replayer.replay(history), status, output


@given(old=_PROGRAMS, edit=_EDITS, hours=st.integers(0, 8))
@settings(max_examples=60, deadline=None)
def test_what_is_compatible_is_never_rejected_by_the_host(
    old: Program, edit: tuple[str, int, tuple[Any, ...]], hours: int
) -> None:
    """Where the verdict is good, the host itself takes the instance over without complaint."""
    result, status, output = _taken_over(old, _edited(old, edit), hours)
    is_rejected = output.startswith("Non-Deterministic workflow detected")
    if is_rejected:
        assert result.verdict == "incompatible", (result, status, output)


@given(program=_PROGRAMS, hours=st.integers(0, 8))
@settings(max_examples=40, deadline=None)
def test_unchanged_code_takes_over_everything(program: Program, hours: int) -> None:
    """At every point of every run, the code that made a history is compatible with it."""
    result, _, _ = _taken_over(program, program, hours)
    assert result.verdict == "compatible", result

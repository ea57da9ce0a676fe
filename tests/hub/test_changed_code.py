"""Code that changes while an instance runs, as the host notices it (semantics 4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.apps import Context, Steps, app_of
from wfsim import OrchestrationRun, Simulation
from wfsim.history import ExecutionCompleted

PREFIX = (
    "Non-Deterministic workflow detected: A previous execution of this orchestration scheduled "
)
TAIL = "Was a change made to the orchestrator code after this instance had already started running?"

Code = Callable[[Context], Steps]


def upgraded(old: Code, new: Code) -> tuple[OrchestrationRun, list[str]]:
    """Run `old` until it waits, then `new` with an event; return the run and its activities."""
    current = [old]
    done: list[str] = []

    def changing(context: Context) -> Steps:
        return (yield from current[0](context))

    def a(value: object) -> None:
        done.append("a")

    def b(value: object) -> None:
        done.append("b")

    with Simulation(app_of(changing, other, a, b), replay="off", findings="ignore") as sim:
        run = sim.start("changing", instance_id="r")
        sim.run_until_idle()
        current[0] = new
        run.raise_event("go")
        sim.run_until_idle()
        return run, done


def other(context: Context) -> Steps:
    return (yield context.wait_for_external_event("go"))


def calls_a(context: Context) -> Steps:
    yield context.call_activity("a", 1)
    yield context.wait_for_external_event("go")


def calls_b(context: Context) -> Steps:
    yield context.call_activity("b", 1)
    yield context.wait_for_external_event("go")


def calls_child(context: Context) -> Steps:
    yield context.call_sub_orchestrator("other", None, "kid")


def calls_other_child(context: Context) -> Steps:
    yield context.call_sub_orchestrator("changing", None, "kid")


def sets_timer(context: Context) -> Steps:
    yield context.task_any(
        [
            context.create_timer(context.current_utc_datetime + timedelta(hours=1)),
            context.wait_for_external_event("go"),
        ]
    )


def waits(context: Context) -> Steps:
    yield context.wait_for_external_event("other")


def test_an_activity_that_was_renamed_is_rejected_and_still_dispatched() -> None:
    """The wrong activity is really scheduled in the episode that fails."""
    run, done = upgraded(calls_a, calls_b)
    assert run.history.short == "OS ES TS0 OC · OS TC0 OC · OS EVR TS0 EC1 OC"
    assert run.failure == (
        f"{PREFIX}an activity task with sequence number 0 named 'a', but the current orchestration "
        f"replay instead scheduled an activity task named 'b' with this sequence number.  {TAIL}"
    )
    assert done == ["a", "b"]


def test_a_parent_learns_of_it_without_prefix_and_with_details() -> None:
    """The text stands alone; the details say that the exception was unhandled."""
    run, _ = upgraded(calls_a, calls_b)
    end = run.history[-2]
    assert isinstance(end, ExecutionCompleted)
    assert str(end.details).startswith(
        f"Unhandled exception while executing orchestration: {PREFIX}an activity"
    )


CHILD = (
    "a sub-orchestration task with sequence ID 0 and name 'other' (version '', instance ID 'kid'), "
)
KIND = "instead produced a"


TEXTS = {
    (calls_a, waits): "an activity task with sequence ID 0 and name 'a' (version ''), but the "
    "current replay execution hasn't (yet?) scheduled this task.",
    (calls_a, sets_timer): "an activity task with sequence number 0 named 'a', but the current "
    f"orchestration replay {KIND} CreateTimerOrchestratorAction action with this sequence number.",
    (calls_a, calls_child): "an activity task with sequence number 0 named 'a', but the current "
    f"orchestration replay {KIND} CreateSubOrchestrationAction action with this sequence number.",
    (sets_timer, waits): "a timer task with sequence number 0 but the current replay execution "
    "hasn't (yet?) scheduled this task.",
    (sets_timer, calls_a): "a timer task with sequence number 0 named but the current "
    f"orchestration replay {KIND} ScheduleTaskOrchestratorAction action with this sequence number.",
    (calls_child, waits): f"{CHILD}but the current replay execution hasn't (yet?) scheduled this "
    "task.",
    (calls_child, calls_a): f"{CHILD}but the current orchestration replay {KIND} "
    "ScheduleTaskOrchestratorAction action at this sequence number.",
    (calls_child, calls_other_child): f"{CHILD}but the current orchestration replay instead "
    "scheduled a sub-orchestration task with name changing at this sequence number.",
}


@pytest.mark.parametrize(
    ("codes", "text"), TEXTS.items(), ids=[f"{old.__name__}-{new.__name__}" for old, new in TEXTS]
)
def test_each_change_has_the_hosts_own_text(codes: tuple[Code, Code], text: str) -> None:
    """Kind, number and name are compared, and the text says which of them differs."""
    run, _ = upgraded(*codes)
    assert run.failure == f"{PREFIX}{text} {TAIL}"
    assert run.status == "Failed"


def other_case(context: Context) -> Steps:
    yield context.call_activity("A", 1)
    yield context.wait_for_external_event("go")


def other_input(context: Context) -> Steps:
    yield context.call_activity("a", 2)
    yield context.wait_for_external_event("go")


def more_at_the_end(context: Context) -> Steps:
    yield from calls_a(context)
    yield context.call_activity("b", 1)


def other_wait(context: Context) -> Steps:
    yield context.call_activity("a", 1)
    return "no wait any more"


@pytest.mark.parametrize("new", [other_case, other_input, more_at_the_end, other_wait])
def test_what_the_host_misses(new: Code) -> None:
    """Case, inputs, waits, and what comes after the last recorded decision are not compared."""
    run, _ = upgraded(calls_a, new)
    assert run.status == "Completed"


def test_a_code_change_replaces_a_failure_of_the_users_own() -> None:
    """The host's complaint hides what the new code raised."""

    def raising(context: Context) -> Steps:
        raise ValueError("mine")
        yield

    run, _ = upgraded(calls_a, raising)
    assert "hasn't (yet?) scheduled this task" in str(run.failure)
    assert "mine" not in str(run.failure)

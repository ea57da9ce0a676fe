"""Retries: the host makes the timers, one for every failure (semantics 2.5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import azure.durable_functions as df
import pytest

from tests.apps import Context, Steps, app_of
from wfsim import Answer, OrchestrationFailed, OrchestrationRun, Simulation
from wfsim.history import TimerCreated


def options(attempts: int) -> Any:
    return df.RetryOptions(5_000, attempts)


def retrying(context: Context) -> Steps:
    attempts = context.get_input()
    return (yield context.call_activity_with_retry("say", options(attempts), "hello"))


def waits(run: OrchestrationRun) -> list[timedelta]:
    """Return how long each timer of a run was."""
    return [
        timedelta(microseconds=event.fire_at_us - event.at_us)
        for event in run.history
        if isinstance(event, TimerCreated)
    ]


def test_retry_with_two_failing_attempts_makes_two_timers() -> None:
    """The last failure has a timer too, of no length, and only then the code sees the failure."""
    with Simulation(app_of(retrying)) as sim:
        stub = sim.stub_activity("say", raises=ValueError("no"))
        run = sim.start("retrying", input=2)
        with pytest.raises(OrchestrationFailed, match="Activity function 'say' failed:  Value"):
            run.result()
        assert run.history.short == (
            "OS ES TS0 OC · OS TF0 TMC1 OC · OS TMF1 TS2 OC · OS TF2 TMC3 OC · OS TMF3 EC4 OC"
        )
        assert waits(run) == [timedelta(seconds=5), timedelta(0)]
        assert stub.calls == ["hello", "hello"]


def test_retry_of_one_attempt_still_makes_a_timer() -> None:
    """With a single attempt the timer of no length is the only one."""
    with Simulation(app_of(retrying)) as sim:
        sim.stub_activity("say", raises=ValueError("no"))
        run = sim.start("retrying", input=1)
        sim.run_until_idle()
        assert run.history.short == "OS ES TS0 OC · OS TF0 TMC1 OC · OS TMF1 EC2 OC"
        assert (run.status, waits(run)) == ("Failed", [timedelta(0)])


def test_retry_that_recovers_makes_one_timer_per_failure() -> None:
    """After success there is no timer any more, and the code gets the good result."""
    with Simulation(app_of(retrying)) as sim:
        sim.stub_activity(
            "say",
            answers=[
                Answer(raises=ValueError("a")),
                Answer(raises=ValueError("b")),
                Answer(returns=7),
            ],
        )
        run = sim.start("retrying", input=3)
        assert run.result() == 7
        assert run.history.short == (
            "OS ES TS0 OC · OS TF0 TMC1 OC · OS TMF1 TS2 OC · OS TF2 TMC3 OC · "
            "OS TMF3 TS4 OC · OS TC4 EC5 OC"
        )
        assert waits(run) == [timedelta(seconds=5)] * 2


def test_retry_waits_from_the_episode_that_saw_the_failure() -> None:
    """The interval counts from the episode's clock, not from the schedule of the attempt."""
    with Simulation(app_of(retrying)) as sim:
        sim.stub_activity(
            "say", answers=[Answer(raises=ValueError("a"), takes="2m"), Answer(returns=1)]
        )
        run = sim.start("retrying", input=2)
        run.result()
        assert run.finished_at is not None
        assert run.finished_at - run.created_at == timedelta(minutes=2, seconds=5)


def test_the_failure_after_all_attempts_is_that_of_the_last_one() -> None:
    """Earlier failures leave no trace in the text."""
    with Simulation(app_of(retrying)) as sim:
        sim.stub_activity(
            "say", answers=[Answer(raises=ValueError("first")), Answer(raises=KeyError("last"))]
        )
        run = sim.start("retrying", input=2)
        sim.advance("1m")
        assert run.failure is not None
        assert run.failure.startswith(
            "Orchestrator function 'retrying' failed: "
            "Activity function 'say' failed:  KeyError: 'last' \n {"
        )


def test_three_failing_attempts_caught_then_one_activity() -> None:
    """Numbers stay aligned between SDK and host after a caught retry."""

    def caught(context: Context) -> Steps:
        try:
            yield context.call_activity_with_retry("boom", options(3), 1)
        except Exception:
            return (yield context.call_activity("say", "anyway"))

    with Simulation(app_of(caught)) as sim:
        run = sim.start("caught")
        assert run.result() == "anyway"
        assert run.history.short == (
            "OS ES TS0 OC · OS TF0 TMC1 OC · OS TMF1 TS2 OC · OS TF2 TMC3 OC · "
            "OS TMF3 TS4 OC · OS TF4 TMC5 OC · OS TMF5 TS6 OC · OS TC6 EC7 OC"
        )


def test_retries_side_by_side_keep_their_numbers() -> None:
    """Two retries in one task_all interleave numbers as failures and timers happen."""

    def both(context: Context) -> Steps:
        tasks = [context.call_activity_with_retry("say", options(2), n) for n in range(2)]
        return (yield context.task_all(tasks))

    with Simulation(app_of(both)) as sim:
        fail, work = Answer(raises=ValueError("x")), Answer(returns=1)
        sim.stub_activity("say", answers=[fail, fail, work])
        run = sim.start("both")
        assert run.result() == [1, 1]
        assert run.history.short == (
            "OS ES TS0 TS1 OC · OS TF0 TF1 TMC2 TMC3 OC · OS TMF2 TMF3 TS4 TS5 OC · "
            "OS TC4 TC5 EC6 OC"
        )


def child(context: Context) -> Steps:
    return (yield context.call_activity("say", context.instance_id))


def parent(context: Context) -> Steps:
    retry, child_id = options(2), context.get_input()
    return (yield context.call_sub_orchestrator_with_retry("child", retry, None, child_id))


def test_retry_of_a_sub_orchestration_reuses_an_explicit_id() -> None:
    """Both attempts run under the id that the code gave."""
    with Simulation(app_of(parent, child)) as sim:
        sim.stub_activity("say", answers=[Answer(raises=ValueError("x")), Answer(returns="ok")])
        run = sim.start("parent", input="kid")
        assert run.result() == "ok"
        assert run.history.short == (
            "OS ES SOC0 OC · OS SOF0 TMC1 OC · OS TMF1 SOC2 OC · OS SOD2 EC3 OC"
        )
        assert [item.instance_id for item in run.children] == ["kid"]
        assert sim.run("kid").history.short == "OS ES TS0 OC · OS TC0 EC1 OC"


def test_retry_of_a_sub_orchestration_without_id_makes_one_per_attempt() -> None:
    """Each attempt is an instance of its own, named after execution and event number."""
    with Simulation(app_of(parent, child)) as sim:
        sim.stub_activity("say", answers=[Answer(raises=ValueError("x")), Answer(returns="ok")])
        run = sim.start("parent")
        run.result()
        first, second = (item.instance_id.split(":") for item in run.children)
        assert first[0] == second[0]
        assert (first[1], second[1]) == ("0", "2")
        assert [item.status for item in run.children] == ["Failed", "Completed"]


def test_zero_attempts_hang() -> None:
    """The host's loop never runs and completes, while the SDK waits for a first attempt."""
    with Simulation(app_of(retrying), findings="ignore") as sim:
        run = sim.start("retrying", input=0)
        sim.advance("30d")
        assert run.history.short == "OS ES OC"
        assert run.status == "Running"


def test_cancelled_timer_beside_a_pending_retry_shifts_the_numbers() -> None:
    """The host leaves the task_any early on replay, so what followed takes the retry's number."""

    def drifting(context: Context) -> Steps:
        attempt = context.call_activity_with_retry("say", options(2), 1)
        timer = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
        event = context.wait_for_external_event("go")
        yield context.task_any([attempt, timer, event])
        timer.cancel()
        yield context.call_activity("say", "after")
        return (yield attempt)

    with Simulation(app_of(drifting), findings="ignore") as sim:
        sim.stub_activity("say", raises=ValueError("x"), takes="2s")
        run = sim.start("drifting")
        sim.at("4s", run.raise_event, "go")
        sim.advance("5s")
        assert run.failure == (
            "Non-Deterministic workflow detected: A previous execution of this orchestration "
            "scheduled a timer task with sequence number 2 named but the current orchestration "
            "replay instead produced a ScheduleTaskOrchestratorAction action with this sequence "
            "number. Was a change made to the orchestrator code after this instance had already "
            "started running?"
        )
        assert run.history.short == "OS ES TS0 TMC1 OC · OS TF0 TMC2 OC · OS EVR TS2 TMC3 EC4 OC"

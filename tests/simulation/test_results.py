"""result(): moving time until a run ends, and how it may not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from wfsim import (
    OrchestrationFailed,
    OrchestrationTimeout,
    Simulation,
    StuckError,
    UsageError,
    WorkflowError,
)

HOUR = timedelta(hours=1)


def test_result_jumps_from_timer_to_timer(simulation: Simulation) -> None:
    """Result moves time exactly as far as the run needs."""
    begin = simulation.now
    run = simulation.start("nap", input=30 * 24)
    assert run.result() == "2000-01-31T00:00:00+00:00"
    assert simulation.now - begin == 720 * HOUR


def test_result_of_a_finished_run_moves_nothing(simulation: Simulation) -> None:
    """Asked again, result is the output, at the same instant."""
    run = simulation.start("nap", input=1)
    simulation.start("nap", input=2)
    value = run.result()
    before = simulation.now
    assert run.result() == value
    assert simulation.now == before


def test_result_lets_the_rest_of_the_world_go_on(simulation: Simulation) -> None:
    """Whatever else is due on the way happens at its own time."""
    other = simulation.start("nap", input=1)
    simulation.start("nap", input=2).result()
    assert other.status == "Completed"


def test_result_gives_up_at_the_timeout(simulation: Simulation) -> None:
    """OrchestrationTimeout says what the run waits for; time stands at the timeout."""
    begin = simulation.now
    run = simulation.start("nap", input=5, instance_id="n")
    with pytest.raises(
        OrchestrationTimeout, match=r"^nap 'n' is Running after 2h of virtual time: it waits for"
    ):
        run.result(timeout="2h")
    assert simulation.now - begin == 2 * HOUR
    assert run.result(timeout=3 * HOUR) == "2000-01-01T05:00:00+00:00"


def test_a_timeout_of_nothing_takes_this_instant(simulation: Simulation) -> None:
    """With timeout "0" only what can happen now happens."""
    assert simulation.start("echo", input=1).result(timeout="0") == 1
    with pytest.raises(OrchestrationTimeout):
        simulation.start("nap", input=1).result(timeout="0")


@pytest.mark.parametrize("timeout", ["-1h", "5"])
def test_a_wrong_timeout_is_refused(simulation: Simulation, timeout: str) -> None:
    """A timeout is a length of time that is not negative."""
    with pytest.raises(UsageError, match="timeout is"):
        simulation.start("echo").result(timeout=timeout)


def test_a_run_that_nobody_can_wake_is_stuck(simulation: Simulation) -> None:
    """StuckError comes at once, without moving time to the timeout, and names the event."""
    begin = simulation.now
    run = simulation.start("wait", instance_id="w")
    with pytest.raises(StuckError, match=r"^wait 'w' is Running .* waits for events 'go'"):
        run.result(timeout="9d")
    assert simulation.now == begin


def test_a_suspended_run_is_stuck(simulation: Simulation) -> None:
    """A run that stays suspended cannot end by itself."""
    run = simulation.start("wait")
    simulation.run_until_idle()
    run.suspend()
    with pytest.raises(StuckError, match="is Suspended"):
        run.result()


def test_a_failed_run_raises_with_the_original_error(simulation: Simulation) -> None:
    """OrchestrationFailed chains the very exception that the activity raised."""
    original = ConnectionError("bank is down")
    simulation.stub_activity("work", raises=original)
    run = simulation.start("call_once", input=1, instance_id="c")
    with pytest.raises(
        OrchestrationFailed, match=r"^call_once 'c' ended as Failed: .*ConnectionError: bank is d"
    ) as caught:
        run.result()
    assert caught.value.__cause__ is original
    assert (caught.value.instance_id, caught.value.status) == ("c", "Failed")
    assert caught.value.output == run.output
    assert isinstance(caught.value, WorkflowError)


def test_an_orchestrators_own_error_is_chained(simulation: Simulation) -> None:
    """What the orchestrator itself raised is the cause."""
    with pytest.raises(OrchestrationFailed) as caught:
        simulation.start("boom").result()
    assert isinstance(caught.value.__cause__, LookupError)
    assert str(caught.value.__cause__) == "nothing there"


def test_the_error_of_a_grandchild_is_chained(simulation: Simulation) -> None:
    """Through two parents the cause is still the exception at the bottom."""
    original = ConnectionError("bank is down")
    simulation.stub_activity("work", raises=original)
    deep = [["parent", [["call_once", 1]]]]
    with pytest.raises(OrchestrationFailed) as caught:
        simulation.start("parent", input=deep).result()
    assert caught.value.__cause__ is original


def test_a_terminated_run_raises_with_the_reason(simulation: Simulation) -> None:
    """Termination is no result; the reason is in the message, and nothing is chained."""
    run = simulation.start("wait")
    simulation.at("1h", run.terminate, "budget is cut")
    with pytest.raises(OrchestrationFailed, match=r"ended as Terminated: budget is cut$") as caught:
        run.result()
    assert caught.value.__cause__ is None

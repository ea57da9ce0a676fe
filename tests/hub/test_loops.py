"""Apps that never become idle are stopped and told why; busy ones that end are not."""

from __future__ import annotations

import pytest

from tests.apps import Context, Steps, app_of
from wfsim import LivelockError, Simulation


def rearming(context: Context) -> Steps:
    while True:
        yield context.create_timer(context.current_utc_datetime)


def busy(context: Context) -> Steps:
    for number in range(context.get_input()):
        yield context.call_activity("say", number)


def wordy(context: Context) -> Steps:
    for number in range(context.get_input()):
        yield context.call_activity("say", {"text": "the same words " * 20, "number": number})


def test_a_timer_that_is_set_again_without_delay_is_stopped() -> None:
    """The text names the instance, the instant and the step that repeats."""
    with Simulation(app_of(rearming), replay="off") as sim:
        sim.start("rearming", instance_id="spin")
        with pytest.raises(LivelockError) as caught:
            sim.run_until_idle()
        assert "rearming 'spin' never becomes idle" in str(caught.value)
        assert "set a timer of 0s" in str(caught.value)


@pytest.mark.slow
def test_many_different_steps_at_one_instant_are_fine() -> None:
    """A long chain of activities is no loop."""
    with Simulation(app_of(busy), replay="off") as sim:
        run = sim.start("busy", input=200)
        sim.run_until_idle()
        assert run.status == "Completed"


def test_steps_that_differ_only_late_in_their_input_are_fine() -> None:
    """Whole inputs are compared, not what messages show of them."""
    with Simulation(app_of(wordy), replay="off") as sim:
        run = sim.start("wordy", input=60)
        sim.run_until_idle()
        assert run.status == "Completed"


def test_the_number_of_steps_is_settable() -> None:
    """With `max_steps` below what an app needs it is stopped, and the text says how to go on."""
    with Simulation(app_of(busy), replay="off", max_steps=50) as sim:
        sim.start("busy", input=200)
        with pytest.raises(LivelockError, match="max_steps"):
            sim.run_until_idle()


def test_other_instances_are_not_called_stuck_after_a_loop_was_stopped() -> None:
    """The end of the simulation blames nobody for work that was cut off."""
    with Simulation(app_of(rearming, busy), replay="off") as sim:
        sim.start("rearming")
        sim.start("busy", input=3)
        with pytest.raises(LivelockError):
            sim.run_until_idle()
    assert [finding.code for finding in sim.findings] == ["WF109"]

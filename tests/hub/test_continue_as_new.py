"""Continue-as-new: what ends, what is carried over, what is lost (semantics 2.11)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.apps import Context, Steps, app_of
from wfsim import LivelockError, OrchestrationFailed, Simulation
from wfsim.history import ExecutionStarted
from wfsim.trace import HistoryAppended


def counter(context: Context) -> Steps:
    number = context.get_input()
    yield context.call_activity("say", number)
    if number < 2:
        context.continue_as_new(number + 1)
        return None
    return number


def test_the_first_episode_of_a_new_generation_has_an_extra_orchestrator_completed() -> None:
    """The new history is written before the code runs, so its decisions come after an OC."""
    with Simulation(app_of(counter)) as sim:
        run = sim.start("counter", input=0)
        assert run.result() == 2
        assert run.history.short == "OS ES OC TS0 OC · OS TC0 EC1 OC"
        assert run.input == 2


def test_each_generation_has_an_execution_id_of_its_own() -> None:
    """Instance id and name stay, execution id and input change."""
    with Simulation(app_of(counter)) as sim:
        run = sim.start("counter", input=1, instance_id="c")
        sim.run_until_idle()
        starts = {
            record.event.execution_id: record.event.input
            for record in sim.trace
            if isinstance(record, HistoryAppended) and isinstance(record.event, ExecutionStarted)
        }
        assert list(starts.values()) == ['"1"', '"2"']
        assert run.instance_id == "c"


def drain(context: Context) -> Steps:
    """Take one event per generation, after a nap."""
    seen = context.get_input()
    yield context.call_activity("nap", 10)
    seen.append((yield context.wait_for_external_event("go")))
    if len(seen) < 2:
        context.continue_as_new(seen)
        return None
    return seen


def test_events_buffered_before_continue_as_new_are_lost() -> None:
    """Of two early events one resolves the wait, and the other goes with the old generation."""
    with Simulation(app_of(drain), findings="ignore") as sim:
        run = sim.start("drain", input=[])
        sim.at("1s", run.raise_event, "go", 1)
        sim.at("2s", run.raise_event, "go", 2)
        sim.advance("1h")
        assert run.status == "Running"
        assert run.input == [2]
        assert run.history.short == "OS ES OC TS0 OC · OS TC0 OC"


def test_an_event_of_the_next_generation_is_its_own() -> None:
    """One event per generation loses nothing."""
    with Simulation(app_of(drain)) as sim:
        run = sim.start("drain", input=[])
        sim.at("1s", run.raise_event, "go", 1)
        sim.at("11s", run.raise_event, "go", 2)
        assert run.result() == [1, 2]
        assert run.history.short == "OS ES OC TS0 OC · OS EVR OC · OS TC0 EC1 OC"


def test_events_after_continue_as_new_in_the_same_episode_are_carried_over() -> None:
    """The second event of the batch arrives when the action has been invoked already."""

    def both(context: Context) -> Steps:
        seen = context.get_input()
        seen.append((yield context.wait_for_external_event("go")))
        if len(seen) < 2:
            context.continue_as_new(seen)
            return None
        return seen

    with Simulation(app_of(both)) as sim:
        run = sim.start("both", input=[])
        sim.run_until_idle()
        run.raise_event("go", 1)
        run.raise_event("go", 2)
        sim.run_until_idle()
        assert run.history.short == "OS ES EVR OC EC0 OC"
        assert run.output == [1, 2]


def blocked(context: Context) -> Steps:
    """Continue as new while a timer is still open."""
    if context.get_input() == "second":
        return (yield context.wait_for_external_event("later"))
    timer = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    yield context.task_any([timer, context.wait_for_external_event("go")])
    context.continue_as_new("second")
    return None


def test_continue_as_new_waits_for_an_open_timer_and_carries_events_meanwhile() -> None:
    """The generation ends when the timer fires; events after the call are kept for the next."""
    with Simulation(app_of(blocked), findings="ignore") as sim:
        run = sim.start("blocked")
        sim.at("1m", run.raise_event, "go")
        sim.at("2m", run.raise_event, "later", "carried")
        sim.advance("30m")
        assert run.history.short == "OS ES TMC0 OC · OS EVR OC · OS EVR OC"
        assert run.input is None
        sim.advance("30m")
        assert run.history.short == "OS ES EVR OC EC0 OC"
        assert run.output == "carried"


def monitor(context: Context) -> Steps:
    if context.get_input() == "second":
        yield context.create_timer(context.current_utc_datetime + timedelta(hours=1))
        return "done"
    timer = context.create_timer(context.current_utc_datetime + timedelta(seconds=30))
    yield context.task_any([timer, context.wait_for_external_event("go")])
    timer.cancel()
    context.continue_as_new("second")
    return None


def test_a_late_timer_of_the_old_generation_is_dropped() -> None:
    """A message that carries the old execution id reaches nobody."""
    with Simulation(app_of(monitor), findings="ignore") as sim:
        run = sim.start("monitor")
        sim.at("1s", run.raise_event, "go")
        assert run.result() == "done"
        assert run.history.short.endswith("TMC0 OC · OS TMF0 EC1 OC")


def test_an_event_that_beat_a_cancelled_timer_is_carried_over_as_well() -> None:
    """The cancelled timer frees the host's task_any at once, so the event finds the end decided."""
    with Simulation(app_of(monitor), findings="ignore") as sim:
        run = sim.start("monitor")
        sim.at("1s", run.raise_event, "go")
        sim.advance("1m")
        assert run.history.short == "OS ES EVR OC TMC0 OC"


def test_a_failure_after_continue_as_new_wins() -> None:
    """The reply holds both, and the host fails the instance."""

    def torn(context: Context) -> Steps:
        yield context.call_activity("say", 1)
        context.continue_as_new(2)
        raise ValueError("torn")

    with Simulation(app_of(torn)) as sim:
        run = sim.start("torn")
        with pytest.raises(OrchestrationFailed, match="torn"):
            run.result()
        assert run.history.short == "OS ES TS0 OC · OS TC0 EC1 OC"


def test_terminate_beats_continue_as_new() -> None:
    """When both fall into one episode, the instance is terminated."""

    def loop(context: Context) -> Steps:
        yield context.wait_for_external_event("go")
        context.continue_as_new(None)

    with Simulation(app_of(loop)) as sim:
        run = sim.start("loop")
        sim.run_until_idle()
        run.raise_event("go")
        run.terminate("enough")
        sim.run_until_idle()
        assert (run.status, run.output) == ("Terminated", "enough")


def test_custom_status_outlives_its_generation_by_one_episode() -> None:
    """The old text shows until the second episode of a generation that sets none."""

    def announced(context: Context) -> Steps:
        if context.get_input() is None:
            context.set_custom_status("first generation")
        yield context.call_activity("nap", 10)
        if context.get_input() is None:
            context.continue_as_new("again")
            return
        yield context.call_activity("nap", 10)

    with Simulation(app_of(announced)) as sim:
        run = sim.start("announced")
        sim.run_until_idle()
        assert run.custom_status == "first generation"
        sim.advance("11s")
        assert run.input == "again"
        assert run.custom_status == "first generation"
        sim.advance("10s")
        assert run.status == "Running"
        assert run.custom_status is None


def test_continue_as_new_without_a_step_never_becomes_idle() -> None:
    """A loop that continues at once is stopped with an explanation."""

    def spinning(context: Context) -> Steps:
        context.continue_as_new(context.get_input())
        return
        yield

    with Simulation(app_of(spinning), max_steps=100) as sim:
        sim.start("spinning", input=1)
        with pytest.raises(LivelockError, match=r"never becomes idle.*ContinuedAsNew\(1\)"):
            sim.run_until_idle()

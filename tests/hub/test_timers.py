"""Timers: long ones, losers, cancellation (semantics 2.9, 2.10)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.apps import Context, Steps, app_of
from wfsim import OrchestrationFailed, Simulation, WfsimWarning
from wfsim.history import TimerCreated


def sleeper(context: Context) -> Steps:
    length = timedelta(**context.get_input())
    yield context.create_timer(context.current_utc_datetime + length)
    return str(context.current_utc_datetime)


def test_a_14_day_timer_is_made_of_segments_at_3_6_9_and_14_days() -> None:
    """The SDK splits what is longer than six days into jumps of three."""
    with Simulation(app_of(sleeper)) as sim:
        run = sim.start("sleeper", input={"days": 14})
        assert run.result(timeout="20d") == "2000-01-15 00:00:00+00:00"
        assert run.history.short == (
            "OS ES TMC0 OC · OS TMF0 TMC1 OC · OS TMF1 TMC2 OC · OS TMF2 TMC3 OC · OS TMF3 EC4 OC"
        )
        started_us = run.history[0].at_us
        ends = [
            timedelta(microseconds=event.fire_at_us - started_us).days
            for event in run.history
            if isinstance(event, TimerCreated)
        ]
        assert ends == [3, 6, 9, 14]


@pytest.mark.parametrize(("length", "timers"), [({"days": 6}, 1), ({"days": 6, "seconds": 1}, 2)])
def test_six_days_are_the_longest_timer_in_one_piece(length: dict[str, int], timers: int) -> None:
    """A timer of exactly six days is not split, one second more is."""
    with Simulation(app_of(sleeper)) as sim:
        run = sim.start("sleeper", input=length)
        run.result(timeout="20d")
        assert run.history.short.count("TMC") == timers


def test_a_timer_in_the_past_fires_at_once() -> None:
    """No time passes for a deadline that has gone by."""
    with Simulation(app_of(sleeper)) as sim:
        run = sim.start("sleeper", input={"days": -3})
        sim.run_until_idle()
        assert run.history.short == "OS ES TMC0 OC · OS TMF0 EC1 OC"
        assert run.output == "2000-01-01 00:00:00+00:00"


def test_a_timer_fires_in_an_episode_not_earlier_than_its_time() -> None:
    """The clock of the episode that brings TimerFired has reached the deadline."""
    with Simulation(app_of(sleeper)) as sim:
        run = sim.start("sleeper", input={"seconds": 90})
        sim.advance("89s")
        assert run.history.short == "OS ES TMC0 OC"
        sim.advance("10m")
        assert run.output == "2000-01-01 00:01:30+00:00"


def race(context: Context) -> Steps:
    event = context.wait_for_external_event("go")
    timer = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    winner = yield context.task_any([event, timer])
    if winner is event and context.get_input() == "cancel":
        timer.cancel()
    return "event" if winner is event else "timer"


def test_an_uncancelled_loser_timer_keeps_the_instance_running_until_it_fires() -> None:
    """The orchestrator has returned, but the host waits for the open timer."""
    sim = Simulation(app_of(race))
    run = sim.start("race")
    sim.at("10m", run.raise_event, "go", 1)
    sim.advance("30m")
    assert run.history.short == "OS ES TMC0 OC · OS EVR OC"
    assert run.status == "Running"
    sim.advance("30m")
    assert run.history.short == "OS ES TMC0 OC · OS EVR OC · OS TMF0 EC1 OC"
    assert run.output == "event"
    with pytest.warns(WfsimWarning, match="WF103"):
        sim.close()


def test_cancelling_a_long_timer_is_in_vain_and_the_finding_says_so() -> None:
    """The SDK's pieces of a timer of more than 6 days stay open whatever `cancel` says."""

    def patient(context: Context) -> Steps:
        event = context.wait_for_external_event("go")
        timer = context.create_timer(context.current_utc_datetime + timedelta(days=30))
        yield context.task_any([event, timer])
        timer.cancel()
        return "event"

    with Simulation(app_of(patient), findings="ignore") as sim:
        run = sim.start("patient")
        sim.at("10m", run.raise_event, "go", 1)
        sim.advance("1h")
        assert run.status == "Running"
        (finding,) = sim.findings
        assert finding.code == "WF103"
        assert "cancelling does not reach the pieces" in finding.way_out


def test_a_cancelled_loser_timer_does_not() -> None:
    """A cancelled timer leaves no event; its message would find the instance ended."""
    with Simulation(app_of(race)) as sim:
        run = sim.start("race", input="cancel")
        sim.at("10m", run.raise_event, "go", 1)
        sim.advance("30m")
        assert run.history.short == "OS ES TMC0 OC · OS EVR EC1 OC"
        assert run.output == "event"
        sim.advance("2h")
        assert run.history.short == "OS ES TMC0 OC · OS EVR EC1 OC"


def test_a_failed_orchestrator_with_an_open_timer_stays_running_too() -> None:
    """Failure waits for open timers as completion does."""

    def failing(context: Context) -> Steps:
        timer = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
        yield context.task_any([timer, context.call_activity("say", 1)])
        raise ValueError("too bad")

    with Simulation(app_of(failing), findings="ignore") as sim:
        run = sim.start("failing")
        sim.run_until_idle()
        assert (run.history.short, run.status) == ("OS ES TMC0 TS1 OC · OS TC1 OC", "Running")
        with pytest.raises(OrchestrationFailed, match="too bad"):
            run.result()
        assert run.history.short == "OS ES TMC0 TS1 OC · OS TC1 OC · OS TMF0 EC2 OC"


def test_a_timer_made_and_cancelled_in_one_episode_is_still_created() -> None:
    """TimerCreated is written, and the instance does not wait for it."""

    def never_mind(context: Context) -> Steps:
        timer = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
        early = context.wait_for_external_event("go")
        yield context.task_any([timer, early])
        timer.cancel()
        return "early"

    with Simulation(app_of(never_mind)) as sim:
        run = sim.start("never_mind")
        run.raise_event("go")
        sim.run_until_idle()
        assert run.history.short == "OS ES EVR TMC0 EC1 OC"


def test_cancelling_a_long_timer_does_not_free_the_instance() -> None:
    """The SDK flags the timer, not its segment, so the host waits for the segment."""

    def patient(context: Context) -> Steps:
        event = context.wait_for_external_event("go")
        timer = context.create_timer(context.current_utc_datetime + timedelta(days=10))
        yield context.task_any([event, timer])
        timer.cancel()
        return "event"

    with Simulation(app_of(patient), findings="ignore") as sim:
        run = sim.start("patient")
        sim.at("1h", run.raise_event, "go")
        sim.advance("1d")
        assert run.status == "Running"
        sim.advance("2d")
        assert (run.status, run.output) == ("Completed", "event")
        assert run.history.short == "OS ES TMC0 OC · OS EVR OC · OS TMF0 EC1 OC"


def test_an_event_during_the_second_segment_is_acted_upon_when_that_segment_fires() -> None:
    """The host has left the task_any and awaits the segment; the code runs ahead."""

    def patient(context: Context) -> Steps:
        event = context.wait_for_external_event("go")
        timer = context.create_timer(context.current_utc_datetime + timedelta(days=14))
        winner = yield context.task_any([event, timer])
        return (yield context.call_activity("say", "event" if winner is event else "timer"))

    with Simulation(app_of(patient), findings="ignore") as sim:
        run = sim.start("patient")
        sim.at("4d", run.raise_event, "go")
        sim.advance("5d")
        assert run.history.short == "OS ES TMC0 OC · OS TMF0 TMC1 OC · OS EVR OC"
        sim.advance("1d")
        assert run.history.short.endswith("OS EVR OC · OS TMF1 TS2 OC · OS TC2 TMC3 OC")
        assert run.result() == "event"
        assert run.finished_at is not None
        assert run.finished_at - run.created_at == timedelta(days=9)


def _naive(when: datetime) -> Any:
    return when.replace(tzinfo=None)


def test_a_naive_deadline_fails_the_orchestrator() -> None:
    """The SDK compares it with an aware time, which Python refuses."""

    def naive(context: Context) -> Steps:
        yield context.create_timer(_naive(context.current_utc_datetime) + timedelta(hours=1))

    with Simulation(app_of(naive)) as sim:
        run = sim.start("naive")
        sim.run_until_idle()
        assert run.status == "Failed"
        assert "can't compare offset-naive and offset-aware datetimes" in str(run.failure)


def test_a_deadline_with_an_offset_is_sent_with_its_local_wall_clock() -> None:
    """The SDK writes Z behind whatever the wall clock of the given zone shows."""

    def offset(context: Context) -> Steps:
        from datetime import timezone

        zone = timezone(timedelta(hours=5))
        yield context.create_timer(
            (context.current_utc_datetime + timedelta(hours=1)).astimezone(zone)
        )

    with Simulation(app_of(offset)) as sim:
        run = sim.start("offset")
        run.result()
        assert run.finished_at is not None
        assert run.finished_at - run.created_at == timedelta(hours=6)

"""Suspend, resume and terminate, one trap each (semantics 6.2)."""

from __future__ import annotations

from datetime import timedelta

from tests.apps import Context, Steps, app_of
from wfsim import Simulation


def staged_steps(context: Context) -> Steps:
    context.set_custom_status("waits")
    value = yield context.wait_for_external_event("go")
    context.set_custom_status(f"got {value}")
    done = yield context.call_activity("say", value)
    return done


def test_a_suspended_instance_only_collects_events() -> None:
    """Each message still makes an episode, and none of them a decision."""
    with Simulation(app_of(staged_steps)) as sim:
        run = sim.start("staged_steps")
        sim.run_until_idle()
        run.suspend("audit")
        sim.run_until_idle()
        run.raise_event("go", 1)
        sim.run_until_idle()
        assert run.history.short == "OS ES OC · OS SUSP OC · OS EVR OC"
        assert run.status == "Suspended"


def test_the_code_runs_ahead_of_a_suspension() -> None:
    """The SDK knows nothing of it, so the custom status shows what the host withholds."""
    with Simulation(app_of(staged_steps)) as sim:
        run = sim.start("staged_steps")
        sim.run_until_idle()
        run.suspend("audit")
        run.raise_event("go", 1)
        sim.run_until_idle()
        assert run.custom_status == "got 1"
        assert "TS" not in run.history.short


def test_resume_brings_back_what_was_withheld() -> None:
    """Events are handled in their order, and the run goes on to its end."""
    with Simulation(app_of(staged_steps)) as sim:
        run = sim.start("staged_steps")
        sim.run_until_idle()
        run.suspend("audit")
        sim.run_until_idle()
        run.raise_event("go", 1)
        sim.run_until_idle()
        run.resume("clean")
        assert run.result() == 1
        assert run.history.short == (
            "OS ES OC · OS SUSP OC · OS EVR OC · OS RES TS0 OC · OS TC0 EC1 OC"
        )


def test_decisions_of_the_suspending_episode_are_stashed_until_resume() -> None:
    """An event and a suspension in one batch: what the event led to waits."""
    with Simulation(app_of(staged_steps)) as sim:
        run = sim.start("staged_steps")
        sim.run_until_idle()
        run.raise_event("go", 1)
        run.suspend("audit")
        sim.run_until_idle()
        assert run.history.short == "OS ES OC · OS EVR SUSP OC"
        run.resume()
        assert run.result() == 1
        assert run.history.short == "OS ES OC · OS EVR SUSP OC · OS RES TS0 OC · OS TC0 EC1 OC"


def test_suspend_and_resume_in_one_batch_change_nothing() -> None:
    """The episode ends as it would have without."""
    with Simulation(app_of(staged_steps), schedule=[]) as sim:
        run = sim.start("staged_steps")
        run.suspend("a")
        sim.run_until_idle()
        run.raise_event("go", 1)
        run.resume("b")
        assert run.result() == 1
        assert run.history.short == "OS ES SUSP OC · OS EVR RES TS0 OC · OS TC0 EC1 OC"


def sleeper(context: Context) -> Steps:
    nap = context.call_activity("nap", 60)
    timer = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    yield context.task_all([nap, timer])
    return str(context.current_utc_datetime)


def test_activities_and_timers_go_on_and_queue_up() -> None:
    """Their answers arrive while suspended, and count when the run is resumed."""
    with Simulation(app_of(sleeper)) as sim:
        run = sim.start("sleeper")
        sim.advance("10s")
        run.suspend()
        sim.advance("5h")
        assert run.history.short == "OS ES TS0 TMC1 OC · OS SUSP OC · OS TC0 OC · OS TMF1 OC"
        assert run.status == "Suspended"
        run.resume()
        sim.run_until_idle()
        assert run.history.short.endswith("OS TMF1 OC · OS RES EC2 OC")


def test_a_suspended_run_can_be_terminated() -> None:
    """Termination is one of the two events that pass."""
    with Simulation(app_of(sleeper)) as sim:
        run = sim.start("sleeper")
        sim.run_until_idle()
        run.suspend("wait")
        sim.run_until_idle()
        run.terminate("enough")
        sim.run_until_idle()
        assert (run.status, run.output) == ("Terminated", "enough")
        assert run.history.short == "OS ES TS0 TMC1 OC · OS SUSP OC · OS ET EC2 OC"


def test_terminate_ignores_open_tasks_and_discards_late_results() -> None:
    """The end comes at once, and what arrives afterwards reaches nobody."""
    with Simulation(app_of(sleeper)) as sim:
        run = sim.start("sleeper")
        sim.run_until_idle()
        run.terminate("enough")
        sim.advance("2h")
        assert run.history.short == "OS ES TS0 TMC1 OC · OS ET EC2 OC"
        assert any(type(record).__name__ == "MessageDiscarded" for record in sim.trace)


def test_user_code_sees_no_exception_when_it_is_terminated() -> None:
    """No `except` or `finally` runs for a termination; the code is just never called again."""
    caught: list[str] = []

    def careful(context: Context) -> Steps:
        try:
            yield context.wait_for_external_event("go")
        except Exception as error:
            caught.append(repr(error))

    with Simulation(app_of(careful)) as sim:
        run = sim.start("careful")
        sim.run_until_idle()
        run.terminate("enough")
        sim.run_until_idle()
        assert run.history.short == "OS ES OC · OS ET EC0 OC"
    assert caught == []


def test_decisions_beside_a_termination_are_still_carried_out() -> None:
    """Python is called in that episode, and what it newly asks for is emitted."""
    with Simulation(app_of(staged_steps)) as sim:
        run = sim.start("staged_steps")
        sim.run_until_idle()
        run.raise_event("go", 1)
        run.terminate("enough")
        sim.run_until_idle()
        assert run.history.short == "OS ES OC · OS EVR ET TS0 EC1 OC"
        assert run.status == "Terminated"

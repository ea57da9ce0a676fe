"""What clients may ask, by the state of the instance (semantics 6.2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.apps import Context, Steps, app_of
from wfsim import HostSettings, InstanceError, OrchestrationRun, Simulation, UsageError
from wfsim.trace import ClientCalled

OPERATIONS: dict[str, Callable[[OrchestrationRun], object]] = {
    "raise_event": lambda run: run.raise_event("other"),
    "terminate": lambda run: run.terminate("t"),
    "suspend": lambda run: run.suspend("s"),
    "resume": lambda run: run.resume("r"),
    "rewind": lambda run: run.rewind("w"),
    "restart with a new id": lambda run: run.restart(),
    "restart with the same id": lambda run: run.restart(new_instance_id=False),
    "purge": lambda run: run.purge(),
}

STATES = ("missing", "Pending", "Running", "Suspended", "Completed", "Terminated", "Failed")

TABLE = {
    # operation: missing, Pending, Running, Suspended, Completed, Terminated, Failed
    "raise_event": (404, 202, 202, 202, 410, 410, 410),
    "terminate": (404, 202, 202, 202, 410, 410, 410),
    "suspend": (404, 202, 202, 500, 410, 410, 410),
    "resume": (404, 500, 500, 202, 410, 410, 410),
    "rewind": (404, 500, 500, 500, 410, 410, 202),
    "restart with a new id": (400, 202, 202, 202, 202, 202, 202),
    "restart with the same id": (400, 500, 500, 500, 202, 202, 202),
    "purge": (404, 200, 200, 200, 200, 200, 200),
}


def waiting(context: Context) -> Steps:
    kind = yield context.wait_for_external_event("go")
    if kind == "fail":
        raise ValueError("asked to")
    return kind


def reach(sim: Simulation, state: str) -> OrchestrationRun:
    """Bring an instance into a state."""
    run = sim.start("waiting", instance_id="i")
    if state != "Pending":
        sim.run_until_idle()
    if state in {"Completed", "Failed"}:
        run.raise_event("go", "fail" if state == "Failed" else "ok")
    elif state == "Suspended":
        run.suspend("pause")
    elif state == "Terminated":
        run.terminate("enough")
    elif state == "missing":
        run.purge()
    if state != "Pending":
        sim.run_until_idle()
    if state != "missing":
        assert run.status == state
    return run


def answer_of(sim: Simulation, run: OrchestrationRun, operation: str) -> int:
    """Ask for an operation, and return the HTTP status with which the host answers."""
    try:
        OPERATIONS[operation](run)
    except InstanceError as error:
        return error.status_code
    calls = [record for record in sim.trace if isinstance(record, ClientCalled)]
    return calls[-1].answer


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_operation_answers_as_the_host_does_in_each_state(operation: str, state: str) -> None:
    """The HTTP status is that of the table, whether the call raises or is quietly gone."""
    with Simulation(app_of(waiting), findings="ignore") as sim:
        run = reach(sim, state)
        assert answer_of(sim, run, operation) == TABLE[operation][STATES.index(state)]


def test_terminate_suspend_and_resume_of_an_ended_instance_are_silent() -> None:
    """The SDK's client treats 410 as done, and so does the handle."""
    with Simulation(app_of(waiting)) as sim:
        run = reach(sim, "Completed")
        run.terminate("t")
        run.suspend("s")
        run.resume("r")
        sim.run_until_idle()
        assert run.status == "Completed"


@pytest.mark.parametrize("state", ["Pending", "Running", "Suspended"])
def test_start_of_an_id_that_is_in_use_is_refused(state: str) -> None:
    """The answer is 500 by default, and a setting for newer hosts."""
    with Simulation(app_of(waiting), findings="ignore") as sim:
        reach(sim, state)
        with pytest.raises(InstanceError, match=f"status {state} already exists") as caught:
            sim.start("waiting", instance_id="i")
        assert caught.value.status_code == 500
    newer = HostSettings(duplicate_start_status=409)
    with Simulation(app_of(waiting), findings="ignore", settings=newer) as sim:
        reach(sim, state)
        with pytest.raises(InstanceError) as caught:
            sim.start("waiting", instance_id="i")
        assert caught.value.status_code == 409


@pytest.mark.parametrize("state", ["Completed", "Terminated", "Failed"])
def test_start_of_an_id_that_has_ended_begins_afresh(state: str) -> None:
    """History, status and output of the old instance are gone."""
    with Simulation(app_of(waiting), findings="ignore") as sim:
        reach(sim, state)
        sim.advance("1h")
        again = sim.start("waiting", instance_id="i")
        assert (again.status, again.output, len(again.history)) == ("Pending", None, 0)
        sim.run_until_idle()
        assert again.history.short == "OS ES OC"
        assert again.created_at == sim.now


@pytest.mark.parametrize("instance_id", ["", "@a", "a/b", "a\\b", "a#b", "a?b", "a\nb", "x" * 257])
def test_an_id_that_the_host_does_not_allow_is_a_bad_request(instance_id: str) -> None:
    """Empty and long ids, reserved and control characters answer 400."""
    with Simulation(app_of(waiting)) as sim:
        with pytest.raises(InstanceError) as caught:
            sim.start("waiting", instance_id=instance_id)
        assert caught.value.status_code == 400


def test_start_of_an_unknown_orchestrator_names_the_nearest() -> None:
    """A wrong name is a wrong call."""
    with (
        Simulation(app_of(waiting)) as sim,
        pytest.raises(UsageError, match=r"no orchestrator 'wating'\. Did you mean 'waiting'\?"),
    ):
        sim.start("wating")


def test_start_without_id_makes_one_of_32_hex_digits() -> None:
    """Made-up ids differ in one simulation and are the same in the next."""
    with Simulation(app_of(waiting), findings="ignore") as sim:
        ids = [sim.start("waiting").instance_id for _ in range(3)]
    assert len(set(ids)) == 3
    assert {len(item) for item in ids} == {32}
    with Simulation(app_of(waiting), findings="ignore") as sim:
        assert [sim.start("waiting").instance_id for _ in range(3)] == ids


def test_terminating_a_pending_instance_runs_no_user_code() -> None:
    """It ends at once and has no history."""
    ran: list[str] = []

    def greedy(context: Context) -> None:
        ran.append("ran")

    with Simulation(app_of(greedy)) as sim:
        run = sim.start("greedy")
        run.terminate("no")
        sim.run_until_idle()
        assert (run.status, run.output, len(run.history)) == ("Terminated", "no", 0)
    assert ran == []


def test_restart_uses_name_input_and_version_again() -> None:
    """The copy has an id of its own unless it is to keep the old one."""

    def same(context: Context) -> object:
        return context.get_input()

    with Simulation(app_of(same)) as sim:
        run = sim.start("same", input={"a": 1}, instance_id="i")
        run.result()
        sim.advance("1m")
        copy = run.restart()
        assert copy.instance_id != "i"
        assert copy.result() == {"a": 1}
        kept = run.restart(new_instance_id=False)
        assert (kept.instance_id, kept.status) == ("i", "Pending")
        assert kept.result() == {"a": 1}
        assert kept.created_at - copy.created_at == timedelta(0)


def test_purge_discards_what_is_still_on_its_way() -> None:
    """Timers and results of a purged instance reach nobody, and its children stay."""

    def parent(context: Context) -> Steps:
        kid = context.call_sub_orchestrator("waiting", None, "kid")
        timer = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
        yield context.task_all([kid, timer, context.call_activity("nap", 60)])

    with Simulation(app_of(parent, waiting), findings="ignore") as sim:
        run = sim.start("parent")
        sim.run_until_idle()
        run.purge()
        sim.advance("2h")
        assert [item.instance_id for item in sim.runs] == ["kid"]
        sim.run("kid").raise_event("go", 1)
        sim.run_until_idle()
        assert sim.run("kid").status == "Completed"
        with pytest.raises(InstanceError):
            _ = run.status

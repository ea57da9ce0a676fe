"""raise_event, terminate, suspend, resume, rewind, restart, purge."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable

import pytest

from wfsim import InstanceError, Simulation, UsageError


def test_raise_event_posts_a_value(simulation: Simulation) -> None:
    """By default the orchestrator gets the value itself, as from the HTTP API."""
    run = simulation.start("wait")
    run.raise_event("go", {"ok": [1, None]})
    assert run.result() == {"ok": [1, None]}


def test_raise_event_via_the_client_sends_text(simulation: Simulation) -> None:
    """Sent as the Python client does, the orchestrator gets JSON text, as in production."""
    run = simulation.start("wait")
    run.raise_event("go", {"ok": True}, via="client")
    assert run.result() == '{"ok": true}'


@pytest.mark.parametrize("state", ["Completed", "Failed", "Terminated"])
def test_raise_event_to_a_finished_run_is_gone(simulation: Simulation, state: str) -> None:
    """The host answers 410 in one short sentence, and the run stays as it is."""
    name = {"Completed": "echo", "Failed": "boom", "Terminated": "wait"}[state]
    run = simulation.start(name, instance_id="one")
    simulation.run_until_idle()
    run.terminate("enough")
    simulation.run_until_idle()
    with pytest.raises(InstanceError, match=rf"^Cannot raise 'go': .*it is {state}\.") as caught:
        run.raise_event("go")
    assert caught.value.status_code == 410
    assert len(str(caught.value).splitlines()) == 1
    assert run.status == state


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("",), {}, "^An external event needs a name"),
        (("go", {1}), {}, "^The payload of event 'go' is not JSON"),
        (("go",), {"via": "mail"}, "^via='mail' must be 'http' or 'client'"),
    ],
)
def test_raise_event_refuses_wrong_calls(
    simulation: Simulation, arguments: tuple[str], options: dict[str, str], message: str
) -> None:
    """A nameless event, a payload that is not JSON and an unknown way are wrong calls."""
    run = simulation.start("wait")
    with pytest.raises(UsageError, match=message):
        run.raise_event(*arguments, **options)


def test_terminate_ends_a_run(simulation: Simulation) -> None:
    """The reason is the output; a second call changes nothing."""
    run = simulation.start("wait")
    simulation.run_until_idle()
    run.terminate("too late")
    assert run.status == "Running"
    simulation.run_until_idle()
    assert (run.status, run.output) == ("Terminated", "too late")
    run.terminate("again")
    simulation.run_until_idle()
    assert run.output == "too late"


def test_terminate_of_a_pending_run_runs_nothing(simulation: Simulation) -> None:
    """A run that has not begun ends without an episode."""
    run = simulation.start("call_once", input=1)
    run.terminate()
    simulation.run_until_idle()
    assert run.status == "Terminated"
    assert list(run.history) == []


def test_suspend_holds_events_until_resume(simulation: Simulation) -> None:
    """A suspended run takes events only once it is resumed."""
    run = simulation.start("wait")
    simulation.run_until_idle()
    run.suspend("lunch")
    simulation.run_until_idle()
    assert run.status == "Suspended"
    run.raise_event("go", 1)
    simulation.advance("1d")
    assert run.status == "Suspended"
    run.resume("back")
    assert run.result() == 1


@pytest.mark.parametrize(
    ("first", "second"), [("suspend", "suspend"), (None, "resume")], ids=["suspend", "resume"]
)
def test_suspend_and_resume_refuse_the_wrong_state(
    simulation: Simulation, first: str | None, second: str
) -> None:
    """Suspending twice, or resuming what runs, answers 500 with the state."""
    run = simulation.start("wait")
    simulation.run_until_idle()
    if first is not None:
        getattr(run, first)()
        simulation.run_until_idle()
    with pytest.raises(InstanceError, match=rf"^Cannot {second} the orchestration") as caught:
        getattr(run, second)()
    assert caught.value.status_code == 500


def test_suspend_and_resume_of_a_finished_run_do_nothing(simulation: Simulation) -> None:
    """Clients are not told that a run has ended."""
    run = simulation.start("echo", input=1)
    assert run.result() == 1
    run.suspend()
    run.resume()
    simulation.run_until_idle()
    assert run.status == "Completed"


def test_rewind_repeats_what_failed_only(simulation: Simulation) -> None:
    """After a rewind the failed call runs again, and what had succeeded does not."""
    stub = simulation.stub_activity("work", calls=_fail_once())
    run = simulation.start("call_thrice")
    simulation.run_until_idle()
    assert run.status == "Failed"
    run.rewind("mended")
    assert run.result() == [0, 10, 20]
    assert stub.calls == [0, 1, 1, 2]


def _fail_once() -> Callable[[int], int]:
    calls: list[int] = []

    def work(number: int) -> int:
        calls.append(number)
        if calls == [0, 1]:
            raise ConnectionError("down")
        return number * 10

    return work


@pytest.mark.parametrize(("name", "code"), [("wait", 500), ("echo", 410)])
def test_rewind_refuses_what_has_not_failed(simulation: Simulation, name: str, code: int) -> None:
    """Only a failed run can be rewound: 500 while it runs, 410 when it ended well."""
    run = simulation.start(name)
    simulation.run_until_idle()
    with pytest.raises(InstanceError, match=r"^The rewind operation is only supported") as caught:
        run.rewind()
    assert caught.value.status_code == code


def test_restart_starts_a_copy(simulation: Simulation) -> None:
    """Restart gives the same input a new id; with the old id it replaces the run."""
    run = simulation.start("echo", input={"a": 1}, instance_id="one")
    assert run.result() == {"a": 1}
    copy = run.restart()
    assert copy.instance_id != "one"
    assert copy.result() == {"a": 1}
    again = run.restart(new_instance_id=False)
    assert again == run
    assert run.status == "Pending"
    assert again.result() == {"a": 1}


def test_restart_under_the_same_id_needs_an_ended_run(simulation: Simulation) -> None:
    """A run that goes on keeps its id."""
    run = simulation.start("wait", instance_id="one")
    with pytest.raises(InstanceError, match="already exists: 'one'"):
        run.restart(new_instance_id=False)


def test_purge_deletes_a_run(simulation: Simulation) -> None:
    """A purged run is unknown afterwards; its handle says so, and its id is free."""
    run = simulation.start("echo", input=1, instance_id="one")
    run.result()
    run.purge()
    assert repr(run) == "<OrchestrationRun 'one': purged>"
    assert simulation.runs == []
    with pytest.raises(InstanceError, match=r"^No instance with ID 'one' found") as caught:
        _ = run.status
    assert caught.value.status_code == 404
    assert simulation.start("echo", input=2, instance_id="one").result() == 2


@pytest.mark.parametrize(
    "call",
    [
        lambda simulation, run: simulation.start("echo"),
        lambda simulation, run: simulation.advance("1h"),
        lambda simulation, run: simulation.run_until_idle(),
        lambda simulation, run: simulation.at("1h", print),
        lambda simulation, run: simulation.stub_activity("work", returns=1),
        lambda simulation, run: run.raise_event("go"),
        lambda simulation, run: run.terminate(),
        lambda simulation, run: run.result(),
        lambda simulation, run: run.purge(),
        lambda simulation, run: run.waiting_for,
        lambda simulation, run: simulation.http.get("/"),
        lambda simulation, run: simulation.run_until_complete(simulation.client.get_status("x")),
        lambda simulation, run: asyncio.run(simulation.client.start_new("echo")),
    ],
)
@pytest.mark.filterwarnings("error")
def test_a_closed_simulation_does_nothing_more(simulation: Simulation, call: object) -> None:
    """After closing, everything that acts is refused; what happened can still be read."""
    assert callable(call)
    run = simulation.start("wait")
    simulation.run_until_idle()
    simulation.close()
    with pytest.raises(UsageError, match=r"^The simulation is closed"):
        call(simulation, run)
    gc.collect()  # a coroutine that nobody awaited would warn
    assert run.status == "Running"
    assert "wait" in simulation.timeline()
    simulation.close()

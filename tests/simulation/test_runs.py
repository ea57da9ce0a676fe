"""start, and what the handle of a run shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from wfsim import InstanceError, Simulation, UsageError


def test_a_run_that_has_not_begun(simulation: Simulation) -> None:
    """Before anything ran a run is Pending, has its input, and nothing else to show."""
    run = simulation.start("call_once", input={"a": [1]}, instance_id="one")
    assert (run.instance_id, run.name, run.status) == ("one", "call_once", "Pending")
    assert run.input == {"a": [1]}
    assert (run.output, run.failure, run.custom_status, run.finished_at) == (None,) * 4
    assert list(run.history) == []
    assert run.waiting_for == {}
    assert repr(run) == "<OrchestrationRun call_once 'one': Pending>"


def test_a_run_that_has_completed(simulation: Simulation) -> None:
    """A finished run shows its output, custom status and times."""
    simulation.advance("1h")
    run = simulation.start("call_once", input=4)
    simulation.advance("1h")
    assert (run.status, run.output, run.failure) == ("Completed", 40, None)
    assert run.custom_status == {"step": 1}
    assert run.created_at == run.finished_at == datetime(2000, 1, 1, 1, tzinfo=UTC)


def test_a_run_that_has_failed(simulation: Simulation) -> None:
    """Failure and output carry the host's text, which names the error."""
    run = simulation.start("boom")
    simulation.run_until_idle()
    assert run.status == "Failed"
    assert run.failure is not None
    assert run.failure.startswith("Orchestrator function 'boom' failed: nothing there")
    assert run.output == run.failure


def test_history_is_readable_and_stable(simulation: Simulation) -> None:
    """The text of a history has virtual times and no ids, so that two runs compare equal."""
    first = simulation.start("call_once", input=4)
    simulation.run_until_idle()
    second = simulation.start("call_once", input=4)
    simulation.run_until_idle()
    assert str(first.history) == str(second.history)
    assert [type(event).__name__ for event in first.history] == [
        "OrchestratorStarted", "ExecutionStarted", "TaskScheduled", "OrchestratorCompleted",
        "OrchestratorStarted", "TaskCompleted", "ExecutionCompleted", "OrchestratorCompleted",
    ]  # fmt: skip


def test_waiting_for_says_what_would_let_it_go_on(simulation: Simulation) -> None:
    """waiting_for lists events, the time left of timers, and activities; it shrinks with time."""
    run = simulation.start("wait_and_nap")
    simulation.advance("1h")
    expected = {"events": ["go"], "timers": [timedelta(hours=2)], "activities": ["slow"]}
    assert run.waiting_for == expected
    run.raise_event("go")
    simulation.run_until_idle()
    assert run.waiting_for == {}


def test_waiting_for_names_children(simulation: Simulation) -> None:
    """A parent waits for its children by orchestrator name."""
    run = simulation.start("parent", input=[["wait"], ["nap", 1]])
    simulation.run_until_idle()
    assert run.waiting_for == {"children": ["wait", "nap"]}
    simulation.advance("1h")
    assert run.waiting_for["events"] == []


def test_waiting_for_compares_as_people_read(simulation: Simulation) -> None:
    """Kinds that hold nothing count as absent, and a missing kind reads as an empty list."""
    run = simulation.start("wait")
    simulation.run_until_idle()
    assert run.waiting_for == {"events": ["go"], "timers": []}
    assert run.waiting_for != {"events": ["go"], "timers": [timedelta(hours=1)]}
    assert run.waiting_for != ["go"]
    assert run.waiting_for["timers"] == []
    assert run != "wait"


def test_looking_changes_nothing(simulation: Simulation) -> None:
    """Reading a handle neither moves time nor adds to the trace."""
    run = simulation.start("wait_and_nap")
    simulation.run_until_idle()
    before = (simulation.now, len(simulation.trace), str(run.history))
    _ = run.waiting_for, run.status, run.children, simulation.pending, simulation.timeline()
    assert (simulation.now, len(simulation.trace), str(run.history)) == before


def test_children_are_handles(simulation: Simulation) -> None:
    """Children are handles in the order in which they were started, also by run()."""
    run = simulation.start("parent", input=[["echo", 1, "first"], ["call_once", 2]])
    assert run.result() == [1, 20]
    first, second = run.children
    assert (first.instance_id, first.output) == ("first", 1)
    assert (second.name, second.output) == ("call_once", 20)
    assert simulation.run("first") == first
    assert simulation.runs == [run, first, second]
    assert len({run, first, second, simulation.run("first")}) == 3


def test_a_new_generation_replaces_the_old(simulation: Simulation) -> None:
    """After continue_as_new input, history and creation time are those of the new generation."""
    run = simulation.start("count_up", input=0)
    simulation.advance("2h")
    assert run.input == 2
    assert run.created_at == datetime(2000, 1, 1, 2, tzinfo=UTC)
    assert len(run.history) < 6
    assert run.result() == 3


def test_names_ignore_case_as_the_host_does(simulation: Simulation) -> None:
    """The host looks functions up without regard to case."""
    assert simulation.start("ECHO", input=1).result() == 1


def test_an_unknown_orchestrator_names_the_nearest(simulation: Simulation) -> None:
    """start() of a name that the app does not have suggests one that it has."""
    with pytest.raises(UsageError, match=r"^The app DFApp has no orchestrator 'ecko'. Did you me"):
        simulation.start("ecko")
    with pytest.raises(UsageError, match=r"no orchestrator 'work'"):
        simulation.start("work")
    assert simulation.runs == []


@pytest.mark.parametrize("value", [object(), {1, 2}, float, datetime(2000, 1, 1)])
def test_an_input_that_is_not_json_is_refused(simulation: Simulation, value: object) -> None:
    """An input must be JSON, or know how to become it; the message shows it."""
    with pytest.raises(UsageError, match=r"^The input .* is not JSON: "):
        simulation.start("echo", input=value)


class Money:
    """A value that the SDK knows how to send."""

    def __init__(self, cents: int) -> None:
        self.cents = cents

    @staticmethod
    def to_json(money: Money) -> dict[str, int]:
        return {"cents": money.cents}

    @staticmethod
    def from_json(data: dict[str, int]) -> Money:
        return Money(data["cents"])


def test_an_input_may_know_how_to_become_json(simulation: Simulation) -> None:
    """Objects with to_json and from_json go through the wire as with the real client."""
    assert simulation.start("cents", input=Money(5)).result() == 5


@pytest.mark.parametrize(
    ("instance_id", "why"),
    [
        ("", "is empty"),
        ("@counter@a", "starts with '@'"),
        ("a/b", "contains one of"),
        ("x" * 257, "has 257 characters"),
    ],
)
def test_illegal_ids_are_refused(simulation: Simulation, instance_id: str, why: str) -> None:
    """Instance ids follow the host's rules, and the refusal is an HTTP 400."""
    with pytest.raises(InstanceError, match=rf"^The instance id .* {why}") as caught:
        simulation.start("echo", instance_id=instance_id)
    assert caught.value.status_code == 400


def test_an_id_in_use_is_refused(simulation: Simulation) -> None:
    """An id is free again once its run has ended."""
    run = simulation.start("wait", instance_id="one")
    with pytest.raises(InstanceError, match="already exists: 'one'"):
        simulation.start("echo", instance_id="one")
    run.raise_event("go", 1)
    assert run.result() == 1
    assert simulation.start("echo", input=2, instance_id="one").result() == 2


def test_an_unknown_instance_names_the_nearest(simulation: Simulation) -> None:
    """run() of an id that nobody has suggests one that exists."""
    simulation.start("echo", instance_id="order-17")
    with pytest.raises(InstanceError, match=r"^No instance with ID 'order-71' found. Did you mean"):
        simulation.run("order-71")

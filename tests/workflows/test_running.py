"""What a run shows: events, outputs, status, failure, checkpoints."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from agent_framework import FileCheckpointStorage, WorkflowBuilder

from tests.workflows import flows
from wfsim.errors import LivelockError, StuckError, UsageError, WfsimWarning
from wfsim.workflows import CheckpointStore, WorkflowRunFailed, WorkflowSimulation


def _told(run: Any) -> list[tuple[str, str | None]]:
    return [(event.type, event.executor_id) for event in run.events]


def test_a_functional_workflow() -> None:
    """Every event is recorded, status included; time has passed as its steps wanted."""
    with WorkflowSimulation(flows.chain) as sim:
        run = sim.run("x")
    assert run.result() == "X!"
    assert _told(run) == [
        ("started", None),
        ("status", None),
        ("executor_invoked", "fetch"),
        ("executor_completed", "fetch"),
        ("executor_invoked", "shout"),
        ("executor_completed", "shout"),
        ("output", "chain"),
        ("status", None),
    ]
    assert (run.status, run.elapsed, run.failure) == ("IDLE", timedelta(seconds=1.5), None)
    assert len(run.checkpoints) == 3


def test_events_stand_where_they_happened() -> None:
    """Functional workflows tell late; the log has the times at which things were."""
    run = WorkflowSimulation(flows.race).run("ab")
    ends = [
        (entry.event.data, entry.at_us - run.log[0].at_us)
        for entry in run.log
        if hasattr(entry, "event") and entry.event.type == "executor_completed"
    ]
    assert ends == [("B", 1_000_000), ("A", 2_000_000)]


def test_a_graph() -> None:
    """Supersteps are recorded, and none of them takes time by itself."""
    with WorkflowSimulation(flows.pair) as sim:
        run = sim.run("x")
    assert run.result() == "x"
    assert run.elapsed == timedelta()
    kinds = [kind for kind, _ in _told(run)]
    assert kinds.count("superstep_started") == kinds.count("superstep_completed") >= 1


def test_a_slow_graph_is_not_polled() -> None:
    """Older runners look every 50 ms; here a superstep of hours is one jump of time."""

    def build() -> Any:
        workers = [flows.Worker(id=name, seconds=9 * 3600) for name in "ab"]
        return flows._fan("hours", flows.Printer(id="p"), *workers)

    with WorkflowSimulation(build, max_steps=200) as sim:
        run = sim.run("x")
    assert run.result() == "x a, x b"
    assert run.elapsed == timedelta(hours=9)


def test_intermediate_outputs() -> None:
    """What is told on the way is not an output."""
    run = WorkflowSimulation(flows.progress).run("x")
    assert (run.intermediate, run.outputs) == (["begun", "half way"], ["X!"])


def test_no_output_is_none() -> None:
    """A workflow that returns nothing has no output event."""
    run = WorkflowSimulation(flows.silent).run("x")
    assert (run.outputs, run.result(), run.has_ended) == ([], None, True)


def test_a_failure_is_kept_and_raised_by_result() -> None:
    """`run` does not raise; `result` does, with the original chained."""
    run = WorkflowSimulation(flows.failing).run("x")
    assert isinstance(run.failure, LookupError)
    assert (run.status, run.has_ended, run.pending) == ("FAILED", True, [])
    with pytest.raises(WorkflowRunFailed, match=r"^failing ended as FAILED: LookupError: ") as got:
        run.result()
    assert got.value.__cause__ is run.failure
    assert (got.value.workflow, got.value.status) == ("failing", "FAILED")


def test_what_is_no_exception_comes_through() -> None:
    """`pytest.fail` inside a workflow fails the test, and not the workflow."""

    async def fail(_: str) -> str:
        pytest.fail("stop here")

    from agent_framework import workflow

    with pytest.raises(pytest.fail.Exception, match=r"^stop here$"):
        WorkflowSimulation(workflow(fail)).run("x")


@pytest.mark.asyncio
async def test_inside_an_async_test() -> None:
    """The simulation's loop runs inside another one, which goes on afterwards."""
    run = WorkflowSimulation(flows.chain).run("x")
    assert run.result() == "X!"
    await asyncio.sleep(0)


def test_the_next_turn_is_in_the_same_workflow() -> None:
    """A second run has its own events, and the graph's state of the first."""
    with WorkflowSimulation(flows.loop) as sim:
        first, second = sim.run("a"), sim.run("b")
        assert sim.runs == [first, second]
    assert first.instance is second.instance
    assert (first.result(), second.result()) == ("a1 echo2 echo3", "b4")


def test_every_simulation_begins_anew() -> None:
    """Nothing of an earlier run is in a functional workflow that a module holds."""
    assert WorkflowSimulation(flows.review).run("x").status == "IDLE_WITH_PENDING_REQUESTS"
    assert WorkflowSimulation(flows.review).run("y").pending[0].data.text == "Y"


def test_a_builder_and_a_partial() -> None:
    """A builder is built; a function may be made to need no arguments."""
    sender, printer = flows.Sender(id="s"), flows.Printer(id="p")
    builder = WorkflowBuilder(start_executor=sender, name="built").add_edge(sender, printer)
    assert WorkflowSimulation(builder).run("x").result() == "x"
    workers = [flows.Worker(id="v"), flows.Worker(id="w")]
    fan = partial(flows._fan, "one", flows.Printer(id="p"), *workers)
    assert WorkflowSimulation(fan).run("x").result() == "x v, x w"


def test_several_outputs_are_not_one() -> None:
    """`result` refuses to choose."""

    def build() -> Any:
        sender, left, right = flows.Sender(id="s"), flows.Printer(id="l"), flows.Printer(id="r")
        builder = WorkflowBuilder(start_executor=sender, name="two")
        return builder.add_edge(sender, left).add_edge(sender, right).build()

    run = WorkflowSimulation(build).run("x")
    with pytest.raises(UsageError, match=r"^two has 2 outputs and not one: \['x', 'x'\]\n"):
        run.result()


def test_waiting_for_what_cannot_come() -> None:
    """Instead of hanging, it says where the workflow waits."""
    with WorkflowSimulation(flows.waiting) as sim:
        with pytest.raises(StuckError, match=r"^waiting never ends: nothing is ready ") as caught:
            sim.run("x")
        assert "flows.py" in str(caught.value)
        assert sim.runs[0].failure is caught.value


def test_a_graph_that_waits_for_what_cannot_come() -> None:
    """Older runners always have a timer pending; that does not count."""
    with pytest.raises(
        StuckError, match=r"^stuck never ends: nothing is ready and no timer"
    ) as got:
        WorkflowSimulation(flows.stuck).run("x")
    assert "flows.py" in str(got.value)


def test_polling_without_end() -> None:
    """A row of jumps that has no end is cut off."""
    with pytest.raises(StuckError, match=r"^polling does not end: after 50 jumps of time it is "):
        WorkflowSimulation(flows.polling, max_steps=50).run("x")


def test_turning_at_one_instant() -> None:
    """So is a loop that passes no time."""
    with pytest.raises(LivelockError, match=r"^turning never waits\.\n"):
        WorkflowSimulation(flows.turning, max_steps=50).run("x")


def test_a_storage_of_the_frameworks_own(tmp_path: Any) -> None:
    """Checkpoints go where the user wants them, and come back from there."""
    storage = FileCheckpointStorage(tmp_path)
    with WorkflowSimulation(flows.chain, storage=storage) as sim:
        run = sim.run("x")
        assert len(list(tmp_path.glob("*.json"))) == 3
        assert sim.resume_from(run.checkpoints[0]).result() == "X!"
        assert sim.storage is storage


def test_without_checkpoints() -> None:
    """A workflow that is run without a storage in production can be here."""
    run = WorkflowSimulation(flows.chain, checkpoints=False).run("x")
    assert (run.result(), run.checkpoints) == ("X!", [])


def test_a_checkpoint_that_cannot_be_saved_is_told() -> None:
    """The framework only logs it for a graph."""

    class Full(CheckpointStore):
        def keep(self, checkpoint: Any) -> str:
            raise OSError("the disk is full")

    text = r"^A checkpoint of pair could not be saved: OSError: the disk is full\n"
    with (
        WorkflowSimulation(flows.pair, storage=Full()) as sim,
        pytest.warns(WfsimWarning, match=text),
    ):
        sim.run("x")


def test_a_closed_simulation_runs_nothing() -> None:
    """Neither runs nor answers."""
    with WorkflowSimulation(flows.review) as sim:
        sim.run("x")
    with pytest.raises(UsageError, match=r"^The simulation is closed\."):
        sim.run("y")
    with pytest.raises(UsageError, match=r"^The simulation is closed\."):
        sim.respond("review", True)
    sim.close()
    assert repr(sim) == "<WorkflowSimulation of review at T+2s closed>"


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (flows.fetch, r" fetch is a @step: give the @workflow that calls it\.\n"),
        (flows.Sender, r" Sender is a class: give an object of it, or a function that builds one"),
        (flows._branch, r"^_branch is a coroutine function and no workflow\. Decorate it with @wo"),
        (flows._fan, r"needs name, join\. Give functools\.partial\(_fan, …\)\.$"),
        (7, r"^7 is no workflow\.\nGive what @workflow made, a Workflow, a WorkflowBuilder, or"),
    ],
)
def test_what_is_no_workflow(given: object, text: str) -> None:
    """Each kind of mistake has its way out."""
    with pytest.raises(UsageError, match=text):
        WorkflowSimulation(given)


def test_a_function_that_builds_no_workflow() -> None:
    """It is called when the first run begins."""

    def build() -> int:
        return 7

    with pytest.raises(UsageError, match=r"^build\(\) should build a workflow, but it returned 7"):
        WorkflowSimulation(build).run("x")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"seed": "x"}, r"^seed='x' must be an int\.$"),
        ({"max_steps": 0}, r"^max_steps=0 must be an int of at least 1\.$"),
        ({"freeze": 1}, r"^freeze=1 must be True or False\.$"),
        ({"storage": {}}, r"^storage=\{\} is no checkpoint storage: it has no save\(\)\."),
        ({"schedule": "fast"}, r"^schedule='fast' must be a list of answers, a function"),
    ],
)
def test_wrong_options(options: dict[str, Any], text: str) -> None:
    """Each with what is wrong."""
    with pytest.raises(UsageError, match=text):
        WorkflowSimulation(flows.chain, **options)


def test_what_the_framework_refuses() -> None:
    """A call that the framework refuses is the test's mistake."""
    with pytest.raises(UsageError, match=r"^chain cannot be run like this: Must provide at least"):
        WorkflowSimulation(flows.chain).run()

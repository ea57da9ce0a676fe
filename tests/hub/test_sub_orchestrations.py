"""Parents and children (semantics 2.6, 5.2)."""

from __future__ import annotations

import pytest

from tests.apps import Context, Steps, app_of, list_of
from wfsim import FindingError, OrchestrationFailed, Simulation
from wfsim.history import ExecutionStarted, SubOrchestrationInstanceFailed


def parent(context: Context) -> Steps:
    given = context.get_input() or {}
    return (
        yield context.call_sub_orchestrator(
            given.get("child", "child"), given.get("input"), given.get("id")
        )
    )


def child(context: Context) -> Steps:
    return (yield context.call_activity("say", context.get_input()))


def failing(context: Context) -> Steps:
    yield context.call_activity("say", 1)
    raise ValueError("child boom")


def waiting(context: Context) -> Steps:
    return (yield context.wait_for_external_event("go"))


def catching(context: Context) -> Steps:
    try:
        yield context.call_sub_orchestrator(context.get_input(), None, "kid")
    except Exception as error:
        return [type(error).__name__, str(error)]


APP = (parent, child, failing, waiting, catching)


def test_a_child_without_id_is_named_after_execution_and_event() -> None:
    """Its id is the parent's execution id, a colon and the number of the decision."""
    with Simulation(app_of(*APP)) as sim:
        run = sim.start("parent", input={"input": {"x": 1}})
        assert run.result() == {"x": 1}
        assert run.history.short == "OS ES SOC0 OC · OS SOD0 EC1 OC"
        started = run.history[1]
        assert isinstance(started, ExecutionStarted)
        (kid,) = run.children
        assert kid.instance_id == f"{started.execution_id}:0"
        assert len(started.execution_id) == 32
        assert kid.history.short == "OS ES TS0 OC · OS TC0 EC1 OC"


def test_a_child_knows_its_parent() -> None:
    """The child's start carries the parent's name, ids and the number of the decision."""
    with Simulation(app_of(*APP)) as sim:
        run = sim.start("parent", instance_id="p")
        run.result()
        first = run.history[1]
        kid = run.children[0].history[1]
        assert isinstance(first, ExecutionStarted)
        assert isinstance(kid, ExecutionStarted)
        assert kid.parent is not None
        assert (kid.parent.name, kid.parent.instance_id, kid.parent.task_id) == ("parent", "p", 0)
        assert kid.parent.execution_id == first.execution_id


@pytest.mark.parametrize("given", ["", "  ", None])
def test_an_empty_id_counts_as_none(given: str | None) -> None:
    """Null, empty and blank ids are made up by the host."""
    with Simulation(app_of(*APP)) as sim:
        run = sim.start("parent", input={"id": given})
        run.result()
        assert run.children[0].instance_id.endswith(":0")


def test_a_child_with_id_runs_under_it() -> None:
    """An explicit id is used as it is."""
    with Simulation(app_of(*APP)) as sim:
        run = sim.start("parent", input={"id": "kid"})
        run.result()
        assert [kid.instance_id for kid in run.children] == ["kid"]


def test_a_failing_child_fails_its_parent_with_prefixes_and_details() -> None:
    """Each level prefixes its name and appends the details after space, newline, space."""
    with Simulation(app_of(*APP)) as sim:
        run = sim.start("parent", input={"child": "failing", "id": "kid"})
        with pytest.raises(OrchestrationFailed) as caught:
            run.result()
        assert isinstance(caught.value.__cause__, ValueError)
        assert run.history.short == "OS ES SOC0 OC · OS SOF0 EC1 OC"
        assert run.failure is not None
        assert run.failure.startswith(
            "Orchestrator function 'parent' failed: "
            "Orchestrator function 'failing' failed: child boom \n "
            "Message: child boom, StackTrace:    at Microsoft.Azure.WebJobs"
        )
        assert sim.run("kid").failure == "Orchestrator function 'failing' failed: child boom"


def test_the_code_sees_a_failing_child_as_a_plain_exception() -> None:
    """Type and traceback of the child's exception are gone."""
    with Simulation(app_of(*APP)) as sim:
        name, text = list_of(sim.start("catching", input="failing").result())
        assert name == "Exception"
        assert text.startswith(
            "Orchestrator function 'failing' failed: child boom \n Message: child boom, "
        )


def test_nested_failures_accumulate() -> None:
    """Each level adds its prefix and its details, and the details repeat those of below."""

    def grandparent(context: Context) -> Steps:
        yield context.call_sub_orchestrator("parent", {"child": "failing"})

    with Simulation(app_of(grandparent, *APP)) as sim:
        run = sim.start("grandparent")
        sim.run_until_idle()
        text = str(run.failure)
        assert text.startswith(
            "Orchestrator function 'grandparent' failed: Orchestrator function 'parent' failed: "
            "Orchestrator function 'failing' failed: child boom \n Message: child boom, "
        )
        assert text.count(" \n Message: ") == 3


def test_a_terminated_child_fails_its_parent_with_the_reason_and_none() -> None:
    """There are no details, so Python shows None after the newline."""
    with Simulation(app_of(*APP)) as sim:
        run = sim.start("catching", input="waiting")
        sim.run_until_idle()
        sim.run("kid").terminate("not needed")
        sim.run_until_idle()
        assert run.output == ["Exception", "not needed \n None"]
        failed = run.history[-3]
        assert isinstance(failed, SubOrchestrationInstanceFailed)
        assert (failed.reason, failed.details) == ("not needed", None)


def test_terminating_a_parent_leaves_its_children_running() -> None:
    """There is no parent-close policy."""
    with Simulation(app_of(*APP), findings="ignore") as sim:
        run = sim.start("parent", input={"child": "waiting", "id": "kid"})
        sim.run_until_idle()
        run.terminate("enough")
        sim.run_until_idle()
        kid = sim.run("kid")
        assert (run.status, kid.status) == ("Terminated", "Running")
        kid.raise_event("go", 1)
        sim.run_until_idle()
        assert kid.status == "Completed"
        assert run.history.short == "OS ES SOC0 OC · OS ET EC1 OC"


@pytest.mark.parametrize("given", ["P", "@counter"])
def test_a_child_id_that_is_not_allowed_hangs(given: str) -> None:
    """The id of the parent itself, in any case, and ids that start with @ are swallowed."""
    with Simulation(app_of(*APP), findings="ignore") as sim:
        run = sim.start("parent", input={"id": given}, instance_id="p")
        sim.advance("1d")
        assert (run.history.short, run.status) == ("OS ES OC", "Running")


def test_an_id_of_an_instance_that_still_runs_is_overwritten_and_reported() -> None:
    """The host checks nothing on this path; wfsim raises a finding."""
    with Simulation(app_of(*APP)) as sim:
        sim.start("waiting", instance_id="kid")
        sim.run_until_idle()
        sim.start("parent", input={"id": "kid"})
        with pytest.raises(FindingError, match="WF114"):
            sim.run_until_idle()
        assert sim.run("kid").name == "child"


def test_a_child_result_for_an_earlier_generation_is_dropped() -> None:
    """The answer is addressed to the execution that asked."""

    def restless(context: Context) -> Steps:
        if context.get_input() == "second":
            return (yield context.wait_for_external_event("go"))
        kid = context.call_sub_orchestrator("waiting", None, "kid")
        yield context.task_any([kid, context.wait_for_external_event("go")])
        context.continue_as_new("second")

    with Simulation(app_of(restless, *APP), findings="ignore") as sim:
        run = sim.start("restless")
        sim.run_until_idle()
        run.raise_event("go", 1)
        sim.run_until_idle()
        assert run.input is None
        sim.run("kid").raise_event("go", 2)
        sim.run_until_idle()
        assert run.history.short == "OS ES OC"
        assert sim.run(run.instance_id).input == "second"

"""Every internal of Agent Framework that wfsim.workflows touches is where it is expected."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import agent_framework
import pytest
from agent_framework import (
    CheckpointStorage,
    Executor,
    FunctionalWorkflow,
    RunContext,
    StepWrapper,
    WorkflowBuilder,
    WorkflowCheckpoint,
    WorkflowContext,
    WorkflowEvent,
    WorkflowRunState,
    get_run_context,
)
from agent_framework._workflows import _functional, _runner, _workflow
from agent_framework._workflows._typing_utils import is_instance_of

from tests.workflows import flows
from wfsim.workflows import CheckpointStore, WorkflowSimulation, _sdk

STEP: Any = StepWrapper
RUNNER: Any = _runner
FUNCTIONAL: Any = _functional
IDENTITY = "_get_step_wrapper_source_identity"


def test_a_functional_workflow_is_made_of_its_function() -> None:
    """`_func`, a name and a description are all that it takes."""
    made = _sdk.built(flows.chain)
    assert isinstance(made, FunctionalWorkflow)
    assert _sdk.function_of(made) is _sdk.function_of(flows.chain)
    again = _sdk.built(made)
    assert (again.name, again.description) == (made.name, made.description)
    assert again is not made


def test_definitions_came_with_1_14() -> None:
    """Before that, `@workflow` made what can be run."""
    has = hasattr(agent_framework, "FunctionalWorkflowDefinition")
    assert has == (flows.CORE >= (1, 14))
    assert isinstance(flows.chain, FunctionalWorkflow) is not has
    assert _sdk.is_functional(flows.chain)


def test_steps_keep_their_function_in_one_attribute() -> None:
    """`_func` lies in the instance, so a property of the class goes before it."""
    assert vars(flows.fetch)["_func"].__name__ == "fetch"
    assert "_func" not in vars(STEP)


def test_steps_call_their_function_by_that_attribute() -> None:
    """In `__call__`, where it is called for the workflow and where it is called outside of one."""
    code = STEP.__call__.__code__
    assert "_func" in code.co_names
    assert inspect.iscoroutinefunction(STEP.__call__)
    source = inspect.getsource(STEP.__call__)
    assert source.count("await self._func(") == 2


def test_outside_of_a_workflow_there_is_no_context() -> None:
    """So a step that is called by itself passes no gate."""
    assert get_run_context() is None


def test_handlers_are_found_by_one_method() -> None:
    """`execute` awaits what `_find_handler` returns, and nobody else calls it."""
    executor: Any = Executor
    source = inspect.getsource(executor.execute)
    assert source.count("self._find_handler(") == 1
    assert "await handler(message, context)" in source
    assert list(inspect.signature(executor._find_handler).parameters) == ["self", "message"]


@pytest.mark.parametrize("name", ["send_message", "yield_output", "request_info"])
def test_effects_of_a_handler_can_be_awaited(name: str) -> None:
    """So it can be held before it has one."""
    assert inspect.iscoroutinefunction(getattr(WorkflowContext, name))


def test_events_of_functional_workflows_go_through_one_method() -> None:
    """Framework and user alike call `RunContext.add_event`."""
    assert inspect.iscoroutinefunction(RunContext.add_event)
    context: Any = RunContext("w")
    assert hasattr(context, "_root_task") == (flows.CORE >= (1, 20))


def test_the_runner_polls_up_to_1_18_only() -> None:
    """There it awaits `asyncio.wait_for` of the next event beside a task of the superstep."""
    assert RUNNER.asyncio is asyncio
    assert (flows.CORE <= (1, 18)) == _sdk._POLLS
    kind: Any = getattr(_runner, "RunnerImpl", None) or vars(_runner)["Runner"]
    source = inspect.getsource(kind.run_until_convergence)
    if _sdk._POLLS:
        assert "iteration_task = asyncio.create_task(self._run_iteration())" in source
        assert "await asyncio.wait_for(self._ctx.next_event(), timeout=0.05)" in source
        assert "except asyncio.TimeoutError:" in source
    else:
        assert "wait_for" not in source


def test_answers_are_held_against_types() -> None:
    """By the framework's own function, which converts in later releases."""
    assert is_instance_of(True, bool)
    assert not is_instance_of("x", bool)
    assert hasattr(_workflow, "_coerce_request_info_response") == (flows.CORE > (1, 14))
    assert _sdk.coerced(True, bool, "r") is True
    with pytest.raises(ValueError, match="x"):
        _sdk.coerced("x", list[int], "r")


def test_executors_of_a_graph() -> None:
    """A graph shows them; a builder keeps them under one name."""
    sender, printer = flows.Sender(id="s"), flows.Printer(id="p")
    builder = WorkflowBuilder(start_executor=sender).add_edge(sender, printer)
    assert _sdk.executors_of(builder) == [sender, printer]
    assert _sdk.executors_of(builder.build()) == [sender, printer]
    assert _sdk.executors_of(flows.pair) == []


def test_the_storage_protocol() -> None:
    """Six methods, all awaited, that the store has with the same parameters."""
    names = {name for name in vars(CheckpointStorage) if not name.startswith("_")}
    assert names == {
        *("save", "load", "list_checkpoints", "delete", "get_latest", "list_checkpoint_ids")
    }
    for name in names:
        theirs = inspect.signature(getattr(CheckpointStorage, name)).parameters
        ours = inspect.signature(getattr(CheckpointStore, name)).parameters
        assert list(ours) == list(theirs)
        assert inspect.iscoroutinefunction(getattr(CheckpointStore, name))


def test_fields_that_are_read() -> None:
    """Of checkpoints and of events."""
    checkpoint = WorkflowCheckpoint(workflow_name="w", graph_signature_hash="h")
    for name in ("checkpoint_id", "previous_checkpoint_id", "messages", "state", "metadata"):
        assert hasattr(checkpoint, name)
    assert (checkpoint.iteration_count, checkpoint.pending_request_info_events) == (0, {})
    event: Any = WorkflowEvent("status", state=WorkflowRunState.IDLE)
    assert (event.executor_id, event.details, event.iteration) == (None, None, None)


def _what_is_exchanged() -> list[object]:
    context: Any = WorkflowContext
    executor: Any = Executor
    run: Any = RunContext
    return [
        context.send_message,
        context.yield_output,
        context.request_info,
        executor._find_handler,
        run.add_event,
        RUNNER.asyncio,
        *(getattr(FUNCTIONAL, name, None) for name in ("dis", IDENTITY)),
        "_func" in vars(STEP),
    ]


def test_everything_is_put_back() -> None:
    """After an operation the framework is as it was, and after an entered simulation."""
    before = _what_is_exchanged()
    for flow in (flows.trio, flows.fan, flows.failing):
        WorkflowSimulation(flow, schedule="random").run("abc")
        assert _what_is_exchanged() == before
    with WorkflowSimulation(flows.trio) as outer:
        outer.run("abc")
        with WorkflowSimulation(flows.fan, schedule="random") as inner:
            inner.run("abc")
        outer.run("abc")
    assert _what_is_exchanged() == before


def test_signatures_are_made_of_code_by_two_functions() -> None:
    """Since 1.20; what is kept depends on names of a module and a function, and on code alone."""
    source = inspect.getsource(FUNCTIONAL)
    assert ("import dis" in source) == (flows.CORE >= (1, 20))
    if flows.CORE < (1, 20):
        assert IDENTITY not in source
        return
    assert source.count("dis.get_instructions(code)") == 1
    assert source.count("dis.") == 1
    signs = inspect.getsource(getattr(FUNCTIONAL, IDENTITY))
    assert signs.count("func.") == 2
    assert '"module": func.__module__,' in signs
    assert '"qualname": func.__qualname__,' in signs
    assert 'code = getattr(func, "__code__", None)' in signs


def test_a_graph_has_a_runner_that_restores_checkpoints() -> None:
    """`restore` calls `Workflow._runner.restore_from_checkpoint(checkpoint_id, storage)`."""
    workflow: Any = WorkflowBuilder(start_executor=flows.Printer(id="printer")).build()
    restore = workflow._runner.restore_from_checkpoint
    assert inspect.iscoroutinefunction(restore)
    assert list(inspect.signature(restore).parameters) == ["checkpoint_id", "checkpoint_storage"]

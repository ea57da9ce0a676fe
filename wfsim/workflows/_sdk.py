"""Every touch of Agent Framework's internals that running workflows needs.

* `FunctionalWorkflow._func`: a workflow object of core <= 1.13, or a built one of later releases,
  is made anew from its function, so that no earlier run is left in it.
* `WorkflowBuilder._executors` holds the executors of a graph before it is built.
* `StepWrapper.__call__` reads `self._func` where it calls the user's function. While orders are
  explored, `_func` is a property that hands a gated function to that one reader. Everybody else
  gets the function itself, because core >= 1.20 derives a step's identity from it.
* `Executor._find_handler` returns the handler that `Executor.execute` awaits; while orders are
  explored it is gated. `WorkflowContext.send_message`, `.yield_output` and `.request_info` are
  where a handler first has an effect on others.
* `RunContext.add_event` is told the time: functional workflows hold events back until they end.
  `RunContext._root_task`, on core >= 1.20, is the task that runs the workflow's function.
* `agent_framework._workflows._runner.asyncio`, on core <= 1.18: the graph runner looks every 50 ms
  whether its superstep has ended. In virtual time that would be an endless row of jumps, so it
  waits for the end of the superstep instead, as later releases do.
* `Workflow._runner.restore_from_checkpoint` is what `Workflow.run(checkpoint_id=…)` begins with.
* `_typing_utils.is_instance_of` and, where it exists, `_workflow._coerce_request_info_response`:
  how the framework holds an answer against the type that was asked for.

tests/workflows/test_sdk_contract.py fails loudly when a release moves one of them.
"""

# pyright: reportPrivateUsage=false
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any, Final

import agent_framework
from agent_framework import (
    Executor,
    FunctionalWorkflow,
    RunContext,
    StepWrapper,
    Workflow,
    WorkflowBuilder,
    WorkflowContext,
    get_run_context,
)
from agent_framework._workflows import _runner, _workflow
from agent_framework._workflows._typing_utils import is_instance_of

from wfsim.workflows import shortcuts
from wfsim.workflows.gate import Gate

__all__ = [
    "built",
    "coerced",
    "executors_of",
    "function_of",
    "gated",
    "is_builder",
    "is_functional",
    "is_graph",
    "is_step",
    "patient_runner",
    "restore",
    "stamping",
]

_DEFINITION: Final[Any] = getattr(agent_framework, "FunctionalWorkflowDefinition", None)
_STEP: Final[Any] = StepWrapper
_CONTEXT: Final[Any] = RunContext
_ADD_EVENT: Final[Any] = _CONTEXT.add_event
_CALL_CODE: Final = _STEP.__call__.__code__
_EFFECTS: Final = ("send_message", "yield_output", "request_info")


# --- kinds of workflows -------------------------------------------------------------------------


def is_functional(thing: object) -> bool:
    """Return whether this is a functional workflow, or a definition of one."""
    return isinstance(thing, FunctionalWorkflow) or (
        _DEFINITION is not None and isinstance(thing, _DEFINITION)
    )


def is_graph(thing: object) -> bool:
    """Return whether this is a graph workflow that can be run."""
    return isinstance(thing, Workflow)


def is_step(thing: object) -> bool:
    """Return whether this is a function that was decorated with `@step`."""
    return isinstance(thing, StepWrapper)


def is_builder(thing: object) -> bool:
    """Return whether this builds graph workflows: a `WorkflowBuilder`, or one of its kin."""
    if isinstance(thing, WorkflowBuilder):
        return True
    home = type(thing).__module__.partition(".")[0]
    return home.startswith("agent_framework") and callable(getattr(thing, "build", None))


def function_of(workflow: Any) -> Callable[..., Any]:  # noqa: ANN401
    """Return the user's function behind a step, or behind a functional workflow."""
    found: Callable[..., Any] = vars(workflow)["_func"]
    return found


def executors_of(thing: Any) -> list[object]:  # noqa: ANN401
    """Return the executors of a graph, or of a builder as far as it has them already."""
    found = getattr(thing, "executors", None) or getattr(thing, "_executors", None)
    return list(found.values()) if isinstance(found, dict) else []


def built(workflow: Any) -> Any:  # noqa: ANN401
    """Return a functional workflow in which nothing has run yet."""
    if _DEFINITION is not None and isinstance(workflow, _DEFINITION):
        return workflow.build()
    return FunctionalWorkflow(
        function_of(workflow), name=workflow.name, description=workflow.description
    )


async def restore(workflow: Any, checkpoint_id: str, storage: Any) -> None:  # noqa: ANN401
    """Put a graph workflow into the state of a checkpoint, as its `run` does before it goes on."""
    await workflow._runner.restore_from_checkpoint(checkpoint_id, storage)


def coerced(value: object, wanted: Any, request_id: str) -> Any:  # noqa: ANN401
    """Return an answer as the framework takes it.

    Raises:
        ValueError: it does not fit the type that was asked for.
    """
    convert = getattr(_workflow, "_coerce_request_info_response", None)
    if convert is not None:
        return convert(value, wanted, request_id)
    if not is_instance_of(value, wanted):
        raise ValueError(f"{value!r} is no {wanted!r}")
    return value


# --- time ---------------------------------------------------------------------------------------


Stamp = Callable[[object, object], None]
"""Takes an event of a functional workflow when it happens, and the task that runs the workflow's
function, where the release has one of its own."""

_stamps: list[Stamp] = []
"""Who is told of events, innermost last."""
_holders: list[object] = []
"""For whom `RunContext.add_event` is exchanged."""


def hold(holder: object) -> None:
    """Exchange `RunContext.add_event` until `release`; it tells nobody but who is `stamping`.

    Besides, let the framework work out once what depends on nothing but code.

    A simulation holds it for as long as it is open: Python forgets all that it knows of a class
    whenever one of its methods is exchanged.
    """
    if holder not in _holders:
        _holders.append(holder)
    _CONTEXT.add_event = _add_event
    shortcuts.put()


def release(holder: object) -> None:
    """Take back what `hold` has done for somebody, if it has, unless others hold it as well."""
    if holder not in _holders:
        return
    _holders.remove(holder)
    if not _holders:
        _CONTEXT.add_event = _ADD_EVENT
        shortcuts.take_back()


async def _add_event(context: Any, event: Any) -> None:  # noqa: ANN401
    if _stamps:
        _stamps[-1](event, getattr(context, "_root_task", None))
    await _ADD_EVENT(context, event)


class stamping:  # noqa: N801 - used like a function
    """Tell `stamp` of every event of a functional workflow when it happens."""

    __slots__ = ("_is_held", "_stamp")

    def __init__(self, stamp: Stamp) -> None:
        self._stamp = stamp

    def __enter__(self) -> None:
        self._is_held = bool(_holders)
        if not self._is_held:
            hold(self)
        _stamps.append(self._stamp)

    def __exit__(self, *_: object) -> None:
        _stamps.pop()
        if not self._is_held:
            release(self)


class _Patient:
    """Stands for `asyncio` in the graph runner of core <= 1.18."""

    def __init__(self) -> None:
        self._iterations: dict[Any, asyncio.Task[Any]] = {}

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(asyncio, name)

    def create_task(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        runner = asyncio.current_task()
        self._iterations[runner] = task
        task.add_done_callback(lambda _: self._forget(runner, task))
        return task

    def _forget(self, runner: Any, task: asyncio.Task[Any]) -> None:  # noqa: ANN401
        if self._iterations.get(runner) is task:
            del self._iterations[runner]

    async def wait_for(self, work: Coroutine[Any, Any, Any], timeout: float) -> Any:  # noqa: ANN401, ASYNC109
        iteration = self._iterations.get(asyncio.current_task())
        if iteration is None:
            return await asyncio.wait_for(work, timeout)
        event = asyncio.create_task(work)
        try:
            await asyncio.wait((iteration, event), return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not event.done():
                event.cancel()
                await asyncio.wait((event,))
        if event.cancelled():
            raise asyncio.TimeoutError  # noqa: UP041 - what the runner catches
        return event.result()


def _polls() -> bool:
    kind: Any = getattr(_runner, "RunnerImpl", None) or vars(_runner)["Runner"]
    return "wait_for" in kind.run_until_convergence.__code__.co_names


_POLLS: Final = _polls()


@contextmanager
def patient_runner() -> Generator[None]:
    """Let the graph runner wait for its superstep instead of looking every 50 ms."""
    runner: Any = _runner
    original = runner.asyncio
    runner.asyncio = _Patient()
    try:
        yield
    finally:
        runner.asyncio = original


# --- orders -------------------------------------------------------------------------------------


def playing(stamp: Stamp, gate: Gate | None) -> Iterator[AbstractContextManager[None]]:
    """Yield everything that has to be in place while a workflow runs."""
    yield stamping(stamp)
    if _POLLS:
        yield patient_runner()
    if gate is not None:
        yield gated(gate)


@contextmanager
def gated(gate: Gate) -> Generator[None]:
    """Let concurrent steps and executors pass `gate` before others see what they did."""
    with ExitStack() as stack:
        stack.enter_context(_gated_steps(gate))
        stack.enter_context(_gated_handlers(gate))
        yield


@contextmanager
def _gated_steps(gate: Gate) -> Generator[None]:
    def read(wrapper: Any) -> Any:  # noqa: ANN401
        function = vars(wrapper)["_func"]
        caller = sys._getframe(1).f_code
        if caller is not _CALL_CODE or get_run_context() is None:
            return function
        return _passing(gate, wrapper.name, function)

    def write(wrapper: Any, function: Any) -> None:  # noqa: ANN401
        vars(wrapper)["_func"] = function

    outer = vars(_STEP).get("_func")
    _STEP._func = property(read, write)
    try:
        yield
    finally:
        if outer is None:
            del _STEP._func
        else:
            _STEP._func = outer


def _passing(gate: Gate, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    async def call(*args: Any, **options: Any) -> Any:  # noqa: ANN401
        given = tuple(item for item in args if not isinstance(item, RunContext))
        with gate.running(name, (given, options)) as unit:
            try:
                result = await function(*args, **options)
            except Exception:
                await gate.arrive(unit)
                raise
            await gate.arrive(unit)
            return result

    return call


@contextmanager
def _gated_handlers(gate: Gate) -> Generator[None]:
    executor: Any = Executor
    context: Any = WorkflowContext
    find = executor._find_handler
    effects = {name: getattr(context, name) for name in _EFFECTS}

    def _find_handler(self: Any, message: Any) -> Any:  # noqa: ANN401
        handler = find(self, message)

        async def handle(data: Any, ctx: Any) -> None:  # noqa: ANN401
            await _passing(gate, self.id, lambda *_: handler(data, ctx))(data)

        return handle

    executor._find_handler = _find_handler
    for name, original in effects.items():
        setattr(context, name, _after_arrival(gate, original))
    try:
        yield
    finally:
        executor._find_handler = find
        for name, original in effects.items():
            setattr(context, name, original)


def _after_arrival(gate: Gate, original: Callable[..., Any]) -> Callable[..., Any]:
    async def effect(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401
        unit = gate.current()
        if unit is not None:
            await gate.arrive(unit)
        return await original(self, *args, **options)

    return effect

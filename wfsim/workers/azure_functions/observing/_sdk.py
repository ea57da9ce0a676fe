"""Passes of the SDK over a history, and what an orchestrator does in one.

Like all `_sdk.py` modules, it changes nothing of what the SDK does.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator
from functools import lru_cache
from types import FrameType, GeneratorType
from typing import Any, Final, cast

from azure.durable_functions import DurableOrchestrationContext
from azure.durable_functions.models.Task import CompoundTask, LongTimerTask, TaskBase, TaskState

from wfsim.trace import Place
from wfsim.workers.azure_functions.answers._sdk import answer_of, new_executor, orchestrator_of
from wfsim.workers.azure_functions.observing.holding import runs_code_when_closed
from wfsim.workers.azure_functions.reply import Reply

__all__ = [
    "Observation",
    "ObservedContext",
    "observe",
    "prepare",
    "replay",
    "watched",
]


@lru_cache(maxsize=4096)
def _place(file: str, line: int) -> Place:
    return Place(file=file, line=line)  # a loop comes to the same ones again and again


_TASK_METHODS: Final = (
    "call_activity",
    "call_activity_with_retry",
    "call_sub_orchestrator",
    "call_sub_orchestrator_with_retry",
    "call_entity",
    "call_http",
    "create_timer",
    "wait_for_external_event",
    "task_all",
    "task_any",
)


# --- a second look at an orchestrator: where it yields, and what it leaves lying about ----------


class Observation:
    """What an orchestrator did in one pass, beyond its answer."""

    __slots__ = (
        "asks_whether_replaying",
        "created",
        "current",
        "current_place",
        "fresh_timers",
        "holds_on",
        "places",
        "reads_history",
    )

    def __init__(self) -> None:
        self.places: list[tuple[int, Place, Any]] = []
        """For each yield: how many actions were before it, where it stands, the clock at it."""
        self.created: list[tuple[Any, str, Place]] = []
        """Each task that was made: the task, the method that made it, and where."""
        self.fresh_timers: list[Any] = []
        """The timers among them that nobody has asked for yet."""
        self.current: Any = None
        """What the orchestrator yielded last; None once it ended."""
        self.current_place: Place | None = None
        self.asks_whether_replaying = False
        """Whether the orchestrator has read `context.is_replaying`."""
        self.reads_history = False
        """Whether the orchestrator has read `context.histories`, longer in each episode."""
        self.holds_on = False
        """Whether it has waited where code of its own would run if it was dropped."""

    def place_of_action(self, index: int) -> Place | None:
        """Return the line that yielded the action of that index."""
        found = self.yield_of_action(index)
        return None if found is None else found[1]

    def yield_of_action(self, index: int) -> tuple[int, Place, Any] | None:
        """Return the entry of `places` for the action of that index."""
        before = [entry for entry in self.places if entry[0] <= index]
        return before[-1] if before else None

    def place_of_call(self, name: str) -> Place | None:
        """Return where a task that calls the function `name` was made, the last one first."""
        for entry in reversed(self.created):
            action: Any = getattr(entry[0], "actions", None) or entry[0].action_repr
            if getattr(action, "function_name", None) == name:
                place: Place = entry[2]
                return place
        return self.current_place

    @property
    def yielded_no_task(self) -> bool:
        """Whether the last thing yielded is not a task of the SDK."""
        return self.current_place is not None and not isinstance(self.current, TaskBase)

    def never_yielded(self) -> list[tuple[str, Place]]:
        """Return the tasks that were made and never scheduled, outermost only."""
        idle = [entry for entry in self.created if not entry[0]._is_scheduled]
        return [(method, place) for task, method, place in idle if task.parent is None]

    def timers(self) -> list[tuple[Any, Place]]:
        """Return the tasks of timers, and where they were made."""
        return [(task, place) for task, method, place in self.created if method == "create_timer"]

    @staticmethod
    def is_cancelled_in_vain(timer: Any) -> bool:  # noqa: ANN401 - SDK tasks are untyped
        """Whether a timer was cancelled that the SDK has split: the host never hears of that."""
        return isinstance(timer, LongTimerTask) and bool(timer.action.is_cancelled)

    def event_waits(self) -> list[tuple[str, bool]]:
        """Return the name of each wait for an external event, and whether the event came."""
        return [
            (str(task.id), bool(task.is_completed))
            for task, method, _ in self.created
            if method == "wait_for_external_event"
        ]

    def waits(self) -> list[tuple[str, Any]]:
        """Return what the orchestrator waits for now: kind of action and its detail, each."""
        if not isinstance(self.current, TaskBase):
            return []
        return list(_leaves(self.current))


# --- passes -----------------------------------------------------------------------------------


def replay(handle: Callable[..., Any], code: Callable[..., Any], context: Any) -> Reply:  # noqa: ANN401
    """Run one pass of `code` as `handle` would, and look at nothing; see `observe`."""
    context._input_expected_type = getattr(handle, "_df_input_type", None)
    return _answer(code, context)


def _answer(code: Callable[..., Any], context: Any) -> Reply:  # noqa: ANN401
    executor = new_executor()
    orchestrator_of(code, executor).handle(context)
    return answer_of(executor, context)


def observe(
    handle: Callable[..., Any],
    code: Callable[..., Any],
    context: Any,  # noqa: ANN401 - the SDK's context is untyped
    seen: Observation,
) -> Reply:
    """Run one pass of `code` as `handle` would, and note in `seen` what it does.

    Leans on `Orchestrator.handle`, and the attribute that `orchestration_trigger(input_type=…)`
    leaves on the handle.

    Args:
        handle: What the app registered.
        code: The user's function, or its twin.
        context: An `ObservedContext`.
        seen: Where to note things.
    """
    prepare(handle, context, seen)
    try:
        return _answer(watched(code, seen), context)
    finally:
        # The abandoned generator is closed when it is freed, and runs its `finally` blocks then:
        # what they do is no part of this pass.
        context._wfsim_seen = Observation()


_GENERATOR: Final[Any] = GeneratorType


def prepare(handle: Callable[..., Any], context: Any, seen: Observation) -> None:  # noqa: ANN401
    """Give an observed context what the handle would, and where to note things."""
    context._input_expected_type = getattr(handle, "_df_input_type", None)
    context._wfsim_seen = seen


def watched(code: Callable[..., Any], seen: Observation) -> Callable[[object], Any]:
    """Return an orchestrator's code with somebody at each of its yields who notes it in `seen`."""

    def call(context: object) -> Any:  # noqa: ANN401 - a plain function may return anything
        seen.reads_history = False  # so far it was the SDK that did
        made: Any = code(context)
        is_generator = isinstance(made, _GENERATOR)
        return _drive(made, context, seen) if is_generator else made

    return call


def _drive(
    generator: Generator[Any, Any, Any],
    context: Any,  # noqa: ANN401 - the SDK's context is untyped
    seen: Observation,
) -> Generator[Any, Any, Any]:
    """Stand between the SDK and the user's generator; change nothing, note each yield."""
    resume: Callable[[Any], Any] = generator.send
    value: Any = None
    # Asked for once: whoever listens to audit events hears of each time.
    users: Any = generator
    code, frame = users.gi_code, users.gi_frame
    file, holds_on = code.co_filename, runs_code_when_closed(code)
    places: dict[int, Place] = {}  # by instructions: to look for a line takes a while
    while True:
        seen.current = seen.current_place = None
        try:
            task = resume(value)
        except StopIteration as stop:
            return stop.value
        seen.holds_on = seen.holds_on or holds_on
        if isinstance(users.gi_yieldfrom, _GENERATOR):
            place = _innermost(generator, seen)
        else:
            known = places.get(frame.f_lasti)
            if known is None:
                known = places[frame.f_lasti] = _place(file, frame.f_lineno)
            place = known
        seen.current, seen.current_place = task, place
        made = context._action_payload_v2  # the schema that the host always offers
        seen.places.append((len(made), place, context._current_utc_datetime))
        try:
            value = yield task
            resume = generator.send
        except GeneratorExit:
            generator.close()
            raise
        except Exception as error:  # noqa: BLE001 - handed on to the user's code
            resume, value = generator.throw, error


def _innermost(generator: Generator[Any, Any, Any], seen: Observation) -> Place:
    """Return the line at which the generator that another one delegates to has stopped."""
    inner: Any = generator
    holds_on = False
    while isinstance(deeper := inner.gi_yieldfrom, _GENERATOR):
        inner = deeper
        holds_on = holds_on or runs_code_when_closed(inner.gi_code)
    seen.holds_on = seen.holds_on or holds_on
    frame = inner.gi_frame
    return _place(inner.gi_code.co_filename, frame.f_lineno if frame else 0)


def _noting(method: str) -> Callable[..., Any]:
    original, is_timer = getattr(DurableOrchestrationContext, method), method == "create_timer"

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        task = original(self, *args, **kwargs)
        caller: FrameType = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
        seen: Observation = self._wfsim_seen
        seen.created.append((task, method, _place(caller.f_code.co_filename, caller.f_lineno)))
        if is_timer:
            seen.fresh_timers.append(task)
        return task

    call.__name__ = method
    return call


def _is_replaying(self: Any) -> bool:  # noqa: ANN401
    self._wfsim_seen.asks_whether_replaying = True
    return bool(self._is_replaying)


def _histories(self: Any) -> list[object]:  # noqa: ANN401
    if hasattr(self, "_wfsim_seen"):  # the SDK reads it, too, when it makes the context
        self._wfsim_seen.reads_history = True
    return cast("list[object]", self._histories)


ObservedContext: Any = type(
    "DurableOrchestrationContext",
    (DurableOrchestrationContext,),
    {
        **{method: _noting(method) for method in _TASK_METHODS},
        "is_replaying": property(_is_replaying),
        "histories": property(_histories),
    },
)


def _leaves(task: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - SDK tasks are untyped
    """Yield the open atomic tasks below a task; one that retries or splits counts as one."""
    if task.state is not TaskState.RUNNING:
        return
    if isinstance(task, LongTimerTask):
        yield "timer", task.action.fire_at
        return
    is_compound = isinstance(task, CompoundTask)
    action: Any = getattr(task, "actions", None) if is_compound else task.action_repr
    if is_compound and action is None:
        for child in task.children:
            yield from _leaves(child)
        return
    name = type(action).__name__
    if name == "WaitForExternalEventAction":
        yield "event", action.external_event_name
    elif name == "CreateTimerAction":
        yield "timer", action.fire_at
    elif name == "CallHttpAction":
        yield "activity", "BuiltIn::HttpActivity"
    elif "SubOrchestrator" in name:
        yield "child", action.function_name
    elif "Activity" in name:
        yield "activity", action.function_name
    elif name == "CallEntityAction":
        yield "entity", str(action.instance_id)

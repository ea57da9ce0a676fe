"""Every touch of the internals of `azure-functions` and `azure-functions-durable`.

Nothing here changes what the SDK does. Each function says which internal it leans on;
tests/worker/test_sdk_contract.py fails loudly when a release moves one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from types import FrameType, GeneratorType
from typing import Any, Final, cast

import azure.functions as func
from azure.durable_functions import DurableOrchestrationContext, Orchestrator
from azure.durable_functions.models.history import HistoryEvent
from azure.durable_functions.models.Task import CompoundTask, LongTimerTask, TaskBase, TaskState
from azure.functions import _durable_functions as codec  # pyright: ignore[reportPrivateUsage]
from azure.functions.durable_functions import ActivityTriggerConverter
from azure.functions.meta import Datum

from wfsim.trace import Place
from wfsim.workers.azure_functions.registered import Kind, Registered, described

__all__ = [
    "Observation",
    "Registered",
    "dump_input",
    "encode_result",
    "functions_of",
    "history_event",
    "is_app",
    "load_input",
    "observe",
    "orchestrator_code",
    "place_of_function",
    "read_context",
    "shortcuts",
]

_KINDS: Final[dict[str, tuple[Kind, str]]] = {
    "orchestrationTrigger": ("orchestrator", "orchestration"),
    "activityTrigger": ("activity", "activity"),
    "entityTrigger": ("entity", "entityName"),
}
"""Trigger type -> kind of function, and the trigger's property that renames it (semantics 8.3)."""

_INDEXING_STATE: Final = ("functions_bindings", "_require_auth_level")

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


def is_app(value: object) -> bool:
    """Whether `value` can hold functions: an app, or a blueprint on its own."""
    return isinstance(value, func.FunctionRegister) or hasattr(value, "_function_builders")


def is_indexed_app(value: object) -> bool:
    """Whether the Functions host would take `value` for the app of a `function_app.py`."""
    return isinstance(value, func.FunctionRegister)


def functions_of(app: object) -> list[Registered]:
    """Return the functions of an app or blueprint, built as the host's worker builds them."""
    if isinstance(app, func.FunctionRegister):
        register: Any = app
    else:
        # A blueprint is normally registered with an app, which then builds its functions.
        register = func.FunctionApp()
        register.register_functions(app)
    # `get_functions` remembers names, so that a second call would complain of duplicates; and it
    # logs a warning, which sets up the root logger, about apps without HTTP triggers.
    kept = {name: getattr(register, name, None) for name in _INDEXING_STATE}
    register.functions_bindings = {}
    register._require_auth_level = True
    try:
        built = register.get_functions()
    finally:
        for name, value in kept.items():
            setattr(register, name, value)
    return [_registered(function) for function in built]


def _registered(function: Any) -> Registered:  # noqa: ANN401 - azure.functions' Function is untyped
    trigger = function.get_trigger()
    raw: dict[str, Any] = trigger.get_dict_repr() if trigger is not None else {}
    kind, renames = _KINDS.get(str(raw.get("type")), ("other", ""))
    name = function.get_function_name()
    return Registered(
        kind=kind,
        name=raw.get(renames) or name,
        function_name=name,
        parameter=str(raw.get("name", "")),
        call=function.get_user_function(),
        trigger=described(raw),
        bindings=tuple(
            described(binding.get_dict_repr())
            for binding in function.get_bindings()
            if binding is not trigger
        ),
    )


def orchestrator_code(handle: Callable[..., Any]) -> Callable[..., Any]:
    """Return the user's function behind the handle or middleware that a decorator made."""
    for name in ("orchestrator_function", "entity_function", "client_function"):
        handle = getattr(handle, name, handle)
    return handle


def place_of_function(handle: Callable[..., Any]) -> Place | None:
    """Return the first line of the user's function behind what the app registered."""
    code = getattr(orchestrator_code(handle), "__code__", None)
    return None if code is None else Place(file=code.co_filename, line=code.co_firstlineno)


# --- payloads: the same codec that the Functions worker uses ----------------------------------


def dump_input(value: object) -> str:
    """Encode a value as the Python client encodes an orchestration's input (semantics 1.2).

    Raises:
        TypeError: `value` cannot be encoded.
    """
    return _dumps(value)


def _dumps(value: object) -> str:
    dumps = getattr(codec, "df_dumps", None)
    if dumps is not None:
        return cast("str", dumps(value))
    import json  # noqa: PLC0415 - azure-functions before df_dumps

    custom: Any = codec
    return json.dumps(value, default=custom._serialize_custom_object)


def load_input(text: str) -> object:
    """Decode an activity's input as the Functions worker does."""
    converter: Any = ActivityTriggerConverter
    return cast("object", converter.decode(Datum(type="json", value=text), trigger_metadata=None))


def encode_result(value: object) -> str:
    """Encode an activity's result as the Functions worker does.

    Raises:
        ValueError: `value` cannot be encoded.
    """
    return str(ActivityTriggerConverter.encode(value, expected_type=None).value)


# --- a second look at an orchestrator: where it yields, and what it leaves lying about ----------


@dataclass(slots=True)
class Observation:
    """What an orchestrator did in one pass, beyond its answer."""

    places: list[tuple[int, Place, Any]] = field(default_factory=list[tuple[int, Place, Any]])
    """For each yield: how many actions were before it, where it stands, the clock at it."""
    created: list[tuple[Any, str, Place]] = field(default_factory=list[tuple[Any, str, Place]])
    """Each task that was made: the task, the method that made it, and where."""
    current: Any = None
    """What the orchestrator yielded last; None once it ended."""
    current_place: Place | None = None

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


_MODELS: Final = "azure.durable_functions.models"
_SHORTCUTS: Final[tuple[tuple[Any, str, Any], ...]] = tuple(
    (module, name, lru_cache(maxsize=4096)(getattr(module, name)))
    for module, name in (
        (sys.modules[f"{_MODELS}.history.HistoryEvent"], "dt_parse"),
        (sys.modules[f"{_MODELS}.TaskOrchestrationExecutor"], "namedtuple"),
    )
    if hasattr(module, name)
)


@contextmanager
def shortcuts() -> Generator[None]:
    """Let the SDK parse each distinct date once, and make its one class of tuples once.

    Both are most of what an episode costs: in virtual time most events share their date, and the
    class is made anew in each episode. Both are functions of their arguments, and what they return
    cannot change, so nothing else is different.
    """
    outer = [getattr(module, name) for module, name, _ in _SHORTCUTS]
    for module, name, remembered in _SHORTCUTS:
        setattr(module, name, remembered)
    try:
        yield
    finally:
        for (module, name, _), original in zip(_SHORTCUTS, outer, strict=True):
            setattr(module, name, original)


def history_event(fields: dict[str, Any]) -> object:
    """Return the SDK's event object for one event of a history."""
    return HistoryEvent(**fields)


def read_context(body: str, *, history: list[object] | None = None) -> Any:  # noqa: ANN401 - untyped
    """Return the context that the SDK makes of JSON text, ready to be observed.

    Args:
        body: The context.
        history: Event objects in place of the history in `body`.
    """
    context = _ObservedContext.from_json(body)
    if history is not None:
        context._histories = history
    return context


def observe(
    handle: Callable[..., Any],
    code: Callable[..., Any],
    context: Any,  # noqa: ANN401 - the SDK's context is untyped
    seen: Observation,
) -> str:
    """Run one pass of `code` as `handle` would, and note in `seen` what it does.

    Leans on `Orchestrator.handle`, `DurableOrchestrationContext.from_json`, where the context
    keeps its history, and the attribute that `orchestration_trigger(input_type=…)` leaves on the
    handle.

    Args:
        handle: What the app registered.
        code: The user's function, or its twin.
        context: From `read_context`.
        seen: Where to note things.
    """
    context._input_expected_type = getattr(handle, "_df_input_type", None)
    context._wfsim_seen = seen

    def call(context: object) -> Any:  # noqa: ANN401 - a plain function may return anything
        made: Any = code(context)
        is_generator = isinstance(made, GeneratorType)
        return _drive(cast("Any", made), context, seen) if is_generator else made

    orchestrator = Orchestrator(call)
    try:
        return str(orchestrator.handle(context))
    finally:
        # The abandoned generator is closed when it is freed, and runs its `finally` blocks then:
        # what they do is no part of this pass.
        context._wfsim_seen = Observation()


def _drive(
    generator: Generator[Any, Any, Any],
    context: Any,  # noqa: ANN401 - the SDK's context is untyped
    seen: Observation,
) -> Generator[Any, Any, Any]:
    """Stand between the SDK and the user's generator; change nothing, note each yield."""
    resume: Callable[[Any], Any] = generator.send
    value: Any = None
    while True:
        seen.current = seen.current_place = None
        try:
            task = resume(value)
        except StopIteration as stop:
            return stop.value
        seen.current, seen.current_place = task, _innermost(generator)
        clock = context.current_utc_datetime
        seen.places.append((len(context._actions[-1]), seen.current_place, clock))
        try:
            value = yield task
            resume = generator.send
        except GeneratorExit:
            generator.close()
            raise
        except Exception as error:  # noqa: BLE001 - handed on to the user's code
            resume, value = generator.throw, error


def _innermost(generator: Generator[Any, Any, Any]) -> Place:
    """Return the line at which the generator, or the one it delegates to, has stopped."""
    inner: Any = generator
    while isinstance(deeper := inner.gi_yieldfrom, GeneratorType):
        inner = cast("Any", deeper)
    frame = inner.gi_frame
    return Place(file=inner.gi_code.co_filename, line=frame.f_lineno if frame else 0)


def _noting(method: str) -> Callable[..., Any]:
    original = getattr(DurableOrchestrationContext, method)

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        task = original(self, *args, **kwargs)
        caller: FrameType = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
        place = Place(file=caller.f_code.co_filename, line=caller.f_lineno)
        self._wfsim_seen.created.append((task, method, place))
        return task

    call.__name__ = method
    return call


_ObservedContext: Any = type(
    "DurableOrchestrationContext",
    (DurableOrchestrationContext,),
    {method: _noting(method) for method in _TASK_METHODS},
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

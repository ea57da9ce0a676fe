"""Every touch of the internals of `azure-functions` and `azure-functions-durable`.

Nothing here changes what the SDK does. Each function says which internal it leans on;
tests/worker/test_sdk_contract.py fails loudly when a release moves one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import azure.functions as func

from wfsim.trace import Place
from wfsim.workers.azure_functions.given._sdk import (
    ContextMold,
    bare_event,
    history_event,
    mark_played,
    read_context,
)
from wfsim.workers.azure_functions.observing._sdk import (
    Observation,
    observe,
    prepare,
    replay,
    watched,
)
from wfsim.workers.azure_functions.payloads._sdk import dump_input, encode_result, load_input
from wfsim.workers.azure_functions.registered import Kind, Registered, described
from wfsim.workers.azure_functions.shortcuts._sdk import shortcuts

__all__ = [
    "ContextMold",
    "Observation",
    "Registered",
    "bare_event",
    "dump_input",
    "encode_result",
    "functions_of",
    "history_event",
    "is_app",
    "load_input",
    "mark_played",
    "observe",
    "orchestrator_code",
    "place_of_function",
    "prepare",
    "read_context",
    "replay",
    "shortcuts",
    "watched",
]

_KINDS: Final[dict[str, tuple[Kind, str]]] = {
    "orchestrationTrigger": ("orchestrator", "orchestration"),
    "activityTrigger": ("activity", "activity"),
    "entityTrigger": ("entity", "entityName"),
}
"""Trigger type -> kind of function, and the trigger's property that renames it (semantics 8.3)."""

_INDEXING_STATE: Final = ("functions_bindings", "_require_auth_level")


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

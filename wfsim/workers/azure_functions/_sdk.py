"""Every touch of the internals of `azure-functions` and `azure-functions-durable`.

Nothing here changes what the SDK does. Each function says which internal it leans on;
tests/worker/test_sdk_contract.py fails loudly when a release moves one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, cast

import azure.functions as func
from azure.functions import _durable_functions as codec  # pyright: ignore[reportPrivateUsage]
from azure.functions.durable_functions import ActivityTriggerConverter
from azure.functions.meta import Datum

from wfsim.trace import Place
from wfsim.workers.azure_functions.observing._sdk import (
    Observation,
    another_context,
    history_event,
    mark_played,
    observe,
    prepare,
    read_context,
    replay,
    watched,
)
from wfsim.workers.azure_functions.registered import Kind, Registered, described

__all__ = [
    "Observation",
    "Registered",
    "another_context",
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


# --- what a pass need not do twice ------------------------------------------------------------

_MODELS: Final = "azure.durable_functions.models"
_SHORTCUTS: Final[tuple[tuple[Any, str, Any], ...]] = tuple(
    (module, name, lru_cache(maxsize=4096)(getattr(module, name)))
    for module, name in (
        (sys.modules[f"{_MODELS}.history.HistoryEvent"], "dt_parse"),
        (sys.modules[f"{_MODELS}.TaskOrchestrationExecutor"], "namedtuple"),
    )
    if hasattr(module, name)
)


_STRICT: Final = "_is_strict_mode"


class shortcuts:  # noqa: N801 - used as a function is
    """Let the SDK parse each distinct date once, and make its one class of tuples once.

    Both are most of what an episode costs: in virtual time most events share their date, and the
    class is made anew in each episode. Both are functions of their arguments, and what they return
    cannot change, so nothing else is different. Whether its JSON is strict it asks of the
    environment for each payload; here once in a pass.
    """

    def __enter__(self) -> None:
        self._outer = [getattr(module, name) for module, name, _ in _SHORTCUTS]
        for module, name, remembered in _SHORTCUTS:
            setattr(module, name, remembered)
        self._is_strict = getattr(codec, _STRICT, None)
        if self._is_strict is not None:
            setattr(codec, _STRICT, _yes if self._is_strict() else _no)

    def __exit__(self, *_: object) -> None:
        for (module, name, _), original in zip(_SHORTCUTS, self._outer, strict=True):
            setattr(module, name, original)
        if self._is_strict is not None:
            setattr(codec, _STRICT, self._is_strict)


def _yes() -> bool:
    return True


def _no() -> bool:
    return False

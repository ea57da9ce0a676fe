"""What the SDK does in each pass, or for each payload, and need do once.

Like all `_sdk.py` modules, it changes nothing of what the SDK does. Where a release moves one of
the names, tests/worker/test_sdk_shortcuts.py fails.
"""

from __future__ import annotations

import json
import os
import time
import typing
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from enum import EnumType
from functools import lru_cache, wraps
from importlib import import_module
from types import SimpleNamespace
from typing import Any, Final

from azure.functions import _durable_functions as codec  # pyright: ignore[reportPrivateUsage]

__all__ = ["shortcuts"]

_MODELS: Final = "azure.durable_functions.models"


def _remembered(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a function that remembers, for as long as the local zone stays the same.

    A date in UTC is one in the local zone to the SDK's parser, where that is UTC.
    """

    @lru_cache(maxsize=4096)
    def in_zone(_names: tuple[str, str], *arguments: Any) -> Any:  # noqa: ANN401
        return function(*arguments)

    @wraps(function)
    def remembered(*arguments: Any) -> Any:  # noqa: ANN401
        return in_zone(time.tzname, *arguments)

    return remembered


_SHORTCUTS: Final[tuple[tuple[Any, str, Any], ...]] = tuple(
    (module, name, _remembered(getattr(module, name)))
    for module, name in (
        (import_module(f"{_MODELS}.history.HistoryEvent"), "dt_parse"),
        (import_module(f"{_MODELS}.TaskOrchestrationExecutor"), "namedtuple"),
    )
    if hasattr(module, name)
)

_ENUMS: Final = (
    ("TaskOrchestrationExecutor", "HistoryEventType"),
    ("TaskOrchestrationExecutor", "TaskState"),
    ("DurableOrchestrationContext", "ReplaySchema"),
    ("actions.CallActivityAction", "ActionType"),
)
"""Modules, and the enums of which they read members, several for each event."""


class _Members:
    """The members of an enum at hand: a class with members is asked for them by detours."""

    def __init__(self, kind: EnumType) -> None:
        self.__dict__.update(kind.__members__)
        self._wfsim_kind: Any = kind

    def __call__(self, value: object) -> object:
        return self._wfsim_kind(value)

    def __iter__(self) -> Iterator[object]:
        return iter(self._wfsim_kind)


def _enums() -> Iterator[tuple[Any, str, Any]]:
    for path, name in _ENUMS:
        module = import_module(f"{_MODELS}.{path}")
        kind = getattr(module, name, None)
        if isinstance(kind, EnumType):
            yield module, name, _Members(kind)


_OUTPUT_TYPE: Final = "activity_output_type"
"""What looks for the type that an activity returns, also where its name is all that is given."""


def _output_type_by(look: Callable[[Any], Any]) -> Callable[[Any], Any]:
    @wraps(look)
    def output_type(name: Any) -> Any:  # noqa: ANN401
        return None if type(name) is str else look(name)

    return output_type


_TYPING: Final[Any] = typing
_context: Final[Any] = import_module(f"{_MODELS}.DurableOrchestrationContext")
_IS_CALLABLE: Final = "Callable"
"""What names of functions are held against. `typing` asks `collections.abc`, by four detours."""


@lru_cache(maxsize=16)
def _reader(hook: Any) -> json.JSONDecoder:  # noqa: ANN401
    return json.JSONDecoder(object_hook=hook)


@lru_cache(maxsize=16)
def _writer(hook: Any) -> Callable[[Any], str]:  # noqa: ANN401
    return json.JSONEncoder(default=hook).encode


_PLAIN: Final = json.JSONDecoder()


def _loads(text: Any, *, object_hook: Any = None, **options: Any) -> Any:  # noqa: ANN401
    if options or type(text) is not str or text[:1] == "\ufeff":
        return json.loads(text, object_hook=object_hook, **options)
    decoder: Any = _PLAIN if object_hook is None else _reader(object_hook)
    try:  # as `read`, and without calling it: this is called for each payload, several times
        value, end = decoder.scan_once(text, 0)
    except StopIteration:
        return decoder.decode(text)
    return value if end == len(text) else decoder.decode(text)


def _dumps(value: Any, *, default: Any = None, **options: Any) -> str:  # noqa: ANN401
    if type(value) is int and not options:
        return repr(value)
    if default is not None and not options:
        return str(_writer(default)(value))
    return json.dumps(value, default=default, **options)


_JSON: Final = SimpleNamespace(**{**vars(json), "loads": _loads, "dumps": _dumps})
"""The module `json` with its readers and writers kept; there, each call makes a new one."""


_STRICT: Final = "_is_strict_mode"
_asks: Final[Any] = getattr(codec, _STRICT, None)
_variable: Final = getattr(codec, "_STRICT_ENV_VAR", "")


def _is_strict() -> bool:
    """Ask only where the variable is set: to ask takes longer than to read a short payload."""
    if os.environ is _ENVIRON and _NAMES is not None and _KEY not in _NAMES:
        return False
    return bool(_asks())


_ENVIRON: Final = os.environ
_NAMES: Final[Any] = getattr(os.environ, "_data", None)
_encode: Final[Any] = getattr(os.environ, "encodekey", str)
_KEY: Final = _encode(_variable)


class _Shortcuts:
    """Let the SDK parse each distinct date once, and make its classes and its JSON readers once.

    They are most of what an episode costs: in virtual time most events share their date, a class of
    tuples is made anew in each episode, and a reader or writer for each payload. All are functions
    of their arguments, and what they return does not change, so nothing else is different. Nor is
    it where the SDK asks the environment, for each payload, whether its JSON is strict.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._instead = [(module, name, remembered) for module, name, remembered in _SHORTCUTS]
        self._instead += _enums()
        if hasattr(_context, _OUTPUT_TYPE):
            look = getattr(_context, _OUTPUT_TYPE)
            self._instead.append((_context, _OUTPUT_TYPE, _output_type_by(look)))
        if getattr(_context, _IS_CALLABLE, None) is _TYPING.Callable:
            self._instead.append((_context, _IS_CALLABLE, Callable))
        if _asks is not None and _variable:
            self._instead.append((codec, _STRICT, _is_strict))
        if getattr(codec, "json", None) is json:
            self._instead.append((codec, "json", _JSON))
        self._outer: list[Any] = []

    def __enter__(self) -> None:
        self._depth += 1
        if self._depth == 1:
            self._outer = [getattr(module, name) for module, name, _ in self._instead]
            for module, name, instead in self._instead:
                setattr(module, name, instead)

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if self._depth == 0:
            for (module, name, _), original in zip(self._instead, self._outer, strict=True):
                setattr(module, name, original)


_shortcuts: Final = _Shortcuts()


def shortcuts() -> AbstractContextManager[None]:
    """Let the SDK do once what it does again and again; within another one it costs nothing."""
    return _shortcuts

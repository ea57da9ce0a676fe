"""Whether an app's modules hold something that one activity may change and another one see.

What cannot change is known; everything else may. Tried orders are left out on the strength of this.
"""

from __future__ import annotations

import dataclasses
import dis
import enum
import functools
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, cast

__all__ = ["may_share"]

_FIXED: Final = (
    int,
    float,
    complex,
    str,
    bytes,
    range,
    slice,
    types.NoneType,
    types.EllipsisType,
    types.NotImplementedType,
    types.ModuleType,
    types.BuiltinFunctionType,
    types.GenericAlias,
    types.UnionType,
    enum.Enum,
    # It answers the same whoever has filled it.
    type(functools.lru_cache(len)),
)
_FIXED_IN: Final = (
    "__future__.",
    "azure.",
    "datetime.",
    "decimal.",
    "fractions.",
    "ipaddress.",
    "logging.",
    "pathlib.",
    "re.",
    "typing.",
    "uuid.",
    "zoneinfo.",
)
"""Modules whose objects are values, or hold nothing of the app's."""
_OUTSIDE: Final = frozenset(
    {"open", "read_bytes", "read_text", "write_bytes", "write_text", "unlink", "connect", "environ"}
)
"""Names in code that has to do with what is not in memory: files, databases, the environment."""


def may_share(functions: Iterable[Callable[..., Any]], own: Iterable[types.ModuleType]) -> bool:
    """Return whether functions may see each other's effects: in globals, files or elsewhere.

    Args:
        functions: What the app registers.
        own: The modules that hold the app's own code.
    """
    return any(_Reach({module.__name__: module for module in own}).parts(*functions))


class _Reach:
    """Goes through all that code refers to, as far as it is the app's own."""

    def __init__(self, own: Mapping[str, types.ModuleType]) -> None:
        self._own = own
        self._known: set[int] = set()

    def parts(self, *values: object) -> Iterator[bool]:
        """Yield of each thing that is found whether it may change, or changes what outlives it."""
        for value in values:
            if id(value) not in self._known:
                self._known.add(id(value))
                yield from self._within(value)

    def _within(self, value: object) -> Iterator[bool]:
        match value:
            case tuple() | frozenset():
                yield from self.parts(*cast("Iterable[object]", value))
            case types.FunctionType():
                if value.__module__ in self._own:
                    yield from self._of_function(value)
            case type():
                if value.__module__ in self._own and not issubclass(value, enum.Enum):
                    yield from self._of_class(cast("type[Any]", value))
            case types.ModuleType():
                if self._own.get(value.__name__) is value:
                    items = vars(value).items()
                    yield from self.parts(*(item for name, item in items if name[:2] != "__"))
            case _ if isinstance(value, _FIXED):
                pass
            case _ if dataclasses.is_dataclass(value) and _is_frozen(type(value)):
                yield from self.parts(
                    *(getattr(value, it.name) for it in dataclasses.fields(value))
                )
            case _:
                yield not f"{type(value).__module__}.".startswith(_FIXED_IN)

    def _of_function(self, function: types.FunctionType) -> Iterator[bool]:
        names, reaches_out = _used(function.__code__, frozenset(function.__code__.co_freevars))
        yield reaches_out
        # What it keeps from call to call, and what it finds in its module.
        yield from self.parts(*(function.__defaults__ or ()))
        yield from self.parts(*(function.__kwdefaults__ or {}).values())
        for cell in function.__closure__ or ():
            try:
                yield from self.parts(cell.cell_contents)
            except ValueError:
                continue  # nothing has been put there yet
        around = function.__globals__
        yield from self.parts(*(around[name] for name in names if name in around))

    def _of_class(self, value: type[Any]) -> Iterator[bool]:
        for name, item in vars(value).items():
            if isinstance(item, types.FunctionType):
                yield from self.parts(item)
            elif isinstance(item, list | dict | set | bytearray) and name[:2] != "__":
                yield True  # a class may well be the stand-in for the outside world


def _is_frozen(kind: type) -> bool:
    parameters = getattr(kind, "__dataclass_params__", None)
    return parameters is not None and bool(parameters.frozen)


@functools.lru_cache(maxsize=4096)
def _used(code: types.CodeType, around: frozenset[str]) -> tuple[frozenset[str], bool]:
    """Return the names that code uses, and whether it changes what outlives it.

    It does where it binds a variable anew that is not its own, or has to do with files and such.

    Args:
        code: Of a function, or of one inside of it.
        around: Variables that the outermost function closes over.
    """
    names = frozenset(code.co_names)
    reaches_out = not _OUTSIDE.isdisjoint(names) or any(
        step.opname in {"STORE_GLOBAL", "DELETE_GLOBAL"}
        or (step.opname in {"STORE_DEREF", "DELETE_DEREF"} and step.argval in around)
        for step in dis.get_instructions(code)
    )
    for item in code.co_consts:
        if isinstance(item, types.CodeType):
            more, also = _used(item, around)
            names, reaches_out = names | more, reaches_out or also
    return names, reaches_out

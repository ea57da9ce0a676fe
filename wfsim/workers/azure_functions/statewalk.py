"""A look at everything that is reachable from an orchestrator's code.

Nothing of the user's is called for it, no `__eq__` and no `__repr__`.
"""

from __future__ import annotations

import builtins
import functools
import logging
import re
import sys
from collections import defaultdict, deque
from collections.abc import Hashable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import timezone
from enum import Enum, EnumMeta
from types import (
    BuiltinFunctionType,
    CellType,
    FunctionType,
    GenericAlias,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any, Final, cast

from wfsim.workers.azure_functions import kinds
from wfsim.workers.azure_functions.blame import is_users
from wfsim.workers.azure_functions.codereads import CodeReads
from wfsim.workers.azure_functions.pins import MODULES, Pins

__all__ = ["ABSENT", "StrangeError", "Walk", "content"]

ABSENT: Final = object()
"""Stands for what is not there."""


class StrangeError(Exception):
    """Something is not understood."""


def content(cell: CellType) -> object:
    """Return what a closure's cell holds."""
    try:
        return cell.cell_contents
    except ValueError:  # it is empty
        return ABSENT


def held_by(holder: Any) -> tuple[object, ...]:  # noqa: ANN401
    """Return what a container holds."""
    if isinstance(holder, Mapping):
        names = cast("Mapping[object, object]", holder)
        return (*names, *names.values())
    return tuple(cast("Iterable[object]", holder))


class Walk:
    """One look at everything that is reachable.

    Args:
        known: What earlier looks have found.
    """

    def __init__(self, known: Pins) -> None:
        self._known = known
        self._seen: dict[int, int] = {}
        self._kept: list[object] = []
        """What was seen, so that no address is used twice."""
        self.is_fixed = True
        """Whether nothing of it can change but what is listed below."""
        self.has_data = False
        self.names: list[tuple[dict[str, Any], str, object]] = []
        self.cells: list[tuple[CellType, object]] = []
        self.functions: list[tuple[FunctionType, tuple[object, ...], int]] = []
        self.holders: list[tuple[object, tuple[object, ...]]] = []
        """Containers, and what they hold."""
        self.attributes: set[str] = set()
        """Names of the attributes that code of the user's looks up."""
        self.is_inert = True
        """Whether the code itself cannot change any of what it reads."""
        self.has_sets = False
        """Whether there are sets, which iterate in another order in each process."""

    def mark(self, value: Any, reads: CodeReads | None = None) -> Hashable:  # noqa: ANN401
        """Return what stands for a value: equal for values in the same state.

        Args:
            value: What to look at.
            reads: The code that reads it, where that matters.
        """
        kind = cast("Any", type(value))
        if value is None:
            return None
        if kind in kinds.ATOMS:
            self.has_data = True
            return (kind, value)
        if kind in kinds.DATES:
            self.has_data = True
            return self._date(value, kind)
        if kind is ModuleType:
            return self._module(value, reads)
        if self._known.is_known(value):
            return id(value)
        number = self._seen.get(id(value))
        if number is not None:
            return ("again", number)
        self._seen[id(value)] = len(self._seen)
        self._kept.append(value)
        found = self._compound(value, kind)
        if self._known.is_known(value):
            del self._seen[id(value)]  # it has no number the next time either
        return found

    def _date(self, value: Any, kind: Any) -> Hashable:  # noqa: ANN401
        zone = getattr(value, "tzinfo", None)
        if zone is not None and type(zone) is not timezone:
            raise StrangeError
        return (kind, repr(value))

    def _all(self, values: Iterable[Any]) -> Hashable:
        return tuple([self.mark(value) for value in values])

    def _compound(self, value: Any, kind: Any) -> Hashable:  # noqa: ANN401
        self.has_sets = self.has_sets or kind in kinds.SETS
        if kind in {tuple, frozenset}:
            return (kind, self._all(value))
        if kind is FunctionType:
            return self._function(value)
        was_fixed = self.is_fixed
        self.is_fixed = was_fixed and kind in kinds.CANNOT_CHANGE
        if kind in kinds.HOLDERS:
            self._watch(value)
        self.has_data = self.has_data or kind not in kinds.CODE
        if kind in {list, set, deque}:
            return (kind, self._all(value))
        if kind in kinds.MAPPINGS:
            factory = self.mark(value.default_factory) if kind is defaultdict else None
            return (kind, factory, self._all(value), self._all(value.values()))
        if issubclass(kind, type):
            return self._class(value, kind)
        if kind is MethodType:
            return (kind, self.mark(value.__func__), self.mark(value.__self__))
        if kind is functools.partial:
            return (kind, self._all((value.func, value.args, value.keywords)))
        if kind is BuiltinFunctionType:
            return self._builtin(value)
        if kind in {staticmethod, classmethod}:
            return (kind, self.mark(value.__func__))
        if kind is property:
            return (kind, self._all((value.fget, value.fset, value.fdel)))
        if kind is re.Pattern:
            return (kind, value.pattern, value.flags)
        if kind is GenericAlias:
            return (kind, self.mark(value.__origin__), self._all(value.__args__))
        if issubclass(kind, logging.Logger):
            return (kind, value.name)
        if kind in kinds.DESCRIPTORS or kind.__module__ in {"typing", "dataclasses"}:
            return (kind, kind.__name__)
        return self._instance(value, kind, was_fixed=was_fixed)

    def _watch(self, holder: Any, *, was_fixed: bool | None = None) -> None:  # noqa: ANN401
        """Take what may hold other values later; it is asked whether it does.

        Args:
            holder: A container, or the names of an object, a class or a module.
            was_fixed: Where the kind of its owner alone made it seem to change: whether all else
                is fixed.
        """
        held = held_by(holder)
        self.holders.append((holder, held))
        self.is_inert = False
        if was_fixed is not None:
            self.is_fixed = was_fixed
        if len(held) > kinds.MOST_HELD:
            self.is_fixed = False

    # --- code -----------------------------------------------------------------------------------

    def _function(self, function: FunctionType) -> Hashable:
        code = function.__code__
        parts = (code, function.__defaults__, function.__kwdefaults__)
        self.functions.append((function, parts, len(vars(function))))
        self.names += [(vars(function), name, value) for name, value in vars(function).items()]
        cells = self._cells(function.__closure__ or ())
        if not is_users(code.co_filename) and not code.co_filename.startswith("<"):
            name = function.__globals__.get("__name__")
            if name in MODULES or str(name).startswith(f"{kinds.SDK}."):
                return (self._known.pin(code), cells, self._all(vars(function).values()))
            raise StrangeError
        number, reads = self._known.reads(code)
        if not reads.is_plain:
            raise StrangeError
        self.attributes |= reads.attributes
        self.has_sets = self.has_sets or reads.makes_sets
        self.is_inert = self.is_inert and not (reads.sets_attributes or function.__closure__)
        return (
            number,
            cells,
            self.mark(function.__defaults__),
            self.mark(function.__kwdefaults__),
            self._all(vars(function).values()),
            tuple([self._global(function, name, reads) for name in reads.names]),
            tuple([self._imported(name, reads) for name in reads.imports]),
        )

    def _cells(self, cells: tuple[CellType, ...]) -> Hashable:
        held = [(cell, content(cell)) for cell in cells]
        self.cells += held
        if any(value is ABSENT for _, value in held):
            raise StrangeError
        return tuple([self.mark(value) for _, value in held])

    def _global(self, function: FunctionType, name: str, reads: CodeReads) -> Hashable:
        names = function.__globals__
        held = names.get(name, ABSENT)
        self.names.append((names, name, held))
        if held is not ABSENT:
            return self.mark(held, reads)
        value = getattr(builtins, name, None)
        is_error = isinstance(value, type) and issubclass(value, BaseException)
        if name in kinds.BUILTINS or is_error:
            return name
        raise StrangeError

    def _imported(self, name: str, reads: CodeReads) -> Hashable:
        """Return what stands for a library that is imported where the code runs."""
        module = sys.modules.get(name)
        if name not in MODULES or type(module) is not ModuleType:
            raise StrangeError
        self.names.append((sys.modules, name, module))
        return self._module(module, reads)

    def _builtin(self, value: BuiltinFunctionType) -> Hashable:
        owner: Any = value.__self__
        if type(owner) is ModuleType:
            if owner is builtins and value.__name__ not in kinds.BUILTINS:
                raise StrangeError
            name = owner.__name__
        elif type(owner) is type:
            name = owner.__module__
        else:
            raise StrangeError
        if name not in MODULES and name != "builtins":
            raise StrangeError
        return ("builtin", name, value.__qualname__)

    def _module(self, module: ModuleType, reads: CodeReads | None) -> Hashable:
        file = getattr(module, "__file__", None)
        is_own = isinstance(file, str) and is_users(file)
        if reads is None:
            raise StrangeError
        if not is_own:
            if module.__name__ in MODULES and self._known.leads_nowhere(module, reads):
                return self._library(module, sorted(reads.attributes & vars(module).keys()))
            raise StrangeError
        names = vars(module)
        present = sorted(reads.attributes & names.keys())
        self.names += [(names, name, names.get(name, ABSENT)) for name in reads.attributes]
        return (module.__name__, tuple([(name, self.mark(names[name], reads)) for name in present]))

    def _library(self, module: ModuleType, present: list[str]) -> Hashable:
        """Return what stands for a library: a test may have put something in place of a part."""
        parts = [(name, vars(module)[name]) for name in present]
        self.names += [(vars(module), name, part) for name, part in parts]
        return (module.__name__, tuple([self._known.pin(part) for _, part in parts]))

    # --- classes and their instances ------------------------------------------------------------

    def _class(self, cls: type, kind: Any) -> Hashable:  # noqa: ANN401
        fixed, self.is_fixed = self.is_fixed, False
        if cls.__module__ == "builtins":
            if cls.__name__ in kinds.BUILTINS or issubclass(cls, BaseException):
                self.is_fixed = fixed
                return self._known.pin(cls)
            raise StrangeError
        if not _is_users_class(cls):
            if cls.__module__ in MODULES or cls.__module__.startswith(f"{kinds.SDK}."):
                self.is_fixed = fixed
                return self._known.pin(cls)
            raise StrangeError
        if kind in kinds.FIXED:
            self._watch(vars(cls), was_fixed=fixed)
        if issubclass(cls, Enum):
            return self._enum(cls)
        if kind not in kinds.METACLASSES and kind.__module__ != "typing":
            raise StrangeError
        return (
            "class",
            cls.__qualname__,
            self._all(cls.__bases__),
            self._parts(vars(cast("Any", cls))),
        )

    def _parts(self, parts: Any) -> Hashable:  # noqa: ANN401
        return tuple(
            [
                (name, self.mark(part))
                for name, part in parts.items()
                if name not in kinds.OF_CLASSES and not _is_made_hash(name, part)
            ]
        )

    def _enum(self, cls: type[Enum]) -> Hashable:
        if type(cls) is not EnumMeta:
            raise StrangeError
        own = [part for part in vars(cls).values() if type(part) is FunctionType]
        members = [
            (name, self.mark(member.value), self._further(member))
            for name, member in cls.__members__.items()
        ]
        users = [part for part in own if is_users(part.__code__.co_filename)]
        return ("enum", cls.__qualname__, tuple(members), self._all(users))

    def _further(self, member: Enum) -> Hashable:
        self._watch(vars(member))
        further = {
            name: part for name, part in vars(member).items() if name not in kinds.OF_MEMBERS
        }
        return self._parts(further)

    def _instance(self, value: Any, kind: Any, *, was_fixed: bool) -> Hashable:  # noqa: ANN401
        if issubclass(kind, Enum):
            self.is_fixed = was_fixed  # what a member holds is looked at with its class
            own = cast("Mapping[str, object]", vars(value))
            return (self.mark(kind), str(own["_name_"]))
        if not _is_users_class(kind):
            if kind in kinds.MADE_BY_LIBRARIES:
                self.is_fixed = was_fixed
                return (kind.__module__, kind.__name__)
            # Such as `RetryOptions`; an app itself holds everything that the user registers.
            if kind.__module__.startswith(f"{kinds.SDK}.models"):
                self._watch(vars(value), was_fixed=was_fixed)
                return (self._known.pin(kind), self._parts(vars(value)))
            raise StrangeError
        base = next(item for item in kind.__mro__ if not _is_users_class(item))
        inner: Hashable = None
        if base is dict:
            inner = (
                self._all(cast("Any", dict).keys(value)),
                self._all(cast("Any", dict).values(value)),
            )
        elif base in {list, tuple}:
            inner = self._all(cast("Any", base).__iter__(value))
        elif base is not object and not issubclass(base, BaseException):
            raise StrangeError
        else:
            inner = self.mark(value.args) if issubclass(kind, BaseException) else None
        held = dict(_slots_of(value, cast("type[object]", kind)))
        has_slots = bool(held)
        with suppress(AttributeError):
            own = object.__getattribute__(value, "__dict__")
            held |= own
            if base is object and not has_slots:
                self._watch(own, was_fixed=was_fixed)
        return (self.mark(kind), inner, self._parts(held))


def _slots_of(value: object, cls: type) -> Iterator[tuple[str, object]]:
    """Yield what the slots of an instance hold."""
    for item in cls.__mro__:
        for name, part in vars(item).items():
            if type(part) is MemberDescriptorType:
                with suppress(AttributeError):
                    yield name, part.__get__(value, cls)


def _is_made_hash(name: str, part: object) -> bool:
    """Whether something is the hash of a dataclass, or says that there is none."""
    code = getattr(part, "__code__", None)
    return name == "__hash__" and (code is None or not is_users(code.co_filename))


def _is_users_class(cls: type) -> bool:
    module = sys.modules.get(cls.__module__)
    file = getattr(module, "__file__", None)
    return isinstance(file, str) and is_users(file)

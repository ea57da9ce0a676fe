"""What a workflow's code reaches: the functions, classes and objects of the user's own modules.

Only names that the code mentions are followed, so a module full of other things costs nothing.
"""

from __future__ import annotations

import sys
import sysconfig
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from types import CellType, CodeType, FunctionType, MethodType, ModuleType, SimpleNamespace
from typing import Any, Final, cast

__all__ = ["Reach", "attributes_of", "is_users", "slots_of"]

_INSTALLED: Final = tuple(
    {Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "purelib", "platlib")}
)
_NOT_USERS: Final = ("wfsim", "pytest_wfsim", "agent_framework", "_pytest", "pytest", "builtins")
_FRAMEWORK: Final = "agent_framework"
_PLUMBING: Final = (
    *("agent_framework._workflows._runner", "agent_framework._workflows._state"),
    *(
        "agent_framework._workflows._edge",
        "agent_framework._clients",
        "agent_framework._middleware",
    ),
    *("agent_framework.observability", "agent_framework._workflows._checkpoint"),
)
_PRIMITIVES: Final = ("asyncio.locks", "asyncio.queues")
_FOLLOWED: Final = {"collections", "random", "types", *_PRIMITIVES}
_PLAIN: Final = (str, bytes, int, float, complex, bool, type(None), range, frozenset)


@lru_cache(maxsize=4096)
def is_users(module_name: str) -> bool:
    """Return whether a module is the user's own: neither the standard library nor installed."""
    if module_name.partition(".")[0] in _NOT_USERS or module_name.startswith(f"{_FRAMEWORK}_"):
        return False
    module = sys.modules.get(module_name)
    file = getattr(module, "__file__", None)
    if file is None:  # made by hand, if it is not part of Python
        return module is None or not _is_builtin(module)
    path = Path(file).resolve()
    return not any(path.is_relative_to(folder) for folder in _INSTALLED)


def _is_builtin(module: ModuleType) -> bool:
    spec = getattr(module, "__spec__", None)
    return spec is not None and spec.origin in {"built-in", "frozen"}


@lru_cache(maxsize=4096)
def _names(code: CodeType) -> frozenset[str]:
    found = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= _names(constant)
    return frozenset(found)


class Reach:
    """Everything that can hold state between two runs, found from some roots.

    Args:
        roots: Functions, classes and objects from which to look.
        passed: Objects whose own attributes are no such state, but lead to it.
    """

    def __init__(self, roots: Iterable[object], *, passed: Iterable[object] = ()) -> None:
        self.globals: dict[int, tuple[dict[str, Any], set[str]]] = {}
        """Namespaces of modules, by identity, and the names in them that code mentions."""
        self.cells: list[CellType] = []
        self.classes: list[type[Any]] = []
        self.objects: list[Any] = []
        """Containers, and instances with attributes."""
        self.primitives: list[Any] = []
        """Those of the objects that are locks, events and queues of asyncio."""
        self.caches: list[Any] = []
        """Functions that remember their results."""
        self.modules: dict[str, ModuleType] = {}
        self._seen: set[int] = set()
        self._alive: list[object] = []
        self._queue: deque[object] = deque(roots)
        for thing in passed:
            self._seen.add(id(thing))
            self._alive.append(thing)
            self._queue += (type(thing), *attributes_of(thing).values())
        while self._queue:
            self._visit(self._queue.popleft())

    def _visit(self, thing: object) -> None:
        if isinstance(thing, _PLAIN) or id(thing) in self._seen:
            return
        self._seen.add(id(thing))
        self._alive.append(thing)
        if isinstance(thing, FunctionType):
            self._function(thing)
        elif isinstance(thing, MethodType):
            self._queue += (thing.__func__, thing.__self__)
        elif isinstance(thing, type):
            self._class(thing)
        elif isinstance(thing, ModuleType):
            return
        else:
            self._object(thing)

    def _function(self, function: FunctionType) -> None:
        if not is_users(function.__module__ or ""):
            # A decorator of a library: what it wraps may be the user's.
            wrapped = getattr(function, "__wrapped__", None)
            self._queue += (wrapped, *_contents(function.__closure__ or ()))
            return
        self._take_module(function.__module__)
        self._mentions(function.__globals__, _names(function.__code__))
        for cell in function.__closure__ or ():
            self.cells.append(cell)
            self._queue += _contents((cell,))
        self._queue += function.__defaults__ or ()
        self._queue += (function.__kwdefaults__ or {}).values()
        if vars(function):
            self.objects.append(function)
            self._queue += vars(function).values()

    def _take_module(self, name: str) -> None:
        module = sys.modules.get(name)
        if module is not None:
            self.modules[name] = module

    def _mentions(self, namespace: dict[str, Any], names: frozenset[str]) -> None:
        known = self.globals.setdefault(id(namespace), (namespace, set()))[1]
        fresh = names - known
        known |= fresh
        for name in fresh:
            value = namespace.get(name)
            if isinstance(value, ModuleType):
                if is_users(value.__name__):
                    self._take_module(value.__name__)
                    self._mentions(vars(value), names)
            elif value is not None:
                self._queue.append(value)

    def _class(self, kind: type[Any]) -> None:
        if not is_users(kind.__module__):
            return
        self._take_module(kind.__module__)
        self.classes.append(kind)
        self._queue += kind.__mro__[1:]
        for value in vars(kind).values():
            self._queue.append(getattr(value, "__func__", getattr(value, "fget", None) or value))

    def _object(self, thing: object) -> None:
        if hasattr(thing, "cache_clear"):
            wrapped = getattr(thing, "__wrapped__", None)
            if is_users(getattr(wrapped, "__module__", None) or ""):
                self.caches.append(thing)
                self._queue.append(wrapped)
            return
        kind: type[Any] = type(thing)
        whole: Any = thing
        if isinstance(thing, (list, tuple, set, deque)):
            self._queue += cast("Iterable[object]", thing)
        elif isinstance(thing, dict):
            self._queue += cast("dict[object, object]", thing).values()
        elif not _is_followed(kind):
            return
        self.objects.append(thing)
        if kind.__module__ in _PRIMITIVES:
            self.primitives.append(thing)
        self._queue.append(kind)
        self._queue += attributes_of(whole).values()
        self._queue += slots_of(whole).values()


def _contents(cells: Iterable[CellType]) -> Iterator[object]:
    for cell in cells:
        try:
            yield cell.cell_contents
        except ValueError:  # not filled yet
            continue


def _is_followed(kind: type[Any]) -> bool:
    home = kind.__module__
    if home in {"collections", "random", "types", *_PRIMITIVES} or kind in {
        SimpleNamespace,
        defaultdict,
    }:
        return True
    if home.startswith(_FRAMEWORK):
        return not home.startswith(_PLUMBING) and not hasattr(kind, "get_response")
    return is_users(home) and not hasattr(kind, "get_response")


def attributes_of(thing: object) -> dict[str, Any]:
    """Return the attributes that an object has of its own."""
    found: object = getattr(thing, "__dict__", None)
    # A `list[str]` shows those of `list`, which are nobody's to change.
    return cast("dict[str, Any]", found) if type(found) is dict else {}


def slots_of(thing: object) -> dict[str, Any]:
    """Return the filled slots of an object."""
    found: dict[str, Any] = {}
    for kind in type(thing).__mro__:
        slots = vars(kind).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in {"__dict__", "__weakref__"} and hasattr(thing, name):
                found[name] = getattr(thing, name)
    return found

"""What a process remembers beside its checkpoints, and how to make it forget.

A checkpoint holds what the framework saves. Everything else that a workflow's code keeps, in
globals, closures, class attributes or caches, is gone when the process ends. `Memory` notes all of
it and puts it back in place: everybody who holds one of the objects goes on holding it.
"""

from __future__ import annotations

import itertools
import random
import re
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from types import CellType
from typing import Any, Final, cast

from wfsim.workflows.reach import Reach, attributes_of, slots_of

__all__ = ["Memory"]

_COUNT: Final = re.compile(r"count\((-?\d+)(?:, (-?\d+))?\)")
_COUNT_TYPE: Final[Any] = itertools.count
_EMPTY: Final = object()


class Memory:
    """Notes the state that a workflow's code reaches.

    Args:
        roots: Functions, classes and objects of the workflow.
        passed: Objects of it that are not put back, since a new process makes them anew.
    """

    def __init__(self, roots: Iterable[object], *, passed: Iterable[object] = ()) -> None:
        reach = Reach(roots, passed=passed)
        self.modules = reach.modules
        """The user's modules that the code lives in, by name."""
        self._undo: list[Callable[[], None]] = [
            partial(_put_names, namespace, names, _noted(namespace, names))
            for namespace, names in reach.globals.values()
        ]
        self._undo += [partial(_put_cell, cell, _content(cell)) for cell in reach.cells]
        self._undo += [partial(_put_class, kind, _attributes(kind)) for kind in reach.classes]
        self._undo += [put for thing in reach.objects for put in _puts(thing)]
        self._undo += [cache.cache_clear for cache in reach.caches]

        self._unbind = [put for thing in reach.primitives for put in _puts(thing)]

    def unbind(self) -> None:
        """Let the next loop have the locks, events and queues of asyncio that globals hold."""
        for put in self._unbind:
            put()

    def restore(self) -> None:
        """Put everything back to how it was noted, in place."""
        for put in self._undo:
            put()


def _noted(namespace: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: _kept(namespace[name]) for name in names if name in namespace}


def _put_names(namespace: dict[str, Any], names: set[str], noted: dict[str, Any]) -> None:
    for name in names:
        if name in noted:
            namespace[name] = _given_back(noted[name])
        else:
            namespace.pop(name, None)


def _content(cell: CellType) -> object:
    try:
        return _kept(cell.cell_contents)
    except ValueError:
        return _EMPTY


def _put_cell(cell: CellType, content: object) -> None:
    if content is not _EMPTY:
        cell.cell_contents = _given_back(content)


def _attributes(kind: type[Any]) -> dict[str, Any]:
    # What Python and pydantic note on classes has two underscores, and is nobody's state.
    return {
        name: _kept(value)
        for name, value in vars(kind).items()
        if not name.startswith(("__", "_abc_"))
    }


def _put_class(kind: type[Any], noted: dict[str, Any]) -> None:
    for name in set(vars(kind)) - set(noted):
        if not name.startswith(("__", "_abc_")):
            delattr(kind, name)
    for name, value in noted.items():
        if vars(kind).get(name) is not value:
            setattr(kind, name, _given_back(value))


def _puts(thing: object) -> list[Callable[[], None]]:
    """Return what puts an object's own contents back."""
    found: list[Callable[[], None]] = []
    whole: Any = thing
    if isinstance(thing, random.Random):
        state: tuple[object, ...] = thing.getstate()
        return [partial(thing.setstate, state)]
    if isinstance(thing, dict):
        items = cast("dict[object, object]", thing)
        found.append(partial(_put_items, items, {key: _kept(items[key]) for key in items}))
    elif isinstance(thing, set):
        members = cast("set[object]", thing)
        found.append(partial(_put_members, members, set(members)))
    elif isinstance(thing, (list, deque)):
        sequence = cast("list[object]", thing)
        found.append(partial(_put_elements, sequence, [_kept(item) for item in sequence]))
    if hasattr(whole, "__dict__"):
        own = attributes_of(whole)
        found.append(partial(_put_items, own, {name: _kept(own[name]) for name in own}))
    slots = slots_of(whole)
    if slots:
        found.append(partial(_put_slots, whole, {name: _kept(slots[name]) for name in slots}))
    return found


def _put_items(items: dict[Any, Any], noted: dict[Any, Any]) -> None:
    items.clear()
    items.update({key: _given_back(value) for key, value in noted.items()})


def _put_members(members: set[Any], noted: set[Any]) -> None:
    members.clear()
    members.update(noted)


def _put_elements(sequence: list[Any], noted: list[Any]) -> None:
    sequence.clear()
    sequence.extend(_given_back(value) for value in noted)


def _put_slots(thing: object, noted: dict[str, Any]) -> None:
    for name, value in noted.items():
        object.__setattr__(thing, name, _given_back(value))


class _Counting:
    """An `itertools.count`, which cannot be put back in place: its next number and its step."""

    def __init__(self, number: int, step: int) -> None:
        self.number = number
        self.step = step


def _kept(value: object) -> object:
    found = _COUNT.fullmatch(repr(value)) if type(value) is _COUNT_TYPE else None
    return value if found is None else _Counting(int(found[1]), int(found[2] or 1))


def _given_back(value: object) -> object:
    if isinstance(value, _Counting):
        return itertools.count(value.number, value.step)
    return value

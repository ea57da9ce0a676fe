"""Tasks with an order, and words for where they are."""

from __future__ import annotations

import asyncio
import functools
from asyncio import events
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final, TypeVar, cast
from weakref import ref

__all__ = ["Places", "VirtualTask", "awaits_outside", "waits_at", "what_runs", "where"]

_T = TypeVar("_T")
_ASYNCIO: Final = str(Path(asyncio.__file__).parent)
_OF_TASKS: Final = (asyncio.sleep.__code__, asyncio.TaskGroup.__aexit__.__code__)
_NEW: Final[Any] = cast("Any", asyncio.Task).__new__
_INIT: Final[Any] = cast("Any", asyncio.Task).__init__
_MANY: Final = 256
"""So many places may be in use before gaps between them are looked for."""


class VirtualTask(asyncio.Task[_T]):
    """A real task whose hash is its place among the tasks of its loop.

    Sets of tasks iterate by hash. Memory addresses differ in every process, places do not.
    """

    _wfsim_place: int

    def __hash__(self) -> int:
        return self._wfsim_place


class Places:
    """Which task has which place; those of ended tasks are used again, the last ones first."""

    def __init__(self) -> None:
        self._tasks: list[ref[asyncio.Task[Any]]] = []
        self._gaps: list[int] = []
        self._crowded = _MANY

    def seat(self, coro: Coroutine[Any, Any, _T], options: dict[str, Any]) -> asyncio.Task[_T]:
        """Return a new task at the next free place.

        Args:
            coro: What the task runs.
            options: More arguments of `asyncio.Task`.
        """
        place = self._free()
        # Without a constructor in Python: workflows make many tasks that do little.
        task: Any = _NEW(VirtualTask)
        task._wfsim_place = place  # noqa: SLF001 - before asyncio, which puts it into a set at once
        _INIT(task, coro, **options)
        if self._gaps:
            self._tasks[self._gaps.pop()] = ref(task)
        else:
            self._tasks.append(ref(task))
        return cast("asyncio.Task[_T]", task)

    def _free(self) -> int:
        tasks = self._tasks
        while tasks and _has_ended(tasks[-1]):
            tasks.pop()
        # Where at any time some task waits, those at the end are never all over.
        if len(tasks) >= self._crowded and not self._gaps:
            self._gaps = [index for index, task in enumerate(tasks) if _has_ended(task)]
            self._crowded = max(_MANY, 2 * (len(tasks) - len(self._gaps)))
        while self._gaps and self._gaps[-1] >= len(tasks):
            self._gaps.pop()
        return self._gaps[-1] if self._gaps else len(tasks)


def _has_ended(task: ref[asyncio.Task[Any]]) -> bool:
    alive = task()
    return alive is None or alive.done()


def waits_at(task: asyncio.Task[Any]) -> tuple[str, str, int]:
    """Return the name of the task's coroutine, and file and line where it waits.

    The place is the innermost one outside asyncio: in `await event.wait()`, the user's line.
    """
    coroutine: Any = task.get_coro()
    name = str(getattr(coroutine, "__qualname__", type(coroutine).__name__))
    file, line = "?", 0
    while coroutine is not None:
        frame = getattr(coroutine, "cr_frame", None) or getattr(coroutine, "gi_frame", None)
        if frame is not None and not frame.f_code.co_filename.startswith(_ASYNCIO):
            file, line = str(frame.f_code.co_filename), int(frame.f_lineno or 0)
        coroutine = getattr(coroutine, "cr_await", None) or getattr(coroutine, "gi_yieldfrom", None)
    return name, file, line


def awaits_outside(task: asyncio.Task[Any]) -> asyncio.Future[Any] | None:
    """Return the future for which the task waits, unless a sleep or other tasks will settle it."""
    future: Any = getattr(task, "_fut_waiter", None)
    if future is None or _is_of_tasks(future):
        return None
    coroutine: Any = task.get_coro()
    code = None
    while coroutine is not None:
        code = getattr(coroutine, "cr_code", None) or getattr(coroutine, "gi_code", None) or code
        coroutine = getattr(coroutine, "cr_await", None) or getattr(coroutine, "gi_yieldfrom", None)
    return None if code in _OF_TASKS else future


def _is_of_tasks(future: Any) -> bool:  # noqa: ANN401
    if isinstance(future, asyncio.Task):
        return True
    gathered: list[object] = getattr(future, "_children", [])
    return bool(gathered) and all(isinstance(child, asyncio.Task) for child in gathered)


def where(task: asyncio.Task[Any]) -> str:
    """Return "name (file:line)" of where the task waits."""
    name, file, line = waits_at(task)
    return f"{name} ({file}:{line})"


def what_runs(handle: events.Handle) -> str:
    """Return name and place of what a ready callback would run."""
    callback: Any = handle._callback  # type: ignore[attr-defined]  # noqa: SLF001
    owner = getattr(callback, "__self__", None)
    if isinstance(owner, asyncio.Task):
        return where(owner)
    while isinstance(callback, functools.partial):
        callback = callback.func
    code = getattr(callback, "__code__", None)
    name = getattr(callback, "__qualname__", repr(callback))
    return f"{name} ({code.co_filename}:{code.co_firstlineno})" if code else str(name)

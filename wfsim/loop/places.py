"""Tasks with an order, and words for where they are."""

from __future__ import annotations

import asyncio
import functools
from asyncio import events
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final, TypeVar

__all__ = ["VirtualTask", "waits_at", "what_runs", "where"]

_T = TypeVar("_T")
_ASYNCIO: Final = str(Path(asyncio.__file__).parent)


class VirtualTask(asyncio.Task[_T]):
    """A real task whose hash is its place among the tasks of its loop.

    Sets of tasks iterate by hash. Memory addresses differ in every process, places do not.
    """

    def __init__(self, place: int, coro: Coroutine[Any, Any, _T], **options: Any) -> None:  # noqa: ANN401
        self._wfsim_place = place  # before asyncio, which puts the task into a set at once
        super().__init__(coro, **options)

    def __hash__(self) -> int:
        return self._wfsim_place


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

"""What code sees that would run in a thread of its own: no running loop, its own stall."""

from __future__ import annotations

import asyncio
import contextvars
import functools
from asyncio import events, tasks
from collections.abc import Callable
from contextvars import Context
from typing import Any, TypeVar

from wfsim.clock import Stall, current_stall

__all__ = ["call_inline", "detached"]

_T = TypeVar("_T")


class detached:  # noqa: N801 - used like a function
    """Hide the running loop and task of this thread, so that code runs as in a worker thread."""

    __slots__ = ("_outer", "_task")

    def __enter__(self) -> None:
        self._outer = outer = events._get_running_loop()  # noqa: SLF001
        if outer is None:
            return
        self._task = task = tasks.current_task(outer)
        if task is not None:
            tasks._leave_task(outer, task)  # noqa: SLF001
        events._set_running_loop(None)  # noqa: SLF001

    def __exit__(self, *_: object) -> None:
        outer = self._outer
        if outer is None:
            return
        events._set_running_loop(outer)  # noqa: SLF001
        if self._task is not None:
            tasks._enter_task(outer, self._task)  # noqa: SLF001


def call_inline(
    func: Callable[..., _T], args: tuple[object, ...]
) -> tuple[Callable[[asyncio.Future[_T]], None], int]:
    """Call `func` as a worker thread would.

    Returns:
        What settles the future of the call, and for how many microseconds the call slept.
    """
    outer = current_stall.get()
    ahead_us = outer.us if outer else 0
    stall = Stall(us=ahead_us)
    prepared = _prepared_context(func)
    context = prepared or contextvars.copy_context()
    token = context.run(current_stall.set, stall)
    try:
        with detached():
            result = func(*args) if prepared else context.run(func, *args)
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:  # noqa: BLE001
        return functools.partial(_fail, error), stall.us - ahead_us
    finally:
        context.run(current_stall.reset, token)
    return functools.partial(_succeed, result), stall.us - ahead_us


def _prepared_context(func: Callable[..., object]) -> Context | None:
    """Return the context that `func` enters by itself, as what `asyncio.to_thread` hands over."""
    if isinstance(func, functools.partial):
        owner: Any = getattr(func.func, "__self__", None)
        return owner if isinstance(owner, Context) else None
    return None


def _succeed(result: _T, future: asyncio.Future[_T]) -> None:
    if not future.done():
        future.set_result(result)


def _fail(error: BaseException, future: asyncio.Future[Any]) -> None:
    if future.done():
        return
    if isinstance(error, StopIteration):  # which no future can carry
        wrapped = RuntimeError(f"the function raised StopIteration({error.value!r})")
        wrapped.__cause__ = error
        error = wrapped
    future.set_exception(error)

"""The end of a loop: everybody cleans up, nobody is waited for, nothing is printed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest

from wfsim.clock import VirtualClock
from wfsim.errors import IdleError, LivelockError
from wfsim.loop import LoopError, VirtualLoop


def test_closing_lets_tasks_clean_up_in_a_time_of_their_own() -> None:
    """Finally blocks run, even those that sleep, and the simulation's clock stays."""
    clock, log = VirtualClock(), list[str]()
    loop = VirtualLoop(clock)

    async def works() -> None:
        try:
            await asyncio.sleep(100)
        finally:
            await asyncio.sleep(5)
            log.append("clean")

    loop.create_task(works())
    loop.drain()
    loop.close()
    assert (log, clock.elapsed_us, loop.errors) == (["clean"], 0, [])
    loop.close()


async def _stubborn() -> None:
    while True:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()


async def _turning() -> None:
    while True:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0)


@pytest.mark.parametrize(("coroutine", "kind"), [(_stubborn, IdleError), (_turning, LivelockError)])
def test_closing_never_hangs(coroutine: Any, kind: type[Exception]) -> None:
    """A task that refuses to be cancelled is reported and left."""
    loop = VirtualLoop(VirtualClock(), max_steps=100)
    task = loop.create_task(coroutine())
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.close()
    assert loop.is_closed()
    assert not task.done()
    assert [type(error.exception) for error in loop.errors] == [kind]


def test_a_task_that_fails_while_it_is_cancelled_is_reported() -> None:
    """What a cleanup raises is kept with the task's name and place."""
    loop = VirtualLoop(VirtualClock())

    async def breaks() -> None:
        try:
            await asyncio.sleep(100)
        finally:
            raise ValueError("cleanup broke")

    loop.create_task(breaks())
    loop.drain()
    loop.close()
    [error] = loop.errors
    assert (error.message, repr(error.exception)) == (
        "a task failed while it was cancelled",
        "ValueError('cleanup broke')",
    )
    assert "breaks" in error.task


def test_closing_ends_async_generators() -> None:
    """A generator that was not exhausted runs its finally block."""
    loop, log = VirtualLoop(VirtualClock()), list[str]()

    async def numbers() -> AsyncIterator[int]:
        try:
            yield 1
        finally:
            log.append("ended")

    generator = numbers()

    async def first() -> int:
        return await anext(generator)

    assert loop.run_until_complete(first()) == 1
    loop.close()
    assert log == ["ended"]


def test_failures_that_nobody_sees_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    """The exception of a forgotten task or callback lands in `errors`, not on the terminal."""
    loop = VirtualLoop(VirtualClock())

    async def breaks() -> None:
        raise ValueError("forgotten")

    loop.create_task(breaks())
    loop.call_soon(lambda: 1 / 0)
    loop.drain()
    assert all(isinstance(error, LoopError) for error in loop.errors)
    assert {repr(error.exception) for error in loop.errors} == {
        "ValueError('forgotten')",
        "ZeroDivisionError('division by zero')",
    }
    loop.close()
    assert capsys.readouterr().err == ""


def test_a_users_exception_handler_is_asked_first() -> None:
    """Setting a handler works as in asyncio."""
    loop, seen = VirtualLoop(VirtualClock()), list[str]()
    loop.set_exception_handler(lambda _loop, context: seen.append(str(context["message"])))
    loop.call_soon(lambda: 1 / 0)
    loop.drain()
    loop.close()
    assert len(seen) == 1
    assert loop.errors == []


def test_a_closed_loop_refuses() -> None:
    """After closing nothing can be scheduled."""
    loop = VirtualLoop(VirtualClock())
    loop.close()
    with pytest.raises(RuntimeError, match="closed"):
        loop.call_later(1, print)
    with pytest.raises(RuntimeError, match="closed"):
        loop.drain()

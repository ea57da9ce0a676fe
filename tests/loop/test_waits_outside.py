"""Which tasks wait for something that comes from outside the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from wfsim.clock import Stall, StalledTime, VirtualClock
from wfsim.loop import VirtualLoop, awaits_outside


async def _sleep() -> None:
    await asyncio.sleep(60)


async def _task() -> None:
    await asyncio.create_task(_sleep())


async def _gather() -> None:
    await asyncio.gather(_sleep(), _sleep())


async def _group() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(_sleep())


async def _event() -> None:
    await asyncio.Event().wait()


async def _limited() -> None:
    async with asyncio.timeout(60):
        await asyncio.Event().wait()


async def _wait_for() -> None:
    await asyncio.wait_for(asyncio.get_running_loop().create_future(), 60)


async def _gathered_futures() -> None:
    await asyncio.gather(asyncio.get_running_loop().create_future())


def _outside(work: Callable[[], Awaitable[None]]) -> list[bool]:
    """Return of each task that there is while some work waits whether it waits for the outside."""
    loop = VirtualLoop(StalledTime(VirtualClock(None), Stall()))
    try:

        async def run() -> None:
            await work()

        loop.create_task(run())
        loop.drain()
        return [awaits_outside(task) is not None for task in asyncio.all_tasks(loop)]
    finally:
        loop.close()


@pytest.mark.parametrize("work", [_sleep, _task, _gather, _group])
def test_sleeps_and_tasks_are_inside(work: Callable[[], Awaitable[None]]) -> None:
    """Who sleeps, or waits for tasks that do, waits for nothing from outside."""
    outside = _outside(work)
    assert outside
    assert not any(outside)


@pytest.mark.parametrize("work", [_event, _limited, _wait_for, _gathered_futures])
def test_anything_else_may_come_from_outside(work: Callable[[], Awaitable[None]]) -> None:
    """A bare future may be settled by a connection, with a timeout around it or without."""
    assert _outside(work) == [True]

"""The loop as the hub drives it: one instant at a time, also beside a real loop."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from wfsim.clock import VirtualClock
from wfsim.loop import VirtualLoop, VirtualTask, detached


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def loop(clock: VirtualClock) -> Iterator[VirtualLoop]:
    loop = VirtualLoop(clock)
    yield loop
    loop.close()


async def steps(log: list[str], name: str, *delays: float) -> str:
    for number, delay in enumerate(delays):
        log.append(f"{name}{number}")
        await asyncio.sleep(delay)
    return name


def test_drain_runs_what_is_ready_and_does_not_move_time(
    loop: VirtualLoop, clock: VirtualClock
) -> None:
    """Everything possible at this instant happens; the next timer waits for the hub."""
    log: list[str] = []
    task = loop.create_task(steps(log, "a", 0, 0, 2))
    assert loop.has_ready
    assert loop.drain() > 0
    assert log == ["a0", "a1", "a2"]
    assert (loop.has_ready, clock.elapsed_us, task.done()) == (False, 0, False)
    assert loop.next_due_us() == clock.start_us + 2_000_000
    assert loop.drain() == 0
    clock.move_to(clock.start_us + 2_000_000)
    assert loop.has_ready
    loop.drain()
    assert task.result() == "a"


def test_timers_that_are_overdue_fire_in_due_order(loop: VirtualLoop, clock: VirtualClock) -> None:
    """A hub that jumps past several timers gets them by due time, then by age."""
    fired: list[str] = []
    for name, delay in (("c", 3), ("a", 1), ("b", 1), ("now", 0)):
        loop.call_later(delay, fired.append, name)
    clock.move_to(clock.start_us + 5_000_000)
    loop.drain()
    assert fired == ["now", "a", "b", "c"]


def test_cancelled_timers_are_not_due(loop: VirtualLoop, clock: VirtualClock) -> None:
    """The next due time is that of a live timer, however many were cancelled before it."""
    cancelled = [loop.call_later(1, print) for _ in range(500)]
    alive = loop.call_later(2, print)
    for timer in cancelled:
        timer.cancel()
    assert loop.next_due_us() == clock.start_us + 2_000_000
    alive.cancel()
    assert loop.next_due_us() is None
    loop.call_soon(print).cancel()
    assert not loop.has_ready


def test_the_loop_runs_beside_a_real_one(loop: VirtualLoop) -> None:
    """Inside a running real loop, drain and running alone work and leave that loop as it was."""

    async def inner() -> tuple[object, object]:
        await asyncio.sleep(3600)
        return asyncio.get_running_loop(), asyncio.current_task()

    async def outer() -> None:
        running, task = asyncio.get_running_loop(), asyncio.current_task()
        inner_loop, inner_task = loop.run_until_complete(inner())
        assert inner_loop is loop
        assert isinstance(inner_task, VirtualTask)
        loop.create_task(inner())
        loop.drain()
        assert asyncio.get_running_loop() is running
        assert asyncio.current_task() is task
        await asyncio.sleep(0)

    asyncio.run(outer())


def test_detached_code_sees_no_loop_and_no_task() -> None:
    """Sync code runs as in a worker thread, where asyncio.run is allowed."""

    async def outer() -> Any:
        task = asyncio.current_task()
        with detached():
            with pytest.raises(RuntimeError):
                asyncio.get_running_loop()
            inner_loop = VirtualLoop(VirtualClock())
            result = inner_loop.run_until_complete(asyncio.sleep(1, "inside"))
            inner_loop.close()
        assert asyncio.current_task() is task
        return result

    assert asyncio.run(outer()) == "inside"


def test_a_call_from_the_same_thread_is_safe(loop: VirtualLoop) -> None:
    """call_soon_threadsafe is call_soon, as there is one thread."""
    seen: list[str] = []
    loop.call_soon_threadsafe(seen.append, "x")
    loop.drain()
    assert seen == ["x"]


def test_tasks_hash_by_place(loop: VirtualLoop) -> None:
    """Sets of tasks iterate in creation order, and the places of ended tasks are used again."""

    async def main() -> list[int]:
        tasks = [asyncio.ensure_future(asyncio.sleep(n)) for n in (3, 1, 2)]
        _, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        assert list(pending) == [tasks[0], tasks[2]]
        assert list({tasks[2], tasks[0], tasks[1]}) == tasks
        await asyncio.gather(*pending)
        return [hash(task) for task in (*tasks, asyncio.ensure_future(asyncio.sleep(0)))]

    assert loop.run_until_complete(main()) == [1, 2, 3, 1]


def test_tasks_take_what_asyncio_gives_them(loop: VirtualLoop) -> None:
    """Names and contexts arrive, and a task without a name is numbered within its loop."""

    async def main() -> list[str]:
        named = asyncio.create_task(asyncio.sleep(0), name="mine")
        numbered = asyncio.create_task(asyncio.sleep(0))
        await asyncio.gather(named, numbered)
        return [named.get_name(), numbered.get_name()]

    assert loop.run_until_complete(main()) in (["mine", "Task-2"], ["mine", "Task-3"])


@pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks are new in 3.12")
def test_eager_tasks_are_real(loop: VirtualLoop) -> None:
    """A task made with eager_start runs at once."""
    seen: list[str] = []

    async def note() -> None:
        seen.append("ran")

    async def main() -> None:
        task: Any = asyncio.Task
        await task(note(), loop=loop, eager_start=True)
        factory: Any = loop.get_task_factory()
        await factory(loop, note(), eager_start=True, name="eager")

    loop.run_until_complete(main())
    assert seen == ["ran", "ran"]


SET_ORDER = """
import asyncio
from wfsim.clock import VirtualClock
from wfsim.loop import VirtualLoop
async def main():
    junk = [object() for _ in range({junk})]
    tasks = {{asyncio.ensure_future(asyncio.sleep(n)) for n in range(40)}}
    return [task.get_name() for task in tasks]
print(VirtualLoop(VirtualClock()).run_until_complete(main()))
"""


def test_sets_of_tasks_are_alike_in_every_process() -> None:
    """Neither the hash seed nor the layout of memory decides the order."""
    outputs = {
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", SET_ORDER.format(junk=junk)],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, junk in (("1", 0), ("2", 1234))
    }
    assert len(outputs) == 1

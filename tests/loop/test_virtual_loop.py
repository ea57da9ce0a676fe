"""The loop alone: asyncio's own behaviour, in no time."""

from __future__ import annotations

import asyncio
import contextvars
import math
import time
from collections.abc import Iterator
from typing import Any

import pytest

from wfsim.clock import LATEST_US, Stall, VirtualClock, current_stall
from wfsim.errors import IdleError, LivelockError, UsageError
from wfsim.loop import VirtualLoop
from wfsim.loop.refusals import REFUSED


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def loop(clock: VirtualClock) -> Iterator[VirtualLoop]:
    loop = VirtualLoop(clock, max_steps=1000)
    yield loop
    loop.close()


def test_sleeping_costs_nothing(loop: VirtualLoop, clock: VirtualClock) -> None:
    """A day of asyncio.sleep moves the clock by a day and takes no real time."""
    before = time.monotonic()
    loop.run_until_complete(asyncio.sleep(86_400))
    assert clock.elapsed_us == 86_400_000_000
    assert loop.time() == 86_400
    assert time.monotonic() - before < 1


def test_gather_timeout_group_and_shield_are_the_real_ones(loop: VirtualLoop) -> None:
    """What asyncio is built of works on virtual time."""

    async def slow(seconds: float) -> float:
        await asyncio.sleep(seconds)
        return seconds

    async def main() -> list[object]:
        seen: list[object] = [await asyncio.gather(slow(3), slow(1))]
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2):
                await slow(5)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(slow(n)) for n in (2, 1)]
        seen.append([task.result() for task in tasks])
        inner = asyncio.ensure_future(slow(10))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(inner), 1)
        return [*seen, await inner, asyncio.get_running_loop().time()]

    assert loop.run_until_complete(main()) == [[3, 1], [2, 1], 10, 17]


def test_deadlines_are_exact_however_they_are_summed(loop: VirtualLoop) -> None:
    """Ten sleeps of 0.1 s are one second, to the microsecond."""

    async def main() -> None:
        for _ in range(10):
            await asyncio.sleep(0.1)

    loop.run_until_complete(main())
    assert loop.time() == 1.0


def test_deadlines_are_exact_at_the_end_of_time(clock: VirtualClock) -> None:
    """Where floats are coarser than a microsecond, timers still fire at theirs and in order."""
    loop, fired = VirtualLoop(clock), list[tuple[str, int]]()
    clock.move_to(LATEST_US - 10)

    def fire(name: str) -> None:
        fired.append((name, LATEST_US - clock.now_us))

    for name, delay in (("b", 2e-6), ("a", 1e-6), ("c", 9e-6)):
        loop.call_later(delay, fire, name)
    loop.run_until_complete(asyncio.sleep(10e-6))
    loop.close()
    assert fired == [("a", 9), ("b", 8), ("c", 1)]


def test_a_nap_passes_time_however_short(loop: VirtualLoop, clock: VirtualClock) -> None:
    """A delay below the resolution is one microsecond, not a spin on the spot."""
    loop.run_until_complete(asyncio.sleep(1e-9))
    assert clock.elapsed_us == 1


def test_waiting_for_nothing_is_reported(loop: VirtualLoop) -> None:
    """Idle means an error that names each waiting task and its line, instead of a hang."""

    async def waits_for_an_event() -> None:
        await asyncio.Event().wait()

    with pytest.raises(IdleError) as caught:
        loop.run_until_complete(waits_for_an_event())
    line = waits_for_an_event.__code__.co_firstlineno + 1
    assert f"waits_for_an_event ({__file__}:{line})" in str(caught.value)


@pytest.mark.parametrize("delay", [math.inf, 1e15])
def test_an_endless_sleep_is_idle(loop: VirtualLoop, delay: float) -> None:
    """A timer beyond the end of time never fires."""
    with pytest.raises(IdleError):
        loop.run_until_complete(asyncio.sleep(delay))
    assert loop.next_due_us() is None


def test_a_delay_must_be_a_number(loop: VirtualLoop) -> None:
    """None and nan are refused as asyncio refuses them."""
    with pytest.raises(TypeError, match="must not be None"):
        loop.call_later(None, print)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="cannot be None"):
        loop.call_at(None, print)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="NaN"):
        loop.call_later(math.nan, print)


def test_a_loop_that_turns_on_the_spot_is_stopped(loop: VirtualLoop) -> None:
    """Endless sleep(0) raises, and the error names the task that turns."""

    async def turns() -> None:
        while True:  # noqa: ASYNC110
            await asyncio.sleep(0)

    with pytest.raises(LivelockError, match=r"after 1000 rounds at 2000-01-01T00:00:00Z") as caught:
        loop.run_until_complete(turns())
    assert f"turns ({__file__}:" in str(caught.value)


def test_a_callback_that_turns_on_the_spot_is_named(loop: VirtualLoop) -> None:
    """A callback that schedules itself is stopped and named, too."""

    def again() -> None:
        loop.call_soon(again)

    again()
    with pytest.raises(LivelockError, match="again"):
        loop.drain()


def test_time_that_passes_is_no_livelock(loop: VirtualLoop) -> None:
    """Polling with a real delay may go on for as long as it likes."""

    async def polls() -> None:
        for _ in range(3000):
            await asyncio.sleep(0.001)

    loop.run_until_complete(polls())
    assert loop.time() == 3


def test_threads_run_inline_and_in_order(loop: VirtualLoop) -> None:
    """to_thread and run_in_executor call at once, with contextvars, and see no running loop."""
    order, variable = list[str](), contextvars.ContextVar[str]("variable")

    def work(name: str) -> str:
        with pytest.raises(RuntimeError):
            asyncio.get_running_loop()
        order.append(name + variable.get())
        return name

    async def main() -> list[str]:
        variable.set("!")
        executed = asyncio.get_running_loop().run_in_executor(None, work, "a")
        assert executed.done()
        return [await executed, *await asyncio.gather(*(asyncio.to_thread(work, n) for n in "bc"))]

    assert loop.run_until_complete(main()) == ["a", "b", "c"]
    assert order == ["a!", "b!", "c!"]


def test_an_inline_thread_hands_over_its_exception(loop: VirtualLoop) -> None:
    """What the function raises comes out of the await; StopIteration as RuntimeError."""
    with pytest.raises(ZeroDivisionError):
        loop.run_until_complete(asyncio.to_thread(lambda: 1 / 0))
    with pytest.raises(RuntimeError, match="StopIteration"):
        loop.run_until_complete(asyncio.to_thread(next, iter(())))


@pytest.mark.parametrize("ahead_us", [0, 7])
def test_a_thread_that_sleeps_finishes_later(
    loop: VirtualLoop, clock: VirtualClock, ahead_us: int
) -> None:
    """Synchronous sleeping in a thread delays its future and nothing else."""

    def sleeps() -> int:
        stall = current_stall.get()
        assert stall is not None
        stall.us += 5_000_000
        return clock.read_us() - clock.now_us

    async def main() -> list[Any]:
        current_stall.set(Stall(us=ahead_us))
        quick = asyncio.ensure_future(asyncio.sleep(1, "quick"))
        slow = asyncio.ensure_future(asyncio.to_thread(sleeps))
        first, _ = await asyncio.wait({quick, slow}, return_when=asyncio.FIRST_COMPLETED)
        return [first.pop().result(), await slow]

    assert loop.run_until_complete(main()) == ["quick", 5_000_000 + ahead_us]
    assert clock.elapsed_us == 5_000_000


@pytest.mark.parametrize("name", REFUSED)
def test_the_network_is_refused_by_name(loop: VirtualLoop, name: str) -> None:
    """Whatever would leave the process says what was tried, and that there is no network."""
    with pytest.raises(UsageError, match=rf"no network.*loop\.{name}\('example\.org', 80\)"):
        getattr(loop, name)("example.org", 80)


def test_every_method_of_a_loop_works_or_refuses() -> None:
    """A new Python's new loop method cannot go unnoticed: none raises NotImplementedError."""
    abstract = {name for name in vars(asyncio.AbstractEventLoop) if not name.startswith("_")}
    ours = {name for klass in VirtualLoop.__mro__[:2] for name in vars(klass)}
    assert abstract <= ours

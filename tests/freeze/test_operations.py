"""What is replaced only while the simulation runs code."""

from __future__ import annotations

import asyncio
import os
import queue
import random
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.freeze import user_code
from wfsim.clock import Stall, VirtualClock, current_stall
from wfsim.errors import UsageError
from wfsim.freeze import Freezer
from wfsim.loop import VirtualLoop

NEW_YEAR = datetime(2000, 1, 1, tzinfo=UTC)
CLOCKS = ("monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns")


@pytest.mark.parametrize("name", CLOCKS)
def test_monotonic_clocks_start_with_the_simulation(
    freezer_: Freezer, clock: VirtualClock, name: str
) -> None:
    """They count from the clock's start, follow it, and rise with every read."""
    read, unit = getattr(time, name), 1000 if name.endswith("_ns") else 1e-6
    outside = read()
    with freezer_.operation():
        read = getattr(time, name)
        reads = [read(), read(), read()]
        assert reads == [pytest.approx(n * unit) for n in range(3)]
        clock.move_to(clock.now_us + 3_600_000_000)
        assert read() == pytest.approx(3_600_000_000 * unit)
    assert getattr(time, name)() >= outside


def test_names_bound_by_import_are_replaced_in_adopted_modules(freezer_: Freezer) -> None:
    """`from time import sleep` and its kin see virtual time once their module is adopted."""
    before = dict(vars(user_code))
    freezer_.adopt([user_code])
    stall = Stall()
    with freezer_.operation():
        current_stall.set(stall)
        user_code.sleep(60)
        assert user_code.monotonic() == pytest.approx(60)
        assert user_code.perf_counter() == pytest.approx(60)
        assert user_code.monotonic_ns() // 1000 == 60_000_002
        assert user_code.datetime.now(UTC) == NEW_YEAR + timedelta(seconds=60)
        assert user_code.time() == pytest.approx(NEW_YEAR.timestamp() + 60)
        current_stall.set(None)
    assert stall.us == 60_000_000
    assert dict(vars(user_code)) == before


def test_a_module_adopted_before_opening_counts() -> None:
    """Adopting and opening may come in either order."""
    freezer = Freezer(VirtualClock(), seed=1)
    freezer.adopt([user_code])
    with freezer, freezer.operation():
        user_code.sleep(60)
        assert freezer.ignored_sleeps_us == (60_000_000,)


def test_a_tests_own_replacement_is_respected(
    freezer_: Freezer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a test has monkeypatched stays in place."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    with freezer_.operation():
        time.sleep(3)
    assert slept == [3]


def test_sleep_outside_an_activity_passes_no_time(freezer_: Freezer) -> None:
    """An orchestrator that sleeps is not waited for, but remembered."""
    with freezer_.operation():
        time.sleep(1.5)
        time.sleep(True)
        assert datetime.now(UTC) == NEW_YEAR
    assert freezer_.ignored_sleeps_us == (1_500_000, 1_000_000)


@pytest.mark.parametrize("value", [-1, -0.5, float("nan"), "1", None, 1e30])
def test_sleep_refuses_what_the_real_one_refuses(freezer_: Freezer, value: Any) -> None:
    """Wrong lengths raise the same errors."""
    with pytest.raises((ValueError, TypeError, OverflowError)) as real:
        time.sleep(value)
    with freezer_.operation(), pytest.raises(real.type, match=r".") as ours:
        time.sleep(value)
    assert str(ours.value) == str(real.value)


def test_asyncio_run_in_sync_code_stalls_that_code(freezer_: Freezer, clock: VirtualClock) -> None:
    """An hour slept in a nested loop is an hour of the activity, and none of the world."""

    async def naps() -> tuple[float, datetime]:
        await asyncio.gather(asyncio.sleep(3600), asyncio.to_thread(time.sleep, 1800))
        return asyncio.get_running_loop().time(), datetime.now(UTC)

    stall = Stall(us=1_000_000)
    with freezer_.operation():
        token = current_stall.set(stall)
        elapsed, now = asyncio.run(naps())
        current_stall.reset(token)
    assert (elapsed, now, clock.elapsed_us) == (3600, NEW_YEAR + timedelta(seconds=3601), 0)
    assert stall.us == 3601_000_000


def test_loops_of_ones_own_are_virtual(freezer_: Freezer) -> None:
    """The old style works: make a loop, set it, run on it; and it is forgotten afterwards."""
    with freezer_.operation():
        with pytest.raises(RuntimeError):
            asyncio.get_event_loop()
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        assert asyncio.get_event_loop() is loop
        assert isinstance(loop, VirtualLoop)
        assert loop.run_until_complete(asyncio.sleep(60, "done")) == "done"
        loop.close()
    with freezer_.operation(), pytest.raises(RuntimeError):
        asyncio.get_event_loop()


def test_a_real_loop_around_goes_on(freezer_: Freezer) -> None:
    """Inside a running loop, code of the simulation sees none, and that loop is not frozen."""

    async def outer() -> float:
        loop = asyncio.get_running_loop()
        before = loop.time()
        with freezer_.operation():
            with pytest.raises(RuntimeError):
                asyncio.get_running_loop()
            assert asyncio.run(asyncio.sleep(3600, "slept")) == "slept"
        assert asyncio.get_running_loop() is loop
        await asyncio.sleep(0.001)
        return loop.time() - before

    assert 0.001 <= asyncio.run(outer()) < 10


def test_old_threads_keep_real_time(freezer_: Freezer) -> None:
    """A thread that ran before the simulation opened is not told stories."""
    orders, answers = queue.Queue[str](), queue.Queue[float]()

    def clerk() -> None:
        while orders.get() != "stop":
            time.sleep(0)
            answers.put(time.monotonic())

    thread = threading.Thread(target=clerk)
    thread.start()
    try:
        real = time.monotonic()
        with Freezer(VirtualClock(), seed=1) as freezer, freezer.operation():
            orders.put("read")
            assert answers.get() >= real
            assert freezer.ignored_sleeps_us == ()
    finally:
        orders.put("stop")
        thread.join()


def test_operations_nest(freezer_: Freezer) -> None:
    """An operation inside an operation of the same simulation changes nothing."""
    with freezer_.operation():
        sleep = time.sleep
        with freezer_.operation():
            assert time.sleep is sleep
        assert time.sleep is sleep


def test_an_operation_of_another_simulation_shows_its_own_time(freezer_: Freezer) -> None:
    """A simulation run by an activity of another one has clocks and chance of its own."""
    with Freezer(VirtualClock(datetime(2010, 1, 1)), seed=8) as inner:
        with freezer_.operation():
            assert datetime.now().year == 2000
            with inner.operation():
                assert datetime.now().year == 2010
                with freezer_.operation():
                    assert datetime.now().year == 2000
                assert datetime.now().year == 2010
            assert datetime.now().year == 2000
        assert datetime.now().year == 2010
    assert datetime.now().year == 2000


def test_a_checking_pass_reads_shifted_clocks(freezer_: Freezer) -> None:
    """Variant 0 shows the true time, another one shifts every clock; nobody else notices."""
    with freezer_.operation():
        datetime.now()
        with freezer_.orchestrator_pass():
            assert [datetime.now(UTC), datetime.now(UTC)] == [
                NEW_YEAR,
                NEW_YEAR + timedelta(microseconds=1),
            ]
            assert time.monotonic() == 0
        with freezer_.orchestrator_pass(2):
            shift = 2 * timedelta(
                days=53, hours=11, minutes=13, seconds=7, milliseconds=251, microseconds=377
            )
            assert datetime.now(UTC) == NEW_YEAR + shift
            assert time.monotonic() == shift.total_seconds()
        assert datetime.now(UTC) == NEW_YEAR + timedelta(microseconds=1)


@pytest.mark.parametrize("read", [datetime.now, lambda: time.perf_counter() > 0])
def test_a_pass_tells_whether_it_read_a_clock(freezer_: Freezer, read: Any) -> None:
    """Reading a clock touches the pass."""
    with freezer_.operation(), freezer_.orchestrator_pass() as reads:
        assert not reads.touched
        read()
        assert reads.touched


def snapshot() -> list[object]:
    patched: list[object] = [getattr(time, name) for name in (*CLOCKS, "sleep", "time", "time_ns")]
    patched += [os.urandom, vars(random)["_urandom"], random.seed, random.Random.seed]
    patched += [asyncio.new_event_loop, asyncio.get_event_loop, asyncio.set_event_loop]
    patched += [asyncio.events.new_event_loop, vars(asyncio.events)["set_event_loop"]]
    patched += [vars(uuid)[name] for name in ("_generate_time_safe", "_UuidCreate", "_node")]
    patched += [random.getstate(), os.environ.get("TZ"), time.timezone, datetime]
    return patched


def test_everything_is_put_back() -> None:
    """After closing, each replaced attribute, the generator and the zone are as before."""
    uuid.getnode()
    before = snapshot()
    with Freezer(VirtualClock(), seed=1) as freezer:
        with freezer.operation(), freezer.orchestrator_pass(1):
            uuid.uuid1()
            random.random()
        with pytest.raises(ZeroDivisionError), freezer.operation():
            1 / 0  # noqa: B018
    assert [a is b or a == b for a, b in zip(snapshot(), before, strict=True)] == [True] * len(
        before
    )
    assert datetime.now(UTC).year > 2020


def test_a_closed_freezer_runs_nothing() -> None:
    """Operations need an open simulation; opening and closing twice is harmless."""
    freezer = Freezer(VirtualClock(), seed=1)
    with pytest.raises(UsageError, match="this one is closed"), freezer.operation():
        pass
    freezer.open()
    freezer.open()
    assert freezer.is_open
    freezer.close()
    freezer.close()
    assert not freezer.is_open
    assert freezer.sync() is None

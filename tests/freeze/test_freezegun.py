"""A user's freezegun and the simulation agree, whoever of them moves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import freezegun.api
import pytest
from freezegun import freeze_time

from tests.freeze import user_code
from wfsim.clock import VirtualClock, from_us
from wfsim.errors import UsageError
from wfsim.freeze import Freezer

LATER: Final = datetime(2030, 1, 1, tzinfo=UTC)


class Real:
    """In a class, where freezegun does not look for names to replace."""

    datetime: Any = freezegun.api.real_datetime


@pytest.fixture(autouse=True)
def nothing_stays_frozen() -> Iterator[None]:
    yield
    assert freezegun.api.freeze_factories == []
    assert datetime.now(UTC).year not in {2000, 2030}


@pytest.fixture
def by_hand() -> Iterator[Any]:
    """A freezer that the test starts and stops, stopped in any case."""
    frozen = freeze_time("2030-01-01")
    yield frozen
    if freezegun.api.freeze_factories:
        frozen.stop()


def advance(freezer: Freezer, clock: VirtualClock) -> None:
    """Do what a simulation does with the answer of `sync`."""
    target = freezer.sync()
    if target is not None:
        clock.move_to(target)


def test_a_simulation_starts_where_time_is_frozen() -> None:
    """Inside freeze_time the first instant is the frozen one; otherwise there is no such thing."""
    assert Freezer.initial_start() is None
    with freeze_time("2030-01-01"):
        start = Freezer.initial_start()
        assert start == LATER
        assert type(start) is Real.datetime
        clock = VirtualClock(start)
        assert type(clock.now) is Real.datetime
        with Freezer(clock, seed=1) as freezer:
            assert Freezer.initial_start() == LATER
            assert freezer.sync() is None
            with freezer.operation():
                assert datetime.now(UTC) == LATER
                assert time.time() == pytest.approx(LATER.timestamp())
                assert time.monotonic() == 0


def test_the_frozen_time_moves_to_an_explicit_start_and_follows_the_clock() -> None:
    """Moving the simulation moves the freezer, outside of operations too."""
    clock = VirtualClock()
    with freeze_time("2030-01-01") as frozen:
        with Freezer(clock, seed=1):
            assert datetime.now(UTC) == clock.now
            clock.move_to(clock.now_us + 3_600_000_000)
            assert datetime.now(UTC) == clock.now == datetime(2000, 1, 1, 1, tzinfo=UTC)
            assert frozen() == datetime(2000, 1, 1, 1)
        assert datetime.now(UTC) == datetime(2000, 1, 1, 1, tzinfo=UTC)


def test_moving_the_freezer_moves_the_simulation() -> None:
    """Tick and move_to are noticed at the next look; a second look finds nothing new."""
    clock = VirtualClock()
    with freeze_time("2030-01-01") as frozen, Freezer(clock, seed=1) as freezer:
        frozen.tick(timedelta(hours=2))
        advance(freezer, clock)
        assert clock.elapsed_us == 7_200_000_000
        frozen.move_to("2000-01-02")
        advance(freezer, clock)
        assert clock.now == datetime(2000, 1, 2, tzinfo=UTC)
        assert freezer.sync() is None


def test_moving_the_freezer_back_is_refused() -> None:
    """Virtual time never runs backwards, whoever asks."""
    with freeze_time("2030-01-01") as frozen:
        clock = VirtualClock(Freezer.initial_start())
        with Freezer(clock, seed=1) as freezer:
            frozen.move_to("2029-01-01")
            with pytest.raises(UsageError, match=r"2030-01-01T00:00:00Z.*2029-01-01T00:00:00Z"):
                freezer.sync()


def test_a_freezer_inside_leads_and_leaves() -> None:
    """freeze_time inside a simulation advances it; when it ends the simulation stays there."""
    clock = VirtualClock()
    with Freezer(clock, seed=1) as freezer:
        with freeze_time("2030-01-01"):
            assert freezer.sync() is not None
            advance(freezer, clock)
            assert clock.now == LATER
            clock.move_to(clock.now_us + 1_000_000)
            assert datetime.now(UTC) == clock.now
        assert freezer.sync() is None
        with freezer.operation():
            assert datetime.now(UTC) == LATER + timedelta(seconds=1)
            assert type(datetime.now(UTC)) is Real.datetime


def test_freezing_the_present_changes_nothing() -> None:
    """freeze_time() without a time means now, though its own read was a little later."""
    clock = VirtualClock()
    with Freezer(clock, seed=1) as freezer:
        [datetime.now(UTC) for _ in range(5)]
        with freeze_time():
            assert freezer.sync() is None
            assert datetime.now(UTC) == clock.now
        assert clock.elapsed_us == 0


def test_nested_freezers_hand_over() -> None:
    """When an inner freezer ends, the outer one is brought to the simulation's time."""
    clock = VirtualClock()
    with freeze_time("2030-01-01"), Freezer(clock, seed=1) as freezer:
        with freeze_time("2031-01-01"):
            advance(freezer, clock)
        assert freezer.sync() is None
        assert datetime.now(UTC) == clock.now == datetime(2031, 1, 1, tzinfo=UTC)


def just_ticked(read: datetime, clock: VirtualClock) -> bool:
    """Whether a reading is the clock's instant, but for a few ticks.

    While freezegun is active every monotonic clock of the process reads it too, such as that of
    hypothesis, which times garbage collections; so no test may count on a number of ticks.
    """
    return timedelta(0) <= read - clock.now < timedelta(milliseconds=1)


def test_reads_rise_and_agree_inside_operations() -> None:
    """In an operation freezegun's fakes show the simulation's clock, ticks and shifts included."""
    clock = VirtualClock()
    with freeze_time("2030-01-01"), Freezer(clock, seed=1) as freezer:
        freezer.adopt([user_code])
        with freezer.operation():
            reads = [datetime.now(UTC), user_code.datetime.now(UTC), Real.datetime.now(UTC)]
            assert clock.now <= reads[0] < reads[1] < reads[2]
            assert just_ticked(reads[2], clock)
            assert user_code.perf_counter() < 1
            user_code.sleep(5)
            with freezer.orchestrator_pass(1):
                assert datetime.now(UTC) > clock.now + timedelta(days=37)
        assert datetime.now(UTC) == clock.now
    assert user_code.perf_counter is time.perf_counter
    assert freezer.ignored_sleeps_us == ()


def test_a_freezer_may_end_before_the_simulation(by_hand: Any) -> None:
    """The simulation goes on frozen, with real datetime objects."""
    clock = VirtualClock()
    by_hand.start()
    with Freezer(clock, seed=1) as freezer:
        by_hand.stop()
        assert datetime is Real.datetime
        assert abs(datetime.now(UTC) - clock.now) < timedelta(seconds=1)
        with freezer.operation():
            assert datetime.now(UTC) == clock.now
            assert time.monotonic() == 0


def test_a_freezer_may_end_after_the_simulation(by_hand: Any) -> None:
    """Closing while freezegun is active leaves its time at the simulation's."""
    clock = VirtualClock()
    with Freezer(clock, seed=1) as freezer:
        by_hand.start()
        advance(freezer, clock)
    assert datetime.now(UTC) == LATER
    assert abs(Real.datetime.now(UTC) - LATER) > timedelta(days=1)


def test_a_ticking_freezer_stands_still_meanwhile() -> None:
    """freeze_time(tick=True) ticks by itself around a simulation, not inside."""
    with freeze_time("2030-01-01", tick=True) as frozen:
        start = Freezer.initial_start()
        assert start is not None
        assert start - LATER < timedelta(minutes=1)
        clock = VirtualClock(start)
        with Freezer(clock, seed=1) as freezer:
            assert freezer.sync() is None
            assert abs(datetime.now(UTC) - clock.now) < timedelta(milliseconds=1)
            frozen.tick(3600)
            advance(freezer, clock)
            assert clock.elapsed_us == 3_600_000_000
        assert timedelta(0) <= datetime.now(UTC) - clock.now < timedelta(minutes=1)


def test_a_freezer_that_ticks_by_itself_leads() -> None:
    """auto_tick_seconds moves the simulation by what the test has read."""
    clock = VirtualClock(LATER)
    with freeze_time("2030-01-01", auto_tick_seconds=15), Freezer(clock, seed=1) as freezer:
        assert freezer.sync() is None
        # Other threads of the process, such as a test runner's, may read and tick it as well.
        first, second = datetime.now(UTC), datetime.now(UTC)
        assert first >= LATER
        assert second - first >= timedelta(seconds=15)
        advance(freezer, clock)
        assert from_us(clock.now_us) >= second + timedelta(seconds=15)


def test_code_inside_may_freeze_for_itself() -> None:
    """An activity that uses freeze_time sees its own time, and the rest goes on."""
    clock = VirtualClock()
    with freeze_time("2030-01-01"), Freezer(clock, seed=1) as freezer, freezer.operation():
        with freeze_time("1999-01-01"):
            assert datetime.now().year == 1999
        assert just_ticked(datetime.now(UTC), clock)


def test_the_newest_of_two_simulations_leads_the_freezer() -> None:
    """Two open simulations do not pull at one freezer."""
    outer, inner = VirtualClock(), VirtualClock(datetime(2010, 1, 1))
    with freeze_time("2030-01-01"), Freezer(outer, seed=1) as first:
        with Freezer(inner, seed=1) as second:
            outer.move_to(outer.now_us + 1)
            assert datetime.now(UTC) == inner.now
            assert (first.sync(), second.sync()) == (None, None)
        assert first.sync() is not None

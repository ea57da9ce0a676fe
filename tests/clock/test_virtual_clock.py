"""The clock: it moves forward, exactly, and gives every reader an unambiguous time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfsim.clock import (
    EPOCH,
    LATEST_US,
    Stall,
    StalledTime,
    VirtualClock,
    current_stall,
    from_us,
    iso,
    to_us,
)
from wfsim.errors import UsageError

INSTANTS = st.integers(to_us(datetime(1, 1, 1)), LATEST_US)


def test_the_epoch_is_nobodys_today() -> None:
    """A clock starts at the epoch, which is the year 2000."""
    clock = VirtualClock()
    assert clock.now == EPOCH == datetime(2000, 1, 1, tzinfo=UTC)
    assert (clock.start_us, clock.elapsed_us) == (to_us(EPOCH), 0)
    assert repr(clock) == "VirtualClock(2000-01-01T00:00:00Z)"


def test_a_naive_start_is_utc_and_an_aware_one_is_converted() -> None:
    """Hosts run in UTC, so a naive start is taken as that."""
    naive = VirtualClock(datetime(2024, 5, 6, 7))
    aware = VirtualClock(datetime(2024, 5, 6, 9, tzinfo=timezone(timedelta(hours=2))))
    assert naive.now == aware.now == datetime(2024, 5, 6, 7, tzinfo=UTC)
    assert naive.now.tzinfo is UTC


def test_a_start_that_is_no_datetime_is_refused() -> None:
    """A number as start could mean anything."""
    with pytest.raises(UsageError, match="start is 5"):
        VirtualClock(5)  # type: ignore[arg-type]


def test_time_never_runs_backwards() -> None:
    """Moving back is refused with the rule, both times and the way out; staying is fine."""
    clock = VirtualClock()
    clock.move_to(clock.now_us)
    with pytest.raises(UsageError, match="never runs backwards") as caught:
        clock.move_to(clock.now_us - 1)
    assert "2000-01-01T00:00:00Z" in str(caught.value)
    assert "1999-12-31T23:59:59.999999Z" in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 3


def test_time_ends_with_the_year_9999() -> None:
    """Beyond the last datetime there is no virtual time."""
    clock = VirtualClock()
    clock.move_to(LATEST_US)
    assert iso(clock.now_us) == "9999-12-31T23:59:59.999999Z"
    with pytest.raises(UsageError, match="ends with the year 9999"):
        clock.move_to(LATEST_US + 1)


def test_subscribers_hear_every_move() -> None:
    """A subscriber gets the new instant after each move until it unsubscribes."""
    clock, heard = VirtualClock(), list[int]()
    unsubscribe = clock.subscribe(heard.append)
    clock.move_to(clock.start_us + 1)
    clock.move_to(clock.start_us + 1)
    unsubscribe()
    unsubscribe()
    clock.move_to(clock.start_us + 2)
    assert heard == [clock.start_us + 1]


def test_the_first_read_of_an_instant_is_exact_and_the_next_ones_rise() -> None:
    """Two reads are never equal, and reading does not move the clock."""
    clock = VirtualClock()
    reads = [clock.read_us() for _ in range(3)]
    assert reads == [clock.start_us, clock.start_us + 1, clock.start_us + 2]
    assert clock.now_us == clock.start_us
    clock.move_to(clock.start_us + 1_000)
    assert clock.read_us() == clock.now_us


def test_reads_that_ran_ahead_of_the_clock_keep_rising() -> None:
    """A short move after many reads does not repeat a timestamp."""
    clock = VirtualClock()
    before = [clock.read_us() for _ in range(10)]
    clock.move_to(clock.start_us + 3)
    assert clock.read_us() == before[-1] + 1


def test_a_stalled_activity_is_ahead_alone() -> None:
    """Who slept synchronously reads a later time; everybody else does not."""
    clock, stall = VirtualClock(), Stall()
    token = current_stall.set(stall)
    assert clock.read_us() == clock.start_us
    stall.us += 5_000_000
    assert clock.read_us() == clock.start_us + 5_000_000
    assert clock.read_us() == clock.start_us + 5_000_001
    current_stall.reset(token)
    assert clock.read_us() == clock.start_us + 1


def test_no_timestamp_is_handed_out_twice_even_across_stalls() -> None:
    """When the world reaches the time a stalled activity read, it reads a later one."""
    clock, stall = VirtualClock(), Stall(us=2)
    token = current_stall.set(stall)
    stalled = [clock.read_us(), clock.read_us()]
    current_stall.reset(token)
    others = [clock.read_us() for _ in range(4)]
    clock.move_to(clock.start_us + 100)
    assert len({*stalled, *others, clock.read_us()}) == 7
    assert stalled == sorted(stalled)
    assert others == sorted(others)


def test_a_stalled_time_moves_the_stall_and_not_the_clock() -> None:
    """A loop inside a sync activity advances that activity only."""
    clock, stall = VirtualClock(), Stall(us=3)
    source = StalledTime(clock, stall)
    source.move_to(clock.now_us + 10)
    assert (source.now_us - clock.now_us, stall.us, clock.elapsed_us) == (10, 10, 0)


@given(INSTANTS)
def test_instants_survive_datetime(us: int) -> None:
    """Integers and datetimes convert into each other without loss."""
    assert to_us(from_us(us)) == us
    assert type(from_us(us)) is datetime


@given(INSTANTS)
def test_iso_is_the_hosts_format(us: int) -> None:
    """The text ends with Z, has no trailing zeros, and reads back as the same instant."""
    text = iso(us)
    assert text.endswith("Z")
    assert "." not in text or text[-2] != "0"
    assert to_us(datetime.fromisoformat(text)) == us


@pytest.mark.parametrize(
    ("us", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (100_000, "1970-01-01T00:00:00.1Z"),
        (123_456, "1970-01-01T00:00:00.123456Z"),
        (10_000_000, "1970-01-01T00:00:10Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
    ],
)
def test_iso_trims_zeros_of_the_fraction_only(us: int, text: str) -> None:
    """Like .NET: up to seven digits, trailing zeros trimmed, no dot without a fraction."""
    assert iso(us) == text

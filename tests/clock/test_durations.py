"""Lengths of time, and instants given relative to a clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfsim.clock import VirtualClock, format_duration, parse_duration, parse_when, to_us
from wfsim.errors import UsageError

S = 1_000_000


@pytest.mark.parametrize(
    ("value", "us"),
    [
        ("24h", 86_400 * S),
        ("3s", 3 * S),
        ("1h30m", 5_400 * S),
        ("1h 30m", 5_400 * S),
        (" 2 days ", 172_800 * S),
        ("250ms", 250_000),
        ("2d", 172_800 * S),
        ("10us", 10),
        ("10µs", 10),
        ("1w", 604_800 * S),
        ("1.5s", 1_500_000),
        ("0.1s", 100_000),
        ("90 minutes", 5_400 * S),
        ("5M", 300 * S),
        ("0", 0),
        (0, 0),
        (0.0, 0),
        (timedelta(days=1, microseconds=1), 86_400 * S + 1),
        (timedelta(0), 0),
    ],
)
def test_lengths_of_time_are_exact(value: Any, us: int) -> None:
    """Text and timedeltas become whole microseconds."""
    assert parse_duration(value) == us


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (30, r"no unit, but the timeout is 30\. Write '30s'"),
        (1.5, r"no unit, but the timeout is 1\.5"),
        ("30", "needs a unit"),
        ("1h 30", "needs a unit"),
        (True, "is a timedelta or text"),
        (None, "is a timedelta or text"),
        (float("nan"), "is a timedelta or text"),
        (float("inf"), "is a timedelta or text"),
        ("inf", "is written as"),
        ("", "is written as"),
        ("soon", "is written as"),
        ("3s!", "is written as"),
        ("-5s", "only moves forward"),
        (timedelta(seconds=-1), "only moves forward"),
        ("5 hous", "no unit of time 'hous'.*Did you mean 'hours'"),
        ("5 fortnights", "no unit of time 'fortnights'"),
        ("1.5us", "counted in microseconds"),
        ("99999999w", "ends with the year 9999"),
    ],
)
def test_what_is_no_length_of_time_is_refused_by_name(value: Any, message: str) -> None:
    """The refusal says the rule, the value, and what the caller calls it."""
    with pytest.raises(UsageError, match=message) as caught:
        parse_duration(value, what="timeout")
    assert repr(value) in str(caught.value)
    assert "timeout" in str(caught.value)


@pytest.mark.parametrize(
    ("us", "text"),
    [
        (0, "0s"),
        (72 * 3600 * S, "3d"),
        (26 * 3600 * S, "1d 2h"),
        (5_400 * S, "1h 30m"),
        (250_000, "250ms"),
        (1_500_000, "1.5s"),
        (1_500, "1.5ms"),
        (10, "10us"),
        (61 * S + 1, "1m 1.000001s"),
        (-3 * S, "-3s"),
    ],
)
def test_lengths_of_time_read_well(us: int, text: str) -> None:
    """The text is short and exact, days and hours first."""
    assert format_duration(us) == text


@given(st.integers(0, 400_000 * 86_400 * S))
def test_what_is_written_can_be_read(us: int) -> None:
    """parse_duration(format_duration(us)) is us, for every length."""
    assert parse_duration(format_duration(us)) == us


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2h", datetime(2000, 1, 2, 2, tzinfo=UTC)),
        (timedelta(hours=2), datetime(2000, 1, 2, 2, tzinfo=UTC)),
        (datetime(2001, 2, 3), datetime(2001, 2, 3, tzinfo=UTC)),
        ("2001-02-03", datetime(2001, 2, 3, tzinfo=UTC)),
        ("2001-02-03T04:05:06Z", datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)),
        ("2001-02-03T04:05:06+01:00", datetime(2001, 2, 3, 3, 5, 6, tzinfo=UTC)),
    ],
)
def test_an_instant_is_absolute_or_counts_from_now(value: Any, expected: datetime) -> None:
    """Datetimes and ISO text say when; lengths of time count from the clock's present."""
    clock = VirtualClock()
    clock.move_to(clock.now_us + 86_400 * S)
    assert parse_when(value, clock) == to_us(expected)


def test_a_length_of_time_can_count_from_elsewhere() -> None:
    """A scenario's times count from its start, not from now."""
    clock = VirtualClock()
    clock.move_to(clock.now_us + 86_400 * S)
    assert parse_when("2h", clock, since_us=clock.start_us) == clock.start_us + 7_200 * S


def test_a_broken_date_says_how_one_is_written() -> None:
    """The refusal names the value and shows a correct one."""
    with pytest.raises(UsageError, match=r"the until is '2001-99-03' \(month"):
        parse_when("2001-99-03", VirtualClock(), what="until")

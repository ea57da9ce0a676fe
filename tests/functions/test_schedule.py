"""NCRONTAB, and timer triggers that fire by themselves."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import azure.functions as func
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.functions.conftest import OpenApp
from tests.functions.support import failures
from wfsim import Simulation, UsageError, WfsimWarning
from wfsim.workers.azure_functions.functions import next_occurrence

START = datetime(2030, 5, 1, 12, tzinfo=UTC)  # a Wednesday


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("*/10 * * * * *", "2030-05-01T12:00:10"),
        ("0 */5 * * * *", "2030-05-01T12:05:00"),
        ("*/5 * * * *", "2030-05-01T12:05:00"),
        ("0 0 12 * * *", "2030-05-02T12:00:00"),
        ("30 15 9 * * *", "2030-05-02T09:15:30"),
        ("0 0 9 * * MON-FRI", "2030-05-02T09:00:00"),
        ("0 0 9 * * monday", "2030-05-06T09:00:00"),
        ("0 0 9 * * 0", "2030-05-05T09:00:00"),
        ("0 0 9 * * FRI-MON", "2030-05-02T09:00:00"),  # turned round: MON-FRI
        ("0 0 0 13 * FRI", "2030-09-13T00:00:00"),  # both must fit
        ("0 0 0 1 JAN *", "2031-01-01T00:00:00"),
        ("0 0 0 1 Janu,3 *", "2031-01-01T00:00:00"),
        ("0 0 0 29 2 *", "2032-02-29T00:00:00"),
        ("0 10/20 * * * *", "2030-05-01T12:10:00"),
        ("0 0 8-10,20-22/2 * * *", "2030-05-01T20:00:00"),
        ("0 59-57 * * * *", "2030-05-01T12:57:00"),
        ("0 */0 * * * *", "2030-05-01T12:01:00"),
        ("00:05:00", "2030-05-01T12:05:00"),
        ("00:05", "2030-05-01T12:05:00"),
        ("1.02:00:00", "2030-05-02T14:00:00"),
        ("00:00:00.5", "2030-05-01T12:00:00.500000"),
        ("2", "2030-05-03T12:00:00"),
        ("24:00:00", "2030-05-25T12:00:00"),  # days, as .NET has it, not hours
        ("25:00:00:00", "2030-05-26T12:00:00"),
        ("0 0 0 30 2 *", None),
        ("99999999", None),
    ],
)
def test_the_next_time(expression: str, expected: str | None) -> None:
    """Expressions mean what NCrontab and .NET's TimeSpan make of them."""
    found = next_occurrence(expression, START)
    told = None if expected is None else datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert found == told


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "x",
        "* * * *",
        "* * * * * * *",
        "60 * * * * *",
        "0 0 24 * * *",
        "0 0 0 0 * *",
        "0 0 0 * 13 *",
        "0 0 0 * * 7",
        "0 0 0 ? * *",
        "0 0 0 L * *",
        "0 0 0 * * 5#2",
        "0 0 0 * * MON/TUE",
        "0,, * * * * *",
        "-1 * * * * *",
        "@daily x y z 1",
        "00:00:00",
        "24:30:00",
        "-00:01:00",
        "%WFSIM_NO_SUCH%",
    ],
)
def test_what_the_host_refuses(expression: str) -> None:
    """What the host would not take is refused, with the expression in the text."""
    with pytest.raises(UsageError) as caught:
        next_occurrence(expression, START)
    assert repr(expression) in str(caught.value)


def test_app_settings_are_put_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """`%Name%` is the app setting of that name."""
    monkeypatch.setenv("NIGHTLY", "0 0 3 * * *")
    assert next_occurrence("%NIGHTLY%", START) == datetime(2030, 5, 2, 3, tzinfo=UTC)


def _field(low: int, high: int) -> st.SearchStrategy[tuple[str, set[int]]]:
    values = st.integers(low, high)
    return st.one_of(
        st.just(("*", set(range(low, high + 1)))),
        values.map(lambda one: (str(one), {one})),
        st.tuples(values, values).map(
            lambda two: (f"{two[0]}-{two[1]}", set(range(min(two), max(two) + 1)))
        ),
        st.integers(1, 20).map(lambda step: (f"*/{step}", set(range(low, high + 1, step)))),
    )


@given(
    second=_field(0, 59),
    minute=_field(0, 59),
    hour=_field(0, 23),
    weekday=_field(0, 6),
    after_s=st.integers(0, 86_400 * 400),
)
def test_the_next_time_is_the_first_that_fits(
    second: tuple[str, set[int]],
    minute: tuple[str, set[int]],
    hour: tuple[str, set[int]],
    weekday: tuple[str, set[int]],
    after_s: int,
) -> None:
    """What is found fits every field, lies ahead, and nothing before it does."""
    after = START + timedelta(seconds=after_s)
    fields = (second, minute, hour)
    found = next_occurrence(f"{second[0]} {minute[0]} {hour[0]} * * {weekday[0]}", after)
    assert found is not None
    assert found > after
    times = [(h, m, s) for h in hour[1] for m in minute[1] for s in second[1]]
    assert (found.hour, found.minute, found.second) in times
    earliest = min(times)
    for ahead in range((found.date() - after.date()).days + 1):
        day = after.date() + timedelta(days=ahead)
        if day.isoweekday() % 7 not in weekday[1]:
            assert day != found.date()
        elif day == after.date():
            now = (after.hour, after.minute, after.second)
            later = [one for one in times if one > now]
            assert not later or (found.hour, found.minute, found.second) == min(later)
            if later:
                return
        else:
            assert (day, (found.hour, found.minute, found.second)) == (found.date(), earliest)
    assert all(values for _, values in fields)


Timer = Callable[..., Simulation]


@pytest.fixture
def ticks() -> list[Any]:
    """What timers' functions noted."""
    return []


@pytest.fixture
def timed(app: func.FunctionApp, open_app: OpenApp, ticks: list[Any]) -> Timer:
    """Arm one timer trigger."""

    def opened(
        schedule: str, *, takes_s: float = 0, fails: bool = False, **extra: Any
    ) -> Simulation:
        @app.timer_trigger(arg_name="timer", schedule=schedule, **extra)
        def tick(timer: func.TimerRequest) -> None:
            ticks.append((datetime.now(UTC), timer))
            time.sleep(takes_s)
            if fails:
                raise ValueError("no")

        sim = open_app(app, start=START)
        sim._world.host.functions.schedules().arm()
        return sim

    return opened


def _times(ticks: list[Any]) -> list[str]:
    return [f"{at:%H:%M:%S}" for at, _ in ticks]


def test_a_timer_fires_by_its_schedule(timed: Timer, ticks: list[Any]) -> None:
    """A timer fires at each time of its schedule, told the last and the next."""
    timed("0 */5 * * * *").advance(minutes=11)
    assert _times(ticks) == ["12:05:00", "12:10:00"]
    first, second = (timer.schedule_status for _, timer in ticks)
    assert first == {
        "Last": "0001-01-01T00:00:00+00:00",
        "Next": "2030-05-01T12:05:00+00:00",
        "LastUpdated": "0001-01-01T00:00:00+00:00",
    }
    assert second["Last"] == "2030-05-01T12:05:00+00:00"
    assert not ticks[0][1].past_due


def test_a_frequent_timer_has_no_status(timed: Timer, ticks: list[Any]) -> None:
    """More often than once a minute nothing is monitored, as at the host."""
    timed("*/20 * * * * *").advance(seconds=41)
    assert _times(ticks) == ["12:00:20", "12:00:40"]
    assert not any(timer.schedule_status for _, timer in ticks)


def test_an_interval_counts_from_the_start(timed: Timer, ticks: list[Any]) -> None:
    """A length of time counts from one firing to the next, and knows no summer time."""
    timed("00:00:30", use_monitor=True).advance(minutes=1)
    assert _times(ticks) == ["12:00:30", "12:01:00"]
    assert ticks[0][1].schedule == {"AdjustForDST": False}


def test_run_on_startup_fires_at_once(timed: Timer, ticks: list[Any]) -> None:
    """With run_on_startup a timer fires at the start, and then by its schedule."""
    sim = timed("0 0 * * * *", run_on_startup=True)
    sim.run_until_idle()
    assert _times(ticks) == ["12:00:00"]
    sim.advance(hours=1)
    assert _times(ticks) == ["12:00:00", "13:00:00"]


def test_a_failing_timer_goes_on(timed: Timer, ticks: list[Any]) -> None:
    """A function that fails is fired again at its next time."""
    sim = timed("0 * * * * *", fails=True)
    sim.advance(minutes=2)
    assert _times(ticks) == ["12:01:00", "12:02:00"]
    assert failures(sim) == ["ValueError: no"] * 2


def test_calls_of_a_timer_do_not_overlap(timed: Timer, ticks: list[Any]) -> None:
    """What comes due while a call still runs waits for its end, and happens once."""
    timed("0 * * * * *", takes_s=90).advance(minutes=5)
    assert _times(ticks) == ["12:01:00", "12:02:30", "12:04:00"]


def test_schedules_keep_no_run_waiting(timed: Timer) -> None:
    """A schedule never ends, so it does not count when the simulation asks what is to come."""
    hub = timed("0 * * * * *")._world.hub
    assert hub.next_due_us() is not None
    assert hub.next_due_us(background=False) is None


def test_a_bad_schedule_spares_the_others(
    app: func.FunctionApp, open_app: OpenApp, ticks: list[Any]
) -> None:
    """A schedule that the host refuses is reported with function and expression; others fire."""

    @app.timer_trigger(arg_name="timer", schedule="61 * * * * *")
    def bad(timer: func.TimerRequest) -> None: ...

    @app.timer_trigger(arg_name="timer", schedule="0 * * * * *")
    def good(timer: func.TimerRequest) -> None:
        ticks.append(timer)

    sim = open_app(app)
    sim._world.host.functions.schedules().arm()
    sim.advance(minutes=1)
    with pytest.warns(WfsimWarning, match=r"WF119.*'bad'.*'61 \* \* \* \* \*'"):
        sim.close()
    assert len(ticks) == 1


def test_a_schedule_without_inputs_says_so(app: func.FunctionApp, open_app: OpenApp) -> None:
    """A timer that also reads a blob cannot be fired by its schedule, and that is reported."""

    @app.timer_trigger(arg_name="timer", schedule="0 * * * * *")
    @app.blob_input(arg_name="data", path="a/b", connection="c")
    def tick(timer: func.TimerRequest, data: func.InputStream) -> None: ...

    sim = open_app(app)
    sim._world.host.functions.schedules().arm()
    sim.advance(minutes=2)
    with pytest.warns(WfsimWarning, match="WF119.*'tick'"):
        sim.close()

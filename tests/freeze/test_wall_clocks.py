"""What user code reads from the wall clocks while a simulation is open."""

from __future__ import annotations

import os
import pickle
import time
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from pydantic import BaseModel, Field

from wfsim.clock import Stall, VirtualClock, current_stall
from wfsim.freeze import Freezer

NEW_YEAR = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "read",
    [
        lambda: datetime.now(UTC),
        lambda: datetime.now().replace(tzinfo=UTC),
        lambda: datetime.today().replace(tzinfo=UTC),
        lambda: datetime.fromtimestamp(time.time(), UTC),
        lambda: datetime.fromtimestamp(time.time_ns() / 1e9, UTC),
        lambda: datetime.fromtimestamp(time.mktime(time.localtime()), UTC),
        lambda: datetime(*time.gmtime()[:6], tzinfo=UTC),
        lambda: datetime.strptime(time.strftime("%Y-%m-%dT%H:%M:%S%z"), "%Y-%m-%dT%H:%M:%S%z"),
        lambda: datetime.combine(date.today(), datetime.min.time(), UTC),
    ],
)
def test_every_wall_clock_shows_virtual_time(freezer_: Freezer, read: Any) -> None:
    """However it is asked, Python says that it is the new year of 2000, in UTC."""
    assert NEW_YEAR <= read() < NEW_YEAR + timedelta(milliseconds=1)
    with freezer_.operation():
        assert abs(read() - NEW_YEAR) < timedelta(microseconds=1)


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
def test_utcnow_shows_virtual_time(freezer_: Freezer) -> None:
    """The deprecated way works as well."""
    with freezer_.operation():
        assert datetime.utcnow() == datetime(2000, 1, 1)


def test_wall_clocks_follow_the_clock(freezer_: Freezer, clock: VirtualClock) -> None:
    """Moving the simulation's clock moves everybody's."""
    clock.move_to(clock.now_us + 86_400_000_000)
    assert datetime.now(UTC) == NEW_YEAR + timedelta(days=1)


def test_reads_around_the_simulation_leave_no_mark(freezer_: Freezer) -> None:
    """What the test, pytest and loggers read does not change what activities read."""
    [datetime.now(UTC) for _ in range(10)]
    with freezer_.operation():
        assert datetime.now(UTC) == NEW_YEAR
    [datetime.now(UTC) for _ in range(10)]
    with freezer_.operation():
        assert datetime.now(UTC) == NEW_YEAR + timedelta(microseconds=1)


def test_timestamps_never_tie(freezer_: Freezer) -> None:
    """The newest of many is the last one made, which a frozen clock would get wrong."""
    made = [(datetime.now(UTC), number) for number in range(100)]
    assert max(made, key=lambda pair: pair[0])[1] == 99
    with freezer_.operation():
        made = [(datetime.now(UTC), number) for number in range(100)]
    assert max(made, key=lambda pair: pair[0])[1] == 99


def test_a_stalled_activity_reads_its_own_time(freezer_: Freezer) -> None:
    """Wall and monotonic clocks are ahead for the activity that slept, and only for it."""
    with freezer_.operation():
        stall = Stall()
        token = current_stall.set(stall)
        before = time.monotonic()
        time.sleep(5)
        assert stall.us == 5_000_000
        assert datetime.now(UTC) == NEW_YEAR + timedelta(seconds=5)
        assert time.monotonic() - before == pytest.approx(5)
        current_stall.reset(token)
        assert datetime.now(UTC) < NEW_YEAR + timedelta(seconds=1)
        assert time.monotonic() < 1


class Stamp(BaseModel):
    at: datetime = Field(default_factory=datetime.now)
    day: date | None = None


def test_pydantic_does_not_notice(freezer_: Freezer) -> None:
    """Models defined before or while time is frozen validate, default and serialize as ever."""

    class Late(BaseModel):
        at: datetime
        day: date

    late = Late(at=datetime.now(UTC), day=date.today())
    assert Late.model_validate_json(late.model_dump_json()) == late
    with freezer_.operation():
        assert Stamp().at == datetime(2000, 1, 1)
    assert type(Stamp.model_validate({"day": date.today()}).day) is date


class Restricted(pickle.Unpickler):
    """As checkpoint stores use: nothing but datetime may come out."""

    def find_class(self, module: str, name: str) -> Any:
        if module != "datetime" or name not in {"datetime", "timedelta", "timezone"}:
            raise pickle.UnpicklingError(f"blocked: {module}.{name}")
        return super().find_class(module, name)


def test_pickles_hold_real_datetimes(freezer_: Freezer) -> None:
    """A restricted unpickler that allows only datetime reads what was stored while frozen."""
    now = datetime.now(UTC)
    loaded = Restricted(BytesIO(pickle.dumps(now))).load()
    assert loaded == now
    assert (type(now).__module__, type(now).__name__) == ("datetime", "datetime")


def test_the_time_zone_is_utc_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hosts run in UTC; the machine's own zone is restored."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        with Freezer(VirtualClock(), seed=1):
            assert datetime.now().hour == 0
            assert time.timezone == 0
        assert (os.environ["TZ"], time.timezone) == ("Asia/Tokyo", -9 * 3600)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_freezing_can_be_declined() -> None:
    """With freeze=False clocks and sleep are real; chance is seeded all the same."""
    draws: list[bytes] = []
    for _ in range(2):
        with Freezer(VirtualClock(), seed=1, freeze=False) as freezer, freezer.operation():
            assert datetime.now(UTC).year > 2020
            assert freezer.sync() is None
            before = time.monotonic()
            time.sleep(0)
            assert 0 <= time.monotonic() - before < 10
            draws.append(os.urandom(8))
    assert draws[0] == draws[1]

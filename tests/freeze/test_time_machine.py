"""time_machine underneath, and in users' own hands."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
import time_machine

from wfsim.clock import VirtualClock
from wfsim.freeze import Freezer

YEARS = (2001, 2002, 2003)


def year(number: int) -> Freezer:
    return Freezer(VirtualClock(datetime(number, 1, 1)), seed=number)


def test_the_names_that_wfsim_relies_on_are_there() -> None:
    """A release of time_machine that moves one of its private names fails here first."""
    travel = time_machine.travel(datetime(2020, 1, 1, tzinfo=UTC), tick=False)
    started = travel.start()
    try:
        assert time_machine.traveller_stack == [started]
        assert type(started) is time_machine.Traveller
        assert started._destination_tzname == "UTC"
        assert hasattr(started, "_orig_tz")
        time_machine.traveller_stack[-1] = type(
            "Other",
            (time_machine.Traveller,),
            {
                "time_ns": lambda self: 86_400 * 10**9,
            },
        )(0, "UTC", False)
        time_machine.traveller_stack[-1]._orig_tz = started._orig_tz
        assert datetime.now(UTC) == datetime(1970, 1, 2, tzinfo=UTC)
        assert time.time() == 86_400
    finally:
        travel.stop()
    assert time_machine.traveller_stack == []


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_simulations_may_close_in_any_order(order: tuple[int, ...]) -> None:
    """Each one shows its own time in its operations; the newest open one shows its outside."""
    zone, freezers = os.environ.get("TZ"), [year(number) for number in YEARS]
    for freezer in freezers:
        freezer.open()
    left = list(range(3))
    for closing in order:
        assert datetime.now().year == YEARS[left[-1]]
        for number in left:
            with freezers[number].operation():
                assert datetime.now().year == YEARS[number]
        freezers[closing].close()
        left.remove(closing)
    assert datetime.now().year > 2020
    assert (os.environ.get("TZ"), time_machine.traveller_stack) == (zone, [])


def test_a_simulation_starts_where_the_user_has_travelled() -> None:
    """Inside time_machine.travel the first instant is its time, converted to UTC."""
    assert Freezer.initial_start() is None
    tokyo = datetime(2030, 1, 1, 9, tzinfo=ZoneInfo("Asia/Tokyo"))
    with time_machine.travel(tokyo, tick=False):
        assert Freezer.initial_start() == datetime(2030, 1, 1, tzinfo=UTC)
        with Freezer(VirtualClock(Freezer.initial_start()), seed=1):
            assert datetime.now().hour == 0
            assert Freezer.initial_start() is None
        assert datetime.now() == datetime(2030, 1, 1, 9)


def test_travel_inside_a_simulation_does_not_reach_its_operations() -> None:
    """Between operations the user's travel shows; in them the simulation's clock is on top."""
    with year(2001) as freezer:
        with time_machine.travel(datetime(2030, 1, 1, tzinfo=ZoneInfo("Asia/Tokyo")), tick=False):
            with freezer.operation():
                assert datetime.now().hour == 0
                assert datetime.now().year == 2001
            assert datetime.now().year == 2030
            assert time.timezone == -9 * 3600
        assert datetime.now().year == 2001


def test_travel_may_end_before_the_simulation() -> None:
    """A user's travel that ends inside takes itself away, and not the simulation."""
    zone = os.environ.get("TZ")
    travel = time_machine.travel(datetime(2030, 1, 1, tzinfo=ZoneInfo("Asia/Tokyo")), tick=False)
    travel.start()
    with year(2001), year(2002):
        travel.stop()
        assert datetime.now().year == 2002
        assert os.environ["TZ"] == "UTC"
    assert datetime.now().year > 2030 or datetime.now().year < 2030
    assert (os.environ.get("TZ"), time_machine.traveller_stack) == (zone, [])


def test_stopping_more_than_was_started_is_survived() -> None:
    """A stray stop() ends the freezing, and closing afterwards is harmless."""
    with year(2001):
        time_machine.travel(0).stop()
        assert datetime.now().year > 2020
    assert time_machine.traveller_stack == []


LATE_IMPORT = """
import sys
from datetime import timezone
from freezegun import freeze_time
with freeze_time("2030-01-01"):
    from wfsim.clock import EPOCH, VirtualClock
    from wfsim.freeze import Freezer
    assert type(EPOCH).__name__ == "datetime"
    with Freezer(VirtualClock(Freezer.initial_start()), seed=1) as freezer:
        with freezer.operation():
            import datetime, time
            print(datetime.datetime.now(timezone.utc), time.monotonic())
import datetime, time
with Freezer(VirtualClock(), seed=1) as freezer, freezer.operation():
    print(datetime.datetime.now(timezone.utc), time.monotonic(), type(datetime.datetime.now()))
assert datetime.datetime.now().year not in (2000, 2030)
assert time.monotonic.__module__ == "time"
"""


def test_wfsim_may_be_imported_while_time_is_frozen() -> None:
    """A plugin imports late, so the first import may happen inside a freeze_time."""
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LATE_IMPORT],
        env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stderr == ""
    assert result.stdout.splitlines() == [
        "2030-01-01 00:00:00+00:00 0.0",
        "2000-01-01 00:00:00+00:00 0.0 <class 'datetime.datetime'>",
    ]


def test_freezegun_is_not_imported_for_those_who_do_not_use_it() -> None:
    """The bridge costs nothing where there is no freezegun."""
    code = (
        "import sys; from wfsim.clock import VirtualClock; from wfsim.freeze import Freezer\n"
        "with Freezer(VirtualClock(), seed=1) as f, f.operation(): f.sync()\n"
        "assert 'freezegun' not in sys.modules"
    )
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
        check=True,
    )


@pytest.mark.bench
def test_freezing_is_cheap() -> None:
    """Opening and closing, and an operation, stay far below a millisecond."""
    freezer = Freezer(VirtualClock(), seed=1)
    costs: dict[str, float] = {}
    for name in ("open and close", "operation"):
        if name == "operation":
            freezer.open()
        best = timedelta.max.total_seconds()
        for _ in range(20):
            before = time.perf_counter()
            for _ in range(10):
                if name == "operation":
                    with freezer.operation():
                        pass
                else:
                    freezer.open()
                    freezer.close()
            best = min(best, (time.perf_counter() - before) / 10)
        costs[name] = best
    freezer.close()
    assert max(costs.values()) < 0.001, costs


def test_offsets_of_fixed_zones_are_no_matter() -> None:
    """A start with an offset is shown in UTC."""
    start = datetime(2020, 1, 1, tzinfo=timezone(timedelta(hours=5)))
    with Freezer(VirtualClock(start), seed=1) as freezer, freezer.operation():
        assert datetime.now() == datetime(2019, 12, 31, 19)

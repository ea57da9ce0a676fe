"""How virtual time passes on a server."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.serve.conftest import START, Serve, until
from wfsim.clock import from_us
from wfsim.serve.clocks import AutoClock, Outlook, Pace, RealClock, StillClock


def outlook(
    *,
    next_us: int | None = 7,
    is_waited_for: bool = False,
    quiet_s: float = 0.0,
    unmoved_s: float = 0.0,
    network_left_s: float = 0.0,
) -> Outlook:
    """Return what a clock decides by, work being due next at `next_us`."""
    return Outlook(
        next_us=next_us,
        next_work_us=next_us,
        is_waited_for=is_waited_for,
        quiet_s=quiet_s,
        unmoved_s=unmoved_s,
        network_left_s=network_left_s,
    )


def test_the_auto_clock_waits_for_a_quiet_moment() -> None:
    """It jumps once no request has changed anything for the grace, and waits for the rest of it."""
    clock = AutoClock(0.05)
    assert clock.target_us(outlook(quiet_s=0.02)) is None
    assert clock.wait_s(outlook(quiet_s=0.02)) == pytest.approx(0.03)
    assert clock.target_us(outlook(quiet_s=0.06)) == 7


def test_the_auto_clock_does_not_wait_for_ever() -> None:
    """It jumps also while requests keep coming, after five times the grace."""
    clock = AutoClock(0.05)
    assert clock.target_us(outlook(quiet_s=0.01, unmoved_s=0.2)) is None
    assert clock.target_us(outlook(quiet_s=0.01, unmoved_s=0.26)) == 7


def test_the_auto_clock_jumps_at_once_for_who_waits() -> None:
    """An open request that sleeps makes it jump at once; with nothing due it never does."""
    clock = AutoClock(0.05)
    assert clock.target_us(outlook(is_waited_for=True)) == 7
    assert clock.target_us(outlook(next_us=None, quiet_s=9)) is None
    assert clock.wait_s(outlook(next_us=None)) is None


def test_the_auto_clock_waits_for_connections() -> None:
    """It does not jump while the app waits for a connection, not even for an open request."""
    clock = AutoClock(0.05)
    awaiting = outlook(is_waited_for=True, quiet_s=9, network_left_s=3)
    assert clock.target_us(awaiting) is None
    assert clock.wait_s(awaiting) == 3


def test_the_still_clock_stands() -> None:
    """Under --clock virtual nothing moves time but the control endpoints."""
    clock: Pace = StillClock()
    assert clock.target_us(outlook(quiet_s=9)) is None
    assert clock.wait_s(outlook()) is None


def test_the_real_clock_goes_with_the_machine_s() -> None:
    """Under --clock real it is always the start plus the machine's time since then."""
    before_ns = time.monotonic_ns()
    clock = RealClock(5_000_000)
    passed_us = clock.target_us(outlook()) - 5_000_000
    assert 0 <= passed_us <= (time.monotonic_ns() - before_ns) // 1_000 + 1
    wait_s = clock.wait_s(outlook(next_us=65_000_000))
    assert wait_s is not None
    assert 0 < wait_s <= 60
    assert clock.wait_s(outlook(next_us=1)) == 0


@pytest.mark.asyncio
async def test_virtual_time_stands_until_it_is_moved(serve: Serve) -> None:
    """A 2-second timer of --clock virtual fires when a client moves time, and not before."""
    async with serve(clock="virtual") as served:
        started = await served.json("POST", "/api/start/wait")
        for _ in range(5):
            status = await served.json("GET", started["statusQueryGetUri"])
            assert status["runtimeStatus"] == "Running"
        await served.advance("1999ms")
        status = await served.json("GET", started["statusQueryGetUri"])
        assert status["runtimeStatus"] == "Running"
        await served.advance("1ms")
        status = await served.json("GET", started["statusQueryGetUri"])
    assert status["output"] == "done"
    assert status["lastUpdatedTime"] == "2000-01-01T00:00:02Z"


@pytest.mark.asyncio
async def test_auto_time_jumps(serve: Serve) -> None:
    """Under --clock auto a day of timers passes in well under a second."""
    async with serve(clock="auto") as served:
        began_s = time.monotonic()
        started = await served.json("POST", "/api/start/many", json=24)
        status = await served.finished(started)
        assert time.monotonic() - began_s < 1
    assert status["output"] == "done"
    assert status["lastUpdatedTime"] == "2000-01-02T00:00:00Z"


@pytest.mark.asyncio
async def test_auto_time_stands_where_nothing_waits(serve: Serve) -> None:
    """Schedules of timer triggers never make time jump; on the way to something else they fire."""
    async with serve(clock="auto") as served:
        await asyncio.wait_for(served.server.driver.catch_up(), 5)
        assert served.world.clock.now == START
        await served.finished(await served.json("POST", "/api/start/many", json=3))
        assert await served.text("GET", "/api/rings") == "3"


@pytest.mark.asyncio
async def test_timer_triggers_can_be_left_out(serve: Serve) -> None:
    """--no-timer-triggers: no schedule fires."""
    async with serve(timer_triggers=False) as served:
        await served.advance("5h")
        assert await served.text("GET", "/api/rings") == "0"


@pytest.mark.asyncio
async def test_a_sleeping_request_makes_auto_time_jump(serve: Serve) -> None:
    """A function that sleeps for a day is answered at once under --clock auto."""
    async with serve(clock="auto") as served:
        assert await served.text("GET", "/api/nap/86400") == "slept 86400"
        assert served.world.clock.now == START + timedelta(days=1)


@pytest.mark.asyncio
async def test_a_request_waits_for_virtual_time(serve: Serve) -> None:
    """Under --clock virtual a function that sleeps is open until time is moved; others go on."""
    async with serve(clock="virtual") as served:
        nap = asyncio.ensure_future(served.text("GET", "/api/nap/60"))
        assert await served.text("POST", "/api/visit/x") == "x"
        assert not nap.done()
        await until(lambda: _is_open(served))
        await served.advance("1m")
        assert await nap == "slept 60"


async def _is_open(served: object) -> bool:
    return bool(served.server.driver.open_requests)  # type: ignore[attr-defined]


@pytest.mark.asyncio
async def test_requests_see_the_present_under_the_real_clock(serve: Serve) -> None:
    """Under --clock real a function reads the start plus the time that has really passed."""
    async with serve(clock="real") as served:
        early = datetime.fromisoformat(await served.text("GET", "/api/now"))
        began_s = time.monotonic()
        text = await served.json("GET", "/admin/wfsim/now")
        late = datetime.fromisoformat(await served.text("GET", "/api/now"))
        passed_s = time.monotonic() - began_s
    assert START < early < datetime.fromisoformat(text["now"]) < late
    assert (late - early).total_seconds() < passed_s + 0.05


@pytest.mark.slow
@pytest.mark.asyncio
async def test_a_real_timer_takes_its_time(serve: Serve) -> None:
    """Under --clock real a timer fires when it is due, a few milliseconds late at most."""
    async with serve(clock="real") as served:
        began_s = time.monotonic()
        started = await served.json("POST", "/api/start/wait", json=0.5)
        status = await served.finished(started)
        took_s = time.monotonic() - began_s
    assert 0.5 <= took_s < 1.5
    ended = datetime.fromisoformat(status["lastUpdatedTime"])
    assert ended - datetime.fromisoformat(status["createdTime"]) >= timedelta(seconds=0)


@pytest.mark.asyncio
async def test_the_date_header_is_virtual(serve: Serve) -> None:
    """The Date of a response is the virtual present, which bodies speak of too."""
    async with (
        serve(start=datetime(2030, 5, 1, 12, tzinfo=UTC)) as served,
        served.client.get(served.at("/api/now")) as response,
    ):
        assert response.headers["Date"] == "Wed, 01 May 2030 12:00:00 GMT"
        assert (await response.text()).startswith("2030-05-01T12:00:00")
    assert from_us(served.world.clock.now_us).year == 2030

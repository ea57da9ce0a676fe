"""What user code sees of time and of chance."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import time
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import random as drawn
from time import sleep
from time import time as seconds
from typing import Any
from uuid import uuid4

import pytest
from freezegun import freeze_time

from tests.simulation.small_app import app
from wfsim import Simulation

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def run_activity(simulation: Simulation, body: Callable[[Any], object], value: object = 0) -> Any:
    """Run `body` as an activity, and return what it returned."""
    simulation.stub_activity("work", calls=body)
    return simulation.start("call_once", input=value).result()


def clocks(_: object) -> list[str]:
    return [
        datetime.now(UTC).isoformat(timespec="seconds"),
        datetime.now().isoformat(timespec="seconds"),
        datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="seconds"),
        datetime.fromtimestamp(seconds(), UTC).isoformat(timespec="seconds"),
        date.today().isoformat(),
        time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()),
    ]


def test_activities_see_virtual_time(simulation: Simulation) -> None:
    """datetime.now, time.time and their kin show the simulation's clock, however imported."""
    simulation.advance("36h")
    assert run_activity(simulation, clocks) == [
        "2000-01-02T12:00:00+00:00",
        "2000-01-02T12:00:00",
        "2000-01-02T12:00:00+00:00",
        "2000-01-02T12:00:00+00:00",
        "2000-01-02",
        "2000-01-02T12:00:00",
    ]


def test_the_test_sees_virtual_time_as_well(simulation: Simulation) -> None:
    """While the simulation is open the wall clock is the virtual one, and then the real one."""
    simulation.advance("1d")
    assert datetime.now(UTC).replace(microsecond=0) == EPOCH + timedelta(days=1)
    simulation.close()
    assert datetime.now(UTC).year > 2000


def test_freeze_false_leaves_clocks_alone() -> None:
    """With freeze=False user code sees the machine's clock; timers are virtual all the same."""
    with Simulation(app, freeze=False) as simulation:
        assert run_activity(simulation, lambda _: datetime.now().year) > 2000
        assert simulation.start("nap", input=24).result() == "2000-01-02T00:00:00+00:00"


def test_instants_are_real_datetimes_in_order(simulation: Simulation) -> None:
    """Two looks at the clock never show the same instant, and both are plain datetimes."""

    def look(_: object) -> list[str]:
        first, second = datetime.now(UTC), datetime.now(UTC)
        assert type(first) is datetime
        assert first < second
        return sorted([second.isoformat(), first.isoformat()])

    first, second = run_activity(simulation, look)
    assert datetime.fromisoformat(second) - datetime.fromisoformat(first) <= timedelta(seconds=1)


def test_sleeping_coroutines_pass_virtual_time(simulation: Simulation) -> None:
    """asyncio.sleep in an activity costs nothing and takes virtual time on every clock."""

    async def rest(hours: int) -> list[float]:
        wall, steady = time.time(), time.monotonic()
        await asyncio.sleep(hours * 3_600)
        return [round(time.time() - wall), round(time.monotonic() - steady)]

    assert run_activity(simulation, rest, 5) == [18_000, 18_000]
    assert simulation.now - EPOCH == timedelta(hours=5)


@pytest.mark.parametrize("nap", [lambda: time.sleep(90), lambda: sleep(90)], ids=["time", "name"])
def test_a_sleeping_sync_activity_ends_later(
    simulation: Simulation, nap: Callable[[], None]
) -> None:
    """time.sleep delays that activity's completion, and nothing else meanwhile."""

    def doze(_: object) -> int:
        before = time.time()
        nap()
        return round(time.time() - before)

    simulation.stub_activity("work", calls=doze)
    sleeper = simulation.start("call_once", input=0)
    other = simulation.start("echo", input=1)
    simulation.run_until_idle()
    assert (sleeper.status, other.status) == ("Running", "Completed")
    assert sleeper.result() == 90
    assert simulation.now - EPOCH == timedelta(seconds=90)


def test_a_sync_activity_may_run_a_loop_of_its_own(simulation: Simulation) -> None:
    """asyncio.run inside a sync activity sleeps in virtual time too."""

    def outer(_: object) -> list[int]:
        async def inner(number: int) -> int:
            await asyncio.sleep(number * 60)
            return number

        async def both() -> list[int]:
            return list(await asyncio.gather(inner(2), inner(1)))

        return asyncio.run(both())

    assert run_activity(simulation, outer) == [2, 1]
    assert simulation.now - EPOCH == timedelta(minutes=2)


def chance(_: object) -> list[object]:
    return [
        str(uuid4()),
        str(uuid.uuid4()),
        str(uuid.uuid1()),
        random.random(),
        drawn(),
        random.choice(range(10**9)),
        os.urandom(8).hex(),
        secrets.token_hex(8),
        random.SystemRandom().random(),
    ]


def draw(seed: int) -> tuple[list[object], str]:
    with Simulation(app, seed=seed) as simulation:
        values = run_activity(simulation, chance)
        return values, simulation.start("echo").instance_id


def test_chance_is_seeded_per_simulation() -> None:
    """Same seed, same uuids, numbers, bytes and instance ids; with another seed all differ."""
    values, instance_id = draw(1)
    assert draw(1) == (values, instance_id)
    others, other_id = draw(2)
    assert all(one != two for one, two in zip(values, others, strict=True))
    assert instance_id != other_id
    assert len(set(map(str, values))) == len(values)


def test_the_tests_own_chance_is_left_alone(simulation: Simulation) -> None:
    """The simulation neither uses nor moves the test's random numbers."""
    random.seed(99)
    expected = [random.random() for _ in range(3)]
    random.seed(99)
    numbers = [random.random()]
    run_activity(simulation, chance)
    numbers.append(random.random())
    simulation.close()
    numbers.append(random.random())
    assert numbers == expected


def test_a_frozen_time_outside_is_where_it_starts() -> None:
    """Inside a user's freeze_time a simulation starts there, and moves it along."""
    with freeze_time("2024-02-29 12:00:00"):
        with Simulation(app) as simulation:
            assert simulation.now == datetime(2024, 2, 29, 12, tzinfo=UTC)
            simulation.advance("1d")
            assert datetime.now(UTC).date() == date(2024, 3, 1)
            assert run_activity(simulation, lambda _: datetime.now().day) == 1
        assert datetime.now().day == 1


def test_a_frozen_time_moved_by_the_user_moves_the_simulation() -> None:
    """frozen.move_to and tick are followed: timers on the way fire."""
    with freeze_time("2024-01-01") as frozen, Simulation(app) as simulation:
        run = simulation.start("nap", input=2)
        simulation.run_until_idle()
        frozen.tick(timedelta(hours=3))
        assert simulation.now == datetime(2024, 1, 1, 3, tzinfo=UTC)
        assert run.output == "2024-01-01T02:00:00+00:00"
        frozen.move_to("2024-01-05")
        simulation.run_until_idle()
        assert simulation.now.day == 5


def test_a_frozen_time_inside_the_simulation_is_followed(simulation: Simulation) -> None:
    """A freeze_time that begins inside moves the simulation there, if that is no past."""
    run = simulation.start("nap", input=24)
    simulation.run_until_idle()
    with freeze_time("2000-01-03"):
        simulation.run_until_idle()
        assert run.output == "2000-01-02T00:00:00+00:00"
        assert simulation.now.day == 3

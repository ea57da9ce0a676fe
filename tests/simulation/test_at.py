"""sim.at: what the test does when virtual time gets there."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from wfsim import InstanceError, Simulation, UsageError


def test_calls_of_one_instant_keep_their_order(simulation: Simulation) -> None:
    """Calls happen by time, and those of one instant in the order in which they were made."""
    seen: list[str] = []
    simulation.at("2h", seen.append, "late")
    for name in "abc":
        simulation.at("1h", seen.append, name)
    simulation.advance("3h")
    assert seen == ["a", "b", "c", "late"]


def test_calls_see_their_own_instant(simulation: Simulation) -> None:
    """Inside the call now is the instant it was set for."""
    seen: list[datetime] = []
    simulation.at("1h", lambda: seen.append(simulation.now))
    simulation.at(datetime(2000, 1, 2, tzinfo=UTC), lambda: seen.append(simulation.now))
    simulation.advance("2d")
    assert [now.day * 100 + now.hour for now in seen] == [101, 200]


def test_durations_count_from_now(simulation: Simulation) -> None:
    """A duration is counted from the moment of the call, unlike that of advance_to."""
    simulation.advance("5h")
    simulation.at("1h", print)
    assert simulation.pending[0][0] == timedelta(hours=1)


def test_the_past_is_refused(simulation: Simulation) -> None:
    """An instant that is past, and a negative duration, are refused."""
    simulation.advance("1d")
    with pytest.raises(UsageError, match=r"^Cannot call something at .*: that instant is past"):
        simulation.at(datetime(2000, 1, 1, tzinfo=UTC), print)
    with pytest.raises(UsageError, match=r"^Virtual time only moves forward, but the at is '-1h'"):
        simulation.at("-1h", print)


def test_this_very_instant_is_no_past(simulation: Simulation) -> None:
    """A call for now happens as soon as things may happen."""
    seen: list[int] = []
    simulation.at("0", seen.append, 1)
    assert seen == []
    simulation.run_until_idle()
    assert seen == [1]


def test_coroutine_functions_run_on_virtual_time(simulation: Simulation) -> None:
    """A coroutine function may sleep: it goes on when virtual time has passed."""
    seen: list[timedelta] = []

    async def act() -> None:
        begin = simulation.now
        await asyncio.sleep(600)
        seen.append(simulation.now - begin)

    simulation.at("1h", act)
    simulation.advance("1h")
    assert seen == []
    simulation.advance("10m")
    assert seen == [timedelta(minutes=10)]


def test_a_call_may_start_and_steer_runs(simulation: Simulation) -> None:
    """Starting runs and raising events are allowed from inside; only time is not moved."""
    waiting = simulation.start("wait")
    simulation.at("1h", lambda: simulation.start("echo", input="late", instance_id="late"))
    simulation.at("2h", waiting.raise_event, "go", 7)
    assert waiting.result() == 7
    assert simulation.run("late").output == "late"


def test_errors_of_a_call_reach_the_test(simulation: Simulation) -> None:
    """What the function raises is raised by whatever moved time."""
    run = simulation.start("echo")
    simulation.at("1h", run.raise_event, "go")
    with pytest.raises(InstanceError, match=r"^Cannot raise 'go'"):
        simulation.advance("2h")


def test_errors_of_a_coroutine_reach_the_test(simulation: Simulation) -> None:
    """What a coroutine function raises is raised too, at its own instant."""

    async def fail() -> None:
        await asyncio.sleep(60)
        raise AssertionError("seen")

    simulation.at("1h", fail)
    with pytest.raises(AssertionError, match=r"^seen$"):
        simulation.advance("2h")
    assert simulation.now.minute == 1


@pytest.mark.parametrize(
    "move",
    [
        lambda simulation: simulation.advance("1h"),
        lambda simulation: simulation.advance_to("9d"),
        lambda simulation: simulation.run_until_idle(),
        lambda simulation: simulation.start("wait").result(),
        lambda simulation: simulation.close(),
        lambda simulation: simulation.run_until_complete(simulation.client.get_status("x")),
    ],
)
def test_only_the_test_moves_time(simulation: Simulation, move: object) -> None:
    """Moving time, or closing, from inside the simulation is refused."""
    assert callable(move)
    simulation.at("1h", move, simulation)
    with pytest.raises(UsageError, match=r"^Time is moving already: .*Only the test moves time"):
        simulation.advance("2h")
    simulation.advance("2h")  # and the simulation is as good as before

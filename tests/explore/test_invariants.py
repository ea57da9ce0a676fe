"""`sim.always` and `sim.eventually`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.simulation.small_app import app
from wfsim import AsyncSimulation, Simulation, UsageError, WorkflowError
from wfsim.errors import InvariantError
from wfsim.explore import explore

BUGS = Path(__file__).parents[2] / "fixtures" / "bugs"
ORDER = {"concert": "jazz", "seats": 3}


def test_a_broken_invariant_stops_the_operation_that_breaks_it() -> None:
    """The error names the invariant, the step after which it broke, and the instant."""
    with Simulation(app, findings="ignore") as sim:
        run = sim.start("nap", input=2, instance_id="a")
        sim.always(lambda: run.status != "Completed", name="never ends")
        sim.advance("1h")
        with pytest.raises(
            InvariantError,
            match=r"^The invariant 'never ends' does not hold after episode of nap a, at T\+2h\.$",
        ) as caught:
            sim.advance("2h")
        assert caught.value.name == "never ends"
        assert isinstance(caught.value, WorkflowError)
        sim.advance("1h")  # it is told once


def test_a_check_may_assert() -> None:
    """What a check raises is shown and chained; a check that returns nothing holds."""

    def is_pending() -> None:
        assert run.status == "Pending", "it has begun"

    with Simulation(app) as sim:
        run = sim.start("echo", input=1)
        sim.always(is_pending)
        with pytest.raises(InvariantError, match=r"'is_pending' .*: AssertionError: it has") as it:
            run.result()
        assert isinstance(it.value.__cause__, AssertionError)


def test_an_invariant_that_does_not_hold_at_the_start_is_told_at_once() -> None:
    """The first check is made when the invariant is given; a lambda is called by its place."""
    with (
        Simulation(app) as sim,
        pytest.raises(
            InvariantError,
            match=r"^The invariant 'lambda in test_invariants.py:\d+' does not hold at the start",
        ),
    ):
        sim.always(lambda: bool(sim.runs))


def test_what_comes_to_hold_in_time_is_fine() -> None:
    """A promise that was kept once, at its last instant even, need not be kept for ever."""
    with Simulation(app) as sim:
        run = sim.start("nap", input=2)
        sim.eventually(lambda: run.status == "Running")
        sim.eventually(lambda: run.status == "Completed", within="2h")
        run.result()
    assert run.status == "Completed"


def test_what_does_not_come_in_time_is_told_when_the_time_is_over() -> None:
    """A promise with a limit breaks as soon as virtual time has passed it, with or without work."""
    with Simulation(app, findings="ignore") as sim:
        run = sim.start("wait", instance_id="a")
        sim.eventually(lambda: run.status == "Completed", within="3d", name="ends")
        sim.advance("3d")
        with pytest.raises(
            InvariantError, match=r"^The invariant 'ends' has not come to hold within 3d, at T\+"
        ):
            sim.advance("1s")


def test_what_never_comes_is_told_at_the_end() -> None:
    """A promise without a limit breaks when the simulation closes, unless nobody checks then."""
    _unkept().close(check=False)
    with pytest.raises(InvariantError, match=r"^The invariant 'ends' has not come to hold by the "):
        _unkept().close()


def _unkept() -> Simulation:
    sim = Simulation(app, findings="ignore")
    run = sim.start("wait")
    sim.eventually(lambda: run.status == "Completed", name="ends")
    sim.run_until_idle()
    return sim


def test_an_invariant_may_look_but_not_act() -> None:
    """A check that moves time, or is a coroutine, is refused."""
    with Simulation(app) as sim:
        with pytest.raises(UsageError, match=r"^An invariant is a plain function without"):
            sim.always(sim.start("echo", input=1).result())  # type: ignore[arg-type]

        async def check() -> None:
            """Look at nothing."""

        with pytest.raises(UsageError, match=r"^An invariant is a plain function without"):
            sim.eventually(check)


def test_nothing_is_called_where_nothing_is_demanded() -> None:
    """A simulation without invariants watches no step."""
    with Simulation(app) as sim:
        sim.start("echo", input=1).result()
        assert not sim._world.hub.watchers


def _is_not_oversold(state: object) -> bool:
    return not isinstance(state, int) or state >= 0


async def _sell_awaited(sim: AsyncSimulation) -> None:
    sim.always(lambda: _is_not_oversold(sim.entity("hall", "jazz").state), name="not oversold")
    await sim.entity("hall", "jazz").signal("open", 4)
    runs = [await sim.start("buy_seats", input=ORDER, instance_id=who) for who in ("ida", "per")]
    for run in runs:
        await run.result()


def _sell(sim: Simulation) -> None:
    sim.always(lambda: _is_not_oversold(sim.entity("hall", "jazz").state), name="not oversold")
    sim.entity("hall", "jazz").signal("open", 4)
    runs = [sim.start("buy_seats", input=ORDER, instance_id=who) for who in ("ida", "per")]
    sim.eventually(lambda: all(run.output for run in runs), within="1h")
    for run in runs:
        run.result()


@pytest.mark.parametrize("sell", [_sell, _sell_awaited])
def test_exploring_finds_the_order_that_breaks_an_invariant(sell: Callable[[Any], object]) -> None:
    """An invariant is an oracle: its problem is one of its own kind, named by the invariant."""
    found = explore(sell, BUGS / "concert_seats", schedules=50)
    (failure,) = found.failures
    assert failure.problem.kind == "invariant"
    assert failure.problem.key == "invariant not oversold"


def test_a_promise_that_is_not_kept_is_a_problem_too() -> None:
    """What has not come to hold by the end of an explored run is found as well."""

    def never(sim: Simulation) -> None:
        sim.eventually(lambda: False, name="a miracle")
        _sell(sim)

    found = explore(never, BUGS / "concert_seats_fixed", schedules=5)
    assert not explore(_sell, BUGS / "concert_seats_fixed", schedules=5).failures
    assert found.failures[0].problem.key == "invariant a miracle"

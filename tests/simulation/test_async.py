"""AsyncSimulation: the same names, awaited, beside a real event loop."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
import pytest_asyncio

from tests.simulation.small_app import app
from wfsim import (
    AsyncOrchestrationRun,
    AsyncSimulation,
    FindingError,
    InstanceError,
    OrchestrationFailed,
    OrchestrationRun,
    Simulation,
    StuckError,
    UsageError,
)
from wfsim.outside import Outside

FOR_SCENARIOS = {
    "call_at",
    "check_activity",
    "check_function",
    "check_orchestrator",
    "has_busy_entities",
    "is_idle",
    "move_until",
    "now_us",
}


@pytest_asyncio.fixture
async def simulation() -> AsyncIterator[AsyncSimulation]:
    """The small app, simulated inside a running loop."""
    async with AsyncSimulation(app, findings="ignore") as opened:
        yield opened


def _public(kind: type) -> set[str]:
    return {name for name in vars(kind) if not name.startswith("_")}


def test_the_names_are_the_same() -> None:
    """Whatever the plain façade offers is there, with the same parameters."""
    with AsyncSimulation(app).sync as plain:
        awaited = AsyncSimulation(app)
        names = _public(Simulation) | _public(Outside)
        missing = {name for name in names if not hasattr(awaited, name)}
        assert missing - FOR_SCENARIOS == set()
        awaited.sync.close()
    internal = {"finished_us", "is_purged"}
    assert _public(OrchestrationRun) - _public(AsyncOrchestrationRun) - internal == set()
    for name in ("raise_event", "terminate", "suspend", "resume", "rewind", "restart", "purge"):
        expected = inspect.signature(getattr(OrchestrationRun, name)).parameters
        assert inspect.signature(getattr(AsyncOrchestrationRun, name)).parameters == expected
    assert plain.timeline() == ""


@pytest.mark.asyncio
async def test_a_run_from_start_to_end(simulation: AsyncSimulation) -> None:
    """start, advance, raise_event and result are awaited; what a run shows is read."""
    run = await simulation.start("wait_and_nap", instance_id="one")
    await simulation.advance("1h")
    assert run.waiting_for["timers"] == [timedelta(hours=2)]
    assert simulation.pending
    await run.raise_event("go")
    assert await run.result() is None
    assert (run.status, run.name, run.instance_id) == ("Completed", "wait_and_nap", "one")
    assert (run.input, run.output, run.failure, run.custom_status) == (None,) * 4
    assert run.finished_at == run.created_at + timedelta(hours=2)  # an activity was still open
    assert simulation.runs == [run] == [simulation.run("one")]
    assert len({run, simulation.run("one")}) == 1
    assert "wait_and_nap" in simulation.timeline()
    assert simulation.findings == []
    assert len(simulation.trace) > 0
    assert repr(run) == "<OrchestrationRun wait_and_nap 'one': Completed>"
    assert repr(simulation) == "<AsyncSimulation of DFApp at T+2h>"
    assert datetime.now().hour == simulation.now.hour == 2


@pytest.mark.asyncio
async def test_every_operation_is_there(simulation: AsyncSimulation) -> None:
    """suspend, resume, terminate, rewind, restart and purge do what their plain twins do."""
    run = await simulation.start("wait")
    await simulation.run_until_idle()
    await run.suspend()
    await simulation.run_until_idle()
    assert run.status == "Suspended"
    await run.resume()
    await run.terminate("done")
    with pytest.raises(OrchestrationFailed, match="done"):
        await run.result()
    copy = await run.restart()
    await copy.raise_event("go", 1)
    assert await copy.result() == 1
    with pytest.raises(InstanceError, match="rewind"):
        await copy.rewind()
    await copy.purge()
    assert simulation.runs == [run]
    parent = await simulation.start("parent", input=[["echo", 5]])
    await simulation.advance_to("1d")
    assert [child.output for child in parent.children] == [5]


@pytest.mark.asyncio
async def test_the_tests_own_tasks_go_on(simulation: AsyncSimulation) -> None:
    """Tasks of the running loop get their turns, and real waiting stays real."""
    turns = 0

    async def spin() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    spinning = asyncio.create_task(spin())
    before = asyncio.get_running_loop().time()
    for _ in range(3):
        await simulation.advance("1d")
    assert turns >= 3
    assert asyncio.get_running_loop().time() - before < 60
    async with asyncio.timeout(60):
        await asyncio.sleep(0.001)
    spinning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await spinning


@pytest.mark.asyncio
async def test_the_plain_simulation_works_in_a_running_loop_too() -> None:
    """A plain Simulation runs async activities although a loop is running already."""
    with Simulation(app, findings="ignore") as plain:
        run = plain.start("wait_and_nap")
        plain.advance("2h")
        assert run.status == "Completed"
        assert asyncio.get_running_loop().is_running()


@pytest.mark.asyncio
async def test_two_tests_tasks_may_take_turns(simulation: AsyncSimulation) -> None:
    """Tasks of one test may use the simulation one after the other."""

    async def one(number: int) -> object:
        run = await simulation.start("call_once", input=number)
        return await run.result()

    assert await asyncio.gather(*(one(number) for number in range(5))) == [0, 10, 20, 30, 40]


@pytest.mark.asyncio
async def test_at_takes_awaited_operations(simulation: AsyncSimulation) -> None:
    """at() runs a coroutine function such as run.raise_event, and its errors reach the test."""
    run = await simulation.start("wait")
    simulation.at("1h", run.raise_event, "go", 3)
    assert await run.result() == 3
    simulation.at("1h", run.raise_event, "again")
    with pytest.raises(InstanceError, match="Cannot raise 'again'"):
        await simulation.advance("2h")


@pytest.mark.asyncio
async def test_stubs_are_the_same(simulation: AsyncSimulation) -> None:
    """stub_activity needs no awaiting; errors are those of the plain façade."""
    simulation.stub_activity("work", returns="mine")
    assert await (await simulation.start("call_once")).result() == "mine"
    with pytest.raises(UsageError, match="has no orchestrator 'ecko'"):
        await simulation.start("ecko")
    with pytest.raises(StuckError):
        await (await simulation.start("wait")).result()


@pytest.mark.asyncio
async def test_leaving_the_block_checks() -> None:
    """The end of the block reports what was left behind, unless an error passes through."""
    for error, expected in ((None, FindingError), (ZeroDivisionError, ZeroDivisionError)):
        simulation = AsyncSimulation(app, findings="error")
        await simulation.start("wait")
        await simulation.run_until_idle()
        with pytest.raises(expected):
            await _leave(simulation, error)
        await simulation.close()


async def _leave(simulation: AsyncSimulation, error: type[Exception] | None) -> None:
    async with simulation:
        if error is not None:
            raise error

"""stub_activity: answers instead of an activity's body, or after it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from wfsim import Answer, OrchestrationFailed, Simulation, UsageError

HOUR = timedelta(hours=1)


def test_returns_is_the_result(simulation: Simulation) -> None:
    """The app's own activity does not run; the stub remembers its inputs."""
    stub = simulation.stub_activity("work", returns={"ok": True})
    assert simulation.start("call_once", input=[1, 2]).result() == {"ok": True}
    assert stub.calls == [[1, 2]]


def test_returning_none_is_an_answer(simulation: Simulation) -> None:
    """None is a result like any other."""
    simulation.stub_activity("work", returns=None)
    assert simulation.start("call_once", input=1).result() is None


def test_results_go_over_the_wire(simulation: Simulation) -> None:
    """A stub's result is encoded as an activity's is: tuples arrive as lists."""
    simulation.stub_activity("work", returns=(1, 2))
    assert simulation.start("call_once", input=1).result() == [1, 2]
    assert [finding.code for finding in simulation.findings] == ["WF111"]


@pytest.mark.parametrize("error", [ConnectionError("down"), ConnectionError])
def test_raises_fails_the_activity(simulation: Simulation, error: type[Exception]) -> None:
    """An instance or a class is raised in the activity's place."""
    simulation.stub_activity("work", raises=error)
    with pytest.raises(OrchestrationFailed, match="ConnectionError") as caught:
        simulation.start("call_once", input=1).result()
    assert isinstance(caught.value.__cause__, ConnectionError)


def test_calls_runs_a_function(simulation: Simulation) -> None:
    """A function of the input stands in, sync or async, in virtual time."""
    simulation.stub_activity("work", calls=lambda number: number + 0.5)
    assert simulation.start("call_once", input=1).result() == 1.5

    async def later(number: int) -> int:
        await asyncio.sleep(3_600)
        return -number

    begin = simulation.now
    simulation.stub_activity("work", calls=later)
    assert simulation.start("call_once", input=1).result() == -1
    assert simulation.now - begin == HOUR


@pytest.mark.parametrize("answer", [{"returns": 1}, {"calls": lambda _: 1}, {"raises": KeyError}])
def test_takes_delays_the_answer(simulation: Simulation, answer: dict[str, object]) -> None:
    """With takes= the outcome, good or bad, arrives that much later."""
    begin = simulation.now
    simulation.stub_activity("work", takes="1h", **answer)  # type: ignore[arg-type]
    run = simulation.start("call_once", input=1)
    simulation.advance("59m")
    assert run.status == "Running"
    simulation.advance("1m")
    assert run.status in {"Completed", "Failed"}
    assert run.finished_at == begin + HOUR


def test_takes_alone_runs_the_activity(simulation: Simulation) -> None:
    """The app's own activity answers, an hour later."""
    begin = simulation.now
    stub = simulation.stub_activity("work", takes=HOUR)
    assert simulation.start("call_once", input=4).result() == 40
    assert simulation.now - begin == HOUR
    assert stub.calls == [4]


def test_answers_come_one_by_one(simulation: Simulation) -> None:
    """Each call gets the next answer; the last one repeats."""
    simulation.stub_activity(
        "work", answers=[Answer(returns="a"), Answer(calls=lambda number: number)]
    )
    assert simulation.start("call_thrice").result() == ["a", 1, 2]


def test_a_later_stub_replaces_an_earlier_one(simulation: Simulation) -> None:
    """The newest stub answers, and names ignore case as the host does."""
    old = simulation.stub_activity("work", returns=1)
    simulation.stub_activity("WORK", returns=2)
    assert simulation.start("call_once", input=0).result() == 2
    assert old.calls == []


def test_an_unknown_activity_names_the_nearest(simulation: Simulation) -> None:
    """A stub of what the app does not have is a wrong call."""
    with pytest.raises(UsageError, match=r"has no activity 'wrok'\. Did you mean 'work'\?"):
        simulation.stub_activity("wrok", returns=1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "^An activity stub needs returns=, raises=, calls= or takes=, and got none"),
        ({"returns": 1, "raises": KeyError}, "takes one of .* but got returns and raises"),
        ({"returns": None, "calls": print}, "takes one of .* but got returns and calls"),
        ({"answers": []}, "^The stub of 'work' has an empty list of answers"),
        ({"answers": [Answer(returns=1)], "returns": 2}, "^The stub of 'work' gets answers= and"),
        ({"returns": 1, "takes": "-3s"}, "but the takes is '-3s'"),
        ({"returns": 1, "takes": "3"}, "needs a unit, but the takes is '3'"),
    ],
)
def test_contradictions_are_refused(
    simulation: Simulation, options: dict[str, object], message: str
) -> None:
    """A stub gives exactly one kind of answer."""
    with pytest.raises(UsageError, match=message):
        simulation.stub_activity("work", **options)  # type: ignore[arg-type]
    assert simulation.start("call_once", input=1).result() == 10


async def _fail_later(_: object) -> None:
    await asyncio.sleep(1)
    pytest.fail("must not be called")


@pytest.mark.parametrize("calls", [lambda _: pytest.fail("must not be called"), _fail_later])
def test_a_failing_test_is_no_failing_activity(simulation: Simulation, calls: object) -> None:
    """pytest.fail() in a stub fails the test; it does not become the activity's outcome."""
    simulation.stub_activity("work", calls=calls)  # type: ignore[arg-type]
    run = simulation.start("call_once", input=1)
    with pytest.raises(pytest.fail.Exception, match="must not be called"):
        run.result()

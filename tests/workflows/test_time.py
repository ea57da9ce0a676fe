"""Virtual time: what is planned, deadlines of requests, clocks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from agent_framework import step, workflow

from tests.workflows import flows
from wfsim.errors import UsageError
from wfsim.workflows import OpenRequest, WorkflowRunFailed, WorkflowSimulation


@step
async def reads(_: str) -> str:
    """Read the clock."""
    return datetime.now().isoformat()


@workflow
async def reading(text: str) -> str:
    """What time it is."""
    return await reads(text)


def test_user_code_sees_virtual_time() -> None:
    """Inside the simulation, and in the test's own code while it is open."""
    with WorkflowSimulation(reading, start=datetime(2030, 5, 1)) as sim:
        assert datetime.now().year == 2030
        assert sim.run("x").result() == "2030-05-01T00:00:00"
    assert datetime.now().year != 2030


def test_an_answer_that_is_planned() -> None:
    """`result` jumps to it."""
    with WorkflowSimulation(flows.review) as sim:
        run = sim.run("x")
        sim.at("2h", sim.respond, "review", True)
        assert run.result() == "X!"
        assert run.elapsed == timedelta(hours=2, seconds=2)


def test_advance_lets_it_happen() -> None:
    """Time stops where it was told to, or goes on to there."""
    with WorkflowSimulation(flows.review) as sim:
        run, start = sim.run("x"), sim.now
        sim.at("2h", sim.respond, "review", True)
        sim.advance(hours=1)
        assert run.pending
        sim.advance("2h")
        assert run.outputs == ["X!"]
        assert sim.now - start == timedelta(hours=3)


def test_coroutine_functions_may_be_planned() -> None:
    """They run on the simulation's loop; what they raise ends the operation."""
    with WorkflowSimulation(flows.review) as sim:
        run = sim.run("x")

        async def act(good: bool) -> None:
            sim.respond("review", good)

        async def fail() -> None:
            raise LookupError("no")

        sim.at("1h", act, True)
        sim.at("2h", fail)
        sim.advance("1h")
        assert run.outputs == ["X!"]
        with pytest.raises(LookupError, match=r"^no$"):
            sim.advance("1h")


def test_only_the_test_moves_time() -> None:
    """Not what is planned; and the past is refused."""
    with WorkflowSimulation(flows.review) as sim:
        sim.run("x")
        sim.at("1h", sim.advance, "1h")
        with pytest.raises(UsageError, match=r"^Time is moving already"):
            sim.advance("1h")
        with pytest.raises(UsageError, match=r"that instant is past\.$"):
            sim.at(datetime(1999, 1, 1), sim.respond, "review", True)
        with pytest.raises(UsageError, match=r"^Advance by '1h' or by days=, hours=, …, not by"):
            sim.advance("1h", hours=1)


ON_TIME = "X!"
TOO_LATE = "dropped"


@pytest.mark.parametrize(
    ("after", "outcome"),
    [("23:59:59.999999", ON_TIME), ("24h", TOO_LATE), ("24h 1us", TOO_LATE)],
)
def test_just_before_at_and_after_the_deadline(after: str, outcome: str) -> None:
    """Of two things at one instant, what was planned first happens first."""
    with WorkflowSimulation(flows.review) as sim:
        run = sim.run("x")
        sim.on_timeout("review", after="24h", answer=False)
        when = timedelta(hours=24, microseconds=-1) if ":" in after else after

        def answer() -> None:
            if run.pending:
                sim.respond("review", True)

        sim.at(when, answer)
        assert run.result() == outcome


def test_an_answer_at_the_exact_tick_that_was_planned_first() -> None:
    """It is in time."""
    with WorkflowSimulation(flows.review) as sim:
        run = sim.run("x")
        sim.at("24h", sim.respond, "review", True)
        sim.on_timeout("review", after="24h", answer=False)
        assert run.result() == ON_TIME


def test_a_late_answer_by_hand() -> None:
    """The request is closed by then."""
    with WorkflowSimulation(flows.review) as sim:
        run = sim.run("x")
        sim.on_timeout("review", after="24h", answer=False)
        sim.advance("24h")
        assert run.outputs == [TOO_LATE]
        with pytest.raises(UsageError, match=r"^review waits for no answer"):
            sim.respond("review", True)


def test_a_deadline_may_be_set_before_the_run() -> None:
    """It holds for every request of that name, counted from when each was made."""
    with WorkflowSimulation(flows.panel) as sim:
        answers = iter([False, True])
        sim.on_timeout("Draft", after="1h", answer=lambda _: next(answers))
        run = sim.run("x")
        assert run.result() == "x a, x b (2)"
        assert run.elapsed == timedelta(hours=2)


def test_a_deadline_counts_from_when_the_request_was_made() -> None:
    """Not from when the test thought of it."""
    with WorkflowSimulation(flows.review) as sim:
        run = sim.run("x")
        sim.advance("23h")
        sim.on_timeout("review", after="24h", answer=False)
        sim.advance("1h")
        assert run.outputs == [TOO_LATE]


def test_a_deadline_with_an_exception() -> None:
    """The run ends with it."""
    with WorkflowSimulation(flows.review) as sim:
        run = sim.run("x")
        sim.on_timeout("review", after="1h", answer=TimeoutError("nobody"))
        with pytest.raises(WorkflowRunFailed, match=r"TimeoutError: nobody$"):
            run.result()
        assert isinstance(run.failure, TimeoutError)


def test_a_deadline_with_a_function() -> None:
    """It gets the request; it may be a coroutine function, and it may raise."""
    seen: list[OpenRequest] = []

    async def decide(request: OpenRequest) -> bool:
        seen.append(request)
        return True

    def refuse(_: OpenRequest) -> bool:
        raise PermissionError("no")

    with WorkflowSimulation(flows.review) as sim:
        run = sim.run("x")
        sim.on_timeout("review", after="1h", answer=decide)
        assert run.result() == ON_TIME
        assert [request.id for request in seen] == ["review"]
    with WorkflowSimulation(flows.review) as sim:
        run = sim.run("x")
        sim.on_timeout("review", after="1h", answer=refuse)
        with pytest.raises(WorkflowRunFailed, match=r"PermissionError: no$"):
            run.result()


def test_a_deadline_of_the_wrong_type() -> None:
    """It is the test's mistake, and comes out where time is moved."""
    with WorkflowSimulation(flows.review) as sim:
        run = sim.run("x")
        sim.on_timeout("review", after="1h", answer="maybe")
        with pytest.raises(UsageError, match=r"^The request 'review' by review wants bool"):
            run.result()


def test_a_deadline_for_what_was_never_asked() -> None:
    """A name that never fitted is found when the simulation is closed."""
    sim = WorkflowSimulation(flows.review)
    sim.on_timeout("reviw", after="1h", answer=True)
    sim.run("x")
    text = r"^on_timeout\('reviw', …\) was for a request that was never made\. Did you mean 'rev"
    with pytest.raises(UsageError, match=text):
        sim.close()


def test_a_request_that_is_answered_while_the_graph_is_at_work() -> None:
    """The answer waits until the framework can take it."""

    def build() -> Any:
        return flows._fan(
            "mixed", flows.Reviewer(id="r"), flows.Worker(id="a"), flows.Worker(id="b", seconds=9)
        )

    with WorkflowSimulation(build) as sim:
        run = sim.run("x")
        assert run.elapsed == timedelta(seconds=9)
        sim.respond("r", True)
        assert run.result() == "x a, x b (1)"


def test_clocks_may_stay_real() -> None:
    """With freeze=False only the loop is virtual."""
    with WorkflowSimulation(reading, freeze=False) as sim:
        assert not str(sim.run("x").result()).startswith("2000-")

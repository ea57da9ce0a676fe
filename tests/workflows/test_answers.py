"""Answering what a workflow asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.workflows import flows
from tests.workflows.flows import Draft
from wfsim.errors import StuckError, UsageError
from wfsim.workflows import WorkflowSimulation


def test_what_is_pending() -> None:
    """A request has its id, its data, its type, who asked, and since when."""
    with WorkflowSimulation(flows.review) as sim:
        run = sim.run("x")
        (request,) = run.pending
        assert sim.pending == run.pending
        assert (request.id, request.data, request.executor) == ("review", Draft("X"), "review")
        assert request.response_type is bool
        assert request.since - sim.now == timedelta()
        assert str(request) == "'review' by review: Draft(text='X', round=1) -> bool"


@pytest.mark.parametrize("name", ["review", "Draft", "*"])
def test_names_of_a_request(name: str) -> None:
    """Its id, the class of its data, or the only one that is open."""
    with WorkflowSimulation(flows.review) as sim:
        run = sim.run("x")
        assert sim.respond(name, True) is run
        assert run.result() == "X!"
        assert (run.pending, run.answers) == ([], {"review": True})


def test_the_only_one_needs_no_name() -> None:
    """`respond(value=…)` answers it; so does the request itself as a name."""
    with WorkflowSimulation(flows.panel) as sim:
        run = sim.run("x")
        sim.respond(value=False)
        run.respond(run.pending[0], True)
        assert run.result() == "x a, x b (2)"


def test_earlier_answers_are_given_again() -> None:
    """A functional workflow wants them all each time; the test gives each once."""
    with WorkflowSimulation(flows.stages) as sim:
        run = sim.run("x")
        sim.respond("auto::0", "Title")
        sim.respond("auto::1", True)
        assert run.result() == "Title: X!"


def test_several_at_once() -> None:
    """With two open, each has to be named; or both are answered together."""
    with WorkflowSimulation(flows.people) as sim:
        run = sim.run("ab")
        while len(run.pending) < 2:  # core 1.20 pauses with the first request that is made
            sim.respond(run.pending[0], True)
            if run.has_ended:
                return
        with pytest.raises(UsageError, match=r"^'\*' names 2 open requests of people\. Say which"):
            sim.respond(value=True)
        sim.respond_all({"a": True, "b": False})
        assert run.result() == "A True, B False"


def test_two_people_one_after_the_other() -> None:
    """Answers given separately come to the same."""
    with WorkflowSimulation(flows.people) as sim:
        run = sim.run("ab")
        while run.pending:
            sim.respond(run.pending[0], run.pending[0].id == "a")
        assert run.result() == "A True, B False"


def test_a_wrong_name_lists_what_is_open() -> None:
    """With the nearest name."""
    with WorkflowSimulation(flows.review) as sim:
        sim.run("x")
        text = (
            r"^review has no open request 'reviw'\. Did you mean 'review'\?\n"
            r"Open are:\n  'review' by review: Draft"
        )
        with pytest.raises(UsageError, match=text):
            sim.respond("reviw", True)
        with pytest.raises(UsageError, match=r"^A request is named by its id, by who asked or"):
            sim.respond(7, True)


def test_a_wrong_type_is_refused() -> None:
    """Nothing has happened then: the request is still open."""
    with WorkflowSimulation(flows.review) as sim:
        run = sim.run("x")
        text = r"^The request 'review' by review wants bool, but the answer is 'yes', str\. "
        with pytest.raises(UsageError, match=text):
            sim.respond("review", "yes")
        assert [request.id for request in run.pending] == ["review"]


def test_answers_that_nobody_waits_for() -> None:
    """Before a run, after its end, and without a value."""
    with WorkflowSimulation(flows.chain) as sim:
        with pytest.raises(UsageError, match=r"^Nothing has run yet\. Call sim\.run"):
            sim.respond("review", True)
        sim.run("x")
        text = r"^chain waits for no answer, so 'review' cannot be answered\.$"
        with pytest.raises(UsageError, match=text):
            sim.respond("review", True)
        with pytest.raises(UsageError, match=r"^respond needs an answer: sim\.respond\(request, "):
            sim.runs[0].respond("review")


@pytest.mark.parametrize("workflow", [flows.review, flows.panel])
def test_raw_answers_show_what_the_framework_does(workflow: Any) -> None:
    """It refuses an unknown request, and the run goes on waiting."""
    with WorkflowSimulation(workflow) as sim:
        run = sim.run("x")
        if flows.CORE <= (1, 14) and workflow is flows.panel:
            return  # there the run fails instead
        with pytest.raises(ValueError, match="nobody"):
            sim.respond("nobody", True, raw=True)
        assert (run.status, run.failure) == ("IDLE_WITH_PENDING_REQUESTS", None)
        sim.respond("*", True)
        assert run.result() in {"X!", "x a, x b (1)"}


def test_raw_answers_of_another_type() -> None:
    """A functional workflow gets what it is given; later releases look at it themselves."""
    with WorkflowSimulation(flows.review) as sim:
        run = sim.run("x")
        if flows.CORE > (1, 14):
            with pytest.raises(ValueError, match="mismatch"):
                sim.respond("review", "yes", raw=True)
        else:
            sim.respond("review", "yes", raw=True)
            assert run.result() == "X!"


def test_a_result_that_nobody_answers() -> None:
    """It says what it waits for."""
    with WorkflowSimulation(flows.review) as sim:
        run = sim.run("x")
        with pytest.raises(StuckError, match=r"^review waits for an answer that nobody will give:"):
            run.result()


def test_nested_requests_surface() -> None:
    """The answer finds the inner workflow."""
    with WorkflowSimulation(flows.nested) as sim:
        run = sim.run("x")
        sim.respond("Draft", True)
        assert run.result() == "x a, x b (1)"

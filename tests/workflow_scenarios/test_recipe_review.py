"""A functional workflow that waits for one person."""

from __future__ import annotations

import pytest

from fixtures.workflows.recipe_review import recipe_review
from tests.workflow_scenarios.conftest import OpenWorkflow
from wfsim import UsageError

PAGE = "[Soup: chop, stir, simmer for 40 minutes.]"


@pytest.mark.parametrize(
    ("tasty", "result"),
    [
        (True, {"status": "printed", "page": PAGE}),
        (False, {"status": "dropped", "dish": "Soup"}),
    ],
)
def test_somebody_answers(opened: OpenWorkflow, tasty: bool, result: dict[str, str]) -> None:
    """The run pauses with one open request, and goes on with the answer."""
    sim = opened(recipe_review)
    run = sim.run("Soup")
    (request,) = run.pending
    assert request.data == {"recipe": "Soup: chop, stir, simmer for 40 minutes."}
    assert request.response_type is bool
    sim.respond("tasting", tasty)
    assert run.result() == result


def test_steps_before_the_pause_are_done_once(opened: OpenWorkflow) -> None:
    """After the answer the recipe is not written again."""
    sim = opened(recipe_review)
    run = sim.run("Soup")
    sim.respond("tasting", True)
    invoked = [event.executor_id for event in run.events if event.type == "executor_invoked"]
    assert invoked == ["write_recipe", "typeset"]


def test_nobody_answers_in_time(opened: OpenWorkflow) -> None:
    """After a day without an answer a default is given, to the second."""
    sim = opened(recipe_review)
    run = sim.run("Soup")
    sim.on_timeout("tasting", after="24h", answer=False)
    sim.advance("23h 59m 59s")
    assert len(run.pending) == 1
    sim.advance("1s")
    assert run.result() == {"status": "dropped", "dish": "Soup"}


def test_an_answer_at_a_time(opened: OpenWorkflow) -> None:
    """A planned answer comes before the time is up, and the default is not needed."""
    sim = opened(recipe_review)
    run = sim.run("Soup")
    sim.on_timeout("tasting", after="24h", answer=False)
    sim.at("2h", sim.respond, "tasting", True)
    sim.advance("3d")
    assert run.result() == {"status": "printed", "page": PAGE}


def test_the_wrong_name_and_the_wrong_type(opened: OpenWorkflow) -> None:
    """Both are the test's mistakes, and are told as such; the request stays open."""
    sim = opened(recipe_review)
    run = sim.run("Soup")
    with pytest.raises(UsageError, match="tasting"):
        sim.respond("testing", True)
    with pytest.raises(UsageError, match="bool"):
        sim.respond("tasting", "yes")
    assert len(run.pending) == 1
    sim.respond("tasting", True)

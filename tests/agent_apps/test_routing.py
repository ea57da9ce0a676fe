"""Routing on structured output, with the types that the app gave as `response_format`."""

from __future__ import annotations

import pytest

from tests.agent_apps.conftest import OpenApp
from wfsim import ScriptError, Simulation
from wfsim.chat import Reply

LETTER = {"from": "mia@school.example", "text": "What does the tapir eat?"}


@pytest.fixture
def sim(opened: OpenApp) -> Simulation:
    """The zoo's app."""
    return opened("agents_routing")


def test_advertising_is_thrown_away(sim: Simulation) -> None:
    """The second agent is never asked: it needs no script."""
    sim.script("SpamScreener", [Reply(value={"is_spam": True, "reason": "sells a zebra"})])
    run = sim.start("answer_letter", input=LETTER)
    assert run.result() == "thrown away: sells a zebra"
    assert not sim.agent("ZooKeeper").sessions


def test_a_question_is_answered(sim: Simulation) -> None:
    """The value of an answer is an instance of the app's own class."""
    screener = sim.script("SpamScreener", [Reply(value={"is_spam": False, "reason": "-"})])
    sim.script("ZooKeeper", [Reply(value={"subject": "The tapir", "body": "Leaves."})])
    run = sim.start("answer_letter", input=LETTER)
    assert run.result() == "answered mia@school.example: The tapir"
    assert screener.requests[0].options["response_format"].__name__ == "Verdict"


def test_a_value_that_does_not_fit_is_the_scripts_mistake(sim: Simulation) -> None:
    """A reply without a required field is refused before the app sees it."""
    sim.script("SpamScreener", [Reply(value={"is_spam": True})])
    sim.start("answer_letter", input=LETTER)
    with pytest.raises(ScriptError, match="reason"):
        sim.run_until_idle()


def test_text_that_is_no_json_fails_the_orchestration(sim: Simulation) -> None:
    """A model that ignores the format, on purpose: the app has no value to read."""
    sim.script("SpamScreener", [Reply("I think it is fine", check=False)])
    run = sim.start("answer_letter", input=LETTER)
    sim.run_until_idle()
    assert run.status == "Failed"
    assert "Verdict" in str(run.failure)

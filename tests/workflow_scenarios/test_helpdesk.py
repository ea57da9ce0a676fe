"""A workflow in the shape of an agent, and another workflow that asks it."""

from __future__ import annotations

import asyncio

from fixtures.workflows.helpdesk import helpdesk, helpdesk_agent, reception
from tests.workflow_scenarios.conftest import OpenWorkflow


def test_the_workflow_by_itself(opened: OpenWorkflow) -> None:
    """It answers from its list."""
    run = opened(helpdesk).run("The printer is on fire")
    assert run.result() == "Turn it off, wait, turn it on."


def test_as_an_agent() -> None:
    """Asked like any agent, it answers with a message."""
    answer = asyncio.run(helpdesk_agent().run("I forgot my password"))
    assert answer.text == "Use the link on the sign-in page."


def test_a_workflow_that_asks_the_agent(opened: OpenWorkflow) -> None:
    """One workflow runs inside the other."""
    run = opened(reception).run("My printer!")
    assert run.result()["answer"] == "Hello! Turn it off, wait, turn it on. Goodbye!"


def test_a_question_of_the_inner_workflow_is_passed_on(opened: OpenWorkflow) -> None:
    """The inner request surfaces as an approval, which the outer workflow turns into its own."""
    sim = opened(reception)
    run = sim.run("My car does not start")
    assert [request.id for request in run.pending] == ["colleague"]
    sim.respond("colleague", "ask Bob")
    assert run.result()["answer"] == "Hello! Our expert says: ask Bob Goodbye!"

"""A graph in a graph, whose inner one asks a person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fixtures.workflows.loan import Risk, build
from tests.workflow_scenarios.conftest import OpenWorkflow


def test_a_safe_loan_needs_nobody(opened: OpenWorkflow) -> None:
    """A good score is approved by itself after 30 s."""
    run = opened(build).run("Ada 5000")
    assert run.result() == "Dear Ada, your loan is approved."
    assert run.elapsed == timedelta(seconds=30)


@pytest.mark.parametrize(
    ("safe", "letter"),
    [(True, "Dear Ada, your loan is approved."), (False, "Dear Ada, we are sorry.")],
)
def test_the_inner_request_surfaces(opened: OpenWorkflow, safe: bool, letter: str) -> None:
    """The person answers the outer workflow, and the answer finds the inner one."""
    sim = opened(build)
    run = sim.run("Ada 50000")
    (request,) = run.pending
    assert request.data == Risk(name="Ada", amount=50_000, score=50)
    sim.respond("Risk", safe)
    assert run.result() == letter


def test_a_restart_while_the_officer_thinks(opened: OpenWorkflow) -> None:
    """The inner workflow's state is part of the outer one's checkpoint."""
    sim = opened(build)
    run = sim.run("Ada 50000")
    again = sim.resume_from(run.checkpoints[-1])
    again.respond("*", True)
    assert again.result() == "Dear Ada, your loan is approved."


def test_the_officer_is_on_holiday(opened: OpenWorkflow) -> None:
    """After three days the answer is no."""
    sim = opened(build)
    run = sim.run("Ada 50000")
    sim.on_timeout("Risk", after="3d", answer=False)
    sim.advance("3d")
    assert run.result() == "Dear Ada, we are sorry."

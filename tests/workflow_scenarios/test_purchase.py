"""A functional workflow that waits for several people, one after the other."""

from __future__ import annotations

import pytest

from fixtures.workflows.purchase import Approval, purchase
from tests.workflow_scenarios.conftest import OpenWorkflow


@pytest.mark.parametrize(
    ("amount", "stages"),
    [(500, ["lead"]), (5_000, ["lead", "finance"]), (60_000, ["lead", "finance", "board"])],
)
def test_the_larger_the_more(opened: OpenWorkflow, amount: int, stages: list[str]) -> None:
    """Each stage is asked once, and earlier answers are handed over again for the test."""
    sim = opened(purchase)
    run = sim.run({"item": "van", "amount": amount})
    asked = []
    while run.pending:
        (request,) = run.pending
        asked.append(request.id)
        sim.respond(request.id, Approval(by=f"head of {request.id}", agrees=True))
    assert asked == stages
    signed = [f"head of {stage}" for stage in stages]
    assert run.result() == {"status": "ordered", "order": "VAN-003", "signed": signed}


def test_a_refusal_ends_it(opened: OpenWorkflow) -> None:
    """Nobody after the one who refuses is asked, and nothing is ordered."""
    sim = opened(purchase)
    run = sim.run({"item": "van", "amount": 60_000})
    sim.respond("lead", Approval(by="Li", agrees=True))
    sim.respond("finance", Approval(by="Fi", agrees=False, note="too dear"))
    assert run.result() == {"status": "refused", "by": "Fi", "note": "too dear"}
    invoked = [event.executor_id for event in run.events if event.type == "executor_invoked"]
    assert invoked == ["find_supplier"]


def test_what_the_second_stage_is_shown(opened: OpenWorkflow) -> None:
    """The question names who has signed already."""
    sim = opened(purchase)
    run = sim.run({"item": "van", "amount": 5_000})
    sim.respond("lead", Approval(by="Li", agrees=True))
    (request,) = run.pending
    assert request.data["signed"] == ["Li"]
    sim.respond("finance", Approval(by="Fi", agrees=True))


def test_after_a_restart_between_two_stages(opened: OpenWorkflow) -> None:
    """A new process has the checkpoint, and no answers: it is given both."""
    sim = opened(purchase)
    run = sim.run({"item": "van", "amount": 5_000})
    sim.respond("lead", Approval(by="Li", agrees=True))
    answers = {"lead": Approval(by="Li", agrees=True), "finance": Approval(by="Fi", agrees=True)}
    again = sim.resume_from(run.checkpoints[-1], responses=answers)
    assert again.result() == {"status": "ordered", "order": "VAN-003", "signed": ["Li", "Fi"]}

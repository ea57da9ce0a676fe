"""A functional workflow of steps, each with a checkpoint."""

from __future__ import annotations

from datetime import timedelta

from fixtures.workflows.payslip import payslip
from tests.workflow_scenarios.conftest import OpenWorkflow

PAID = {"name": "ada", "net": 884, "reference": "TR-ADA-884"}


def test_every_step_leaves_a_checkpoint(opened: OpenWorkflow) -> None:
    """Four steps and the end: five checkpoints, whose state grows with what the workflow sets."""
    run = opened(payslip).run("cook:ada")
    assert run.result() == PAID
    assert run.elapsed == timedelta(seconds=8)
    assert len(run.checkpoints) == 5
    assert [item.state.get("net") for item in run.checkpoints] == [None, None, None, 884, 884]


def test_restored_from_any_checkpoint(opened: OpenWorkflow) -> None:
    """Steps that are done are not done again, and the result is the same."""
    sim = opened(payslip)
    first = sim.run("cook:ada")
    for number, checkpoint in enumerate(first.checkpoints, 1):
        again = sim.resume_from(checkpoint)
        assert again.result() == PAID
        done = [event.executor_id for event in again.events if event.type == "executor_bypassed"]
        assert len(done) == min(number, 4)


def test_a_step_that_fails(opened: OpenWorkflow) -> None:
    """What was done before stays in the checkpoints; the failing step is named."""
    run = opened(payslip).run("pilot:ada")
    assert "No rate for the role 'pilot'" in str(run.failure)
    assert [event.executor_id for event in run.events if event.type == "executor_failed"] == [
        "gross_pay"
    ]
    assert len(run.checkpoints) == 1

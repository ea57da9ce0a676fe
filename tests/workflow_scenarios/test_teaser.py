"""A functional workflow of plain functions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fixtures.workflows.teaser import teaser
from tests.workflow_scenarios.conftest import OpenWorkflow
from wfsim.workflows import WorkflowRunFailed


def test_a_teaser(opened: OpenWorkflow) -> None:
    """Plain calls leave no events of their own, and their sleeping is virtual."""
    sim = opened(teaser)
    run = sim.run("The  quick brown fox\njumps over the lazy dog, again, and never, ever, tires.")
    assert run.result() == {
        "teaser": "The quick brown fox jumps over the lazy dog, again, and …",
        "minutes": 1,
    }
    assert run.elapsed == timedelta(seconds=0.2)
    assert [event.type for event in run.events] == ["started", "status", "output", "status"]


def test_an_error_is_the_runs_failure(opened: OpenWorkflow) -> None:
    """The exception is kept as it is; asking for the result raises."""
    run = opened(teaser).run("  ")
    assert isinstance(run.failure, ValueError)
    with pytest.raises(WorkflowRunFailed, match="An empty article has no teaser"):
        run.result()

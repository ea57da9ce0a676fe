"""A functional workflow that reports its progress."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fixtures.workflows.photo_import import photo_import
from tests.workflow_scenarios.conftest import OpenWorkflow
from wfsim.workflows import WorkflowRun


def progress(run: WorkflowRun) -> list[Any]:
    """How many photos were done, each time that the run told of it."""
    events: list[Any] = list(run.events)
    return [event.data["done"] for event in events if event.type == "progress"]


def test_progress_between_the_steps(opened: OpenWorkflow) -> None:
    """Events of the workflow's own keep their place among the framework's."""
    run = opened(photo_import).run(["a.raw", "b.txt"])
    assert run.result() == {"developed": 1, "failed": ["b.txt"]}
    kinds = [event.type for event in run.events]
    assert kinds == [
        "started",
        "status",
        "progress",
        "executor_invoked",
        "executor_completed",
        "progress",
        "executor_invoked",
        "executor_completed",
        "progress",
        "output",
        "status",
    ]
    assert progress(run) == [0, 1, 2]


def test_the_timeline_shows_when(opened: OpenWorkflow) -> None:
    """Each photo takes four seconds of virtual time."""
    run = opened(photo_import).run(["a.raw", "b.raw"])
    assert run.elapsed == timedelta(seconds=8)
    assert "progress" in run.timeline()


def test_progress_is_told_again_after_a_restart(opened: OpenWorkflow) -> None:
    """The function starts from its top, so listeners hear of photos that were done before."""
    sim = opened(photo_import)
    first = sim.run(["a.raw", "b.raw"])
    again = sim.resume_from(first.checkpoints[0])
    assert progress(again) == [0, 1, 2]

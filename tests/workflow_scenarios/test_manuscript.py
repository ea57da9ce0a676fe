"""A graph whose executors share state."""

from __future__ import annotations

from fixtures.workflows.manuscript import build
from tests.workflow_scenarios.conftest import OpenWorkflow

TEXT = "One. Two. Three!"


def test_only_the_key_travels(opened: OpenWorkflow) -> None:
    """Both readers find the text under its key, and the editor finds what was noted."""
    run = opened(build).run(TEXT)
    assert run.result() == {
        "accepted": True,
        "shouting": 1,
        "pace": 2,
        "log": ["filed", "decided"],
    }


def test_the_state_is_in_the_checkpoints(opened: OpenWorkflow) -> None:
    """What the first executor filed is there at once, the notes of both readers later."""
    run = opened(build).run(TEXT)
    notes = [sorted(key for key in item.state if key[0] != "_") for item in run.checkpoints]
    assert notes[-1] == ["log", "manuscript", "read_by_pace", "read_by_shouting"]
    assert ["log", "manuscript"] in notes


def test_dull_manuscripts_are_refused(opened: OpenWorkflow) -> None:
    """One sentence has no pace."""
    assert opened(build).run("No").result()["accepted"] is False

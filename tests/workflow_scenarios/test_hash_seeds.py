"""Events and checkpoints of all scenarios, in two processes with different hash seeds."""

from __future__ import annotations

import pytest

from tests.workflow_scenarios.processes import in_two_processes
from tests.workflow_scenarios.scenes import SCENES


@pytest.mark.slow
def test_events_and_checkpoints_are_the_same_in_two_processes() -> None:
    """As they are: nothing is sorted, and ids and times are not left out."""
    one, other = in_two_processes("tests.workflow_scenarios.save_runs")
    assert sum(line.startswith("==") for line in one) == len(SCENES)
    assert sum(line.startswith("checkpoint") for line in one) > 50
    assert [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]] == []

"""The traces of all scenarios of apps with agents, in two processes with different hash seeds."""

from __future__ import annotations

import pytest

from tests.workflow_scenarios.processes import in_two_processes


@pytest.mark.slow
def test_traces_are_the_same_in_two_processes() -> None:
    """Histories, agents' states, custom statuses and pickles in them are the same bytes."""
    one, other = in_two_processes("tests.agent_apps.save_traces")
    assert len(one) > 500
    assert [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]] == []

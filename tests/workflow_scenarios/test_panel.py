"""A group chat as a loop of steps that ask agents."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.workflows.panel import panel
from tests.workflow_scenarios.conftest import OpenWorkflow
from wfsim import ScriptError
from wfsim.chat import Reply, Script
from wfsim.workflows import WorkflowSimulation


def verdict(settled: bool, summary: str) -> Reply:
    """What the host makes of a round."""
    return Reply(value={"settled": settled, "summary": summary})


def debate(sim: WorkflowSimulation, *verdicts: Reply) -> Script:
    """Give everybody something to say in each round; return the sceptic's script."""
    rounds = range(1, len(verdicts) + 1)
    sim.script("Optimist", [f"yes {number}" for number in rounds])
    sim.script("Host", list(verdicts))
    return sim.script("Sceptic", [f"no {number}" for number in rounds])


def test_the_debate_ends_when_the_host_says_so(opened: OpenWorkflow) -> None:
    """Two rounds of two guests; the host answers with the app's own type."""
    sim = opened(panel)
    debate(sim, verdict(False, "open"), verdict(True, "tea it is"))
    run = sim.run("Tea?")
    assert run.result() == {"summary": "tea it is", "rounds": 2, "said": 4}


def test_three_rounds_at_most(opened: OpenWorkflow) -> None:
    """A host who never comes to an end is not asked a fourth time."""
    sim = opened(panel)
    debate(sim, *[verdict(False, f"open {number}") for number in range(3)])
    assert sim.run("Tea?").result() == {"summary": "open 2", "rounds": 3, "said": 6}


def test_guests_hear_each_other(opened: OpenWorkflow) -> None:
    """A guest gets all that was said before, and nothing of his own sessions."""
    sim = opened(panel)
    sceptic = debate(sim, verdict(False, "open"), verdict(True, "tea"))
    sim.run("Tea?")
    assert sceptic.requests[1].text.splitlines() == [
        "Host: Tea?",
        "Optimist: yes 1",
        "Sceptic: no 1",
        "Optimist: yes 2",
    ]


def test_a_guest_without_a_script_reaches_no_network(opened: OpenWorkflow) -> None:
    """The error names the agent; its client was made long before the simulation."""
    sim = opened(panel)
    with pytest.raises(ScriptError, match="'Optimist' asked its model"):
        sim.run("Tea?")


def test_a_restart_in_the_middle_of_the_debate(opened: OpenWorkflow) -> None:
    """What was said before the checkpoint is not asked for again."""
    sim = opened(panel)
    debate(sim, verdict(True, "tea it is"))
    first = sim.run("Tea?")
    sim.script("Host", [verdict(True, "coffee after all")])
    again: Any = sim.resume_from(first.checkpoints[1])
    assert again.result() == {"summary": "coffee after all", "rounds": 1, "said": 2}

"""A graph with switch/case."""

from __future__ import annotations

import pytest

from fixtures.workflows.tickets import build
from tests.workflow_scenarios.conftest import OpenWorkflow


@pytest.mark.parametrize(
    ("text", "who", "output"),
    [
        ("My invoice!", "billing", "billing: we will check 'My invoice!'"),
        ("There is an OUTAGE", "field_team", "field team: somebody is on the way"),
        ("Hello", "front_desk", "front desk: thank you for writing"),
        ("An outage on my invoice", "billing", "billing: we will check 'An outage on my invoice'"),
    ],
)
def test_one_case_answers(opened: OpenWorkflow, text: str, who: str, output: str) -> None:
    """The first case that holds, and no other; the default where none does."""
    run = opened(build).run(text)
    assert run.result() == output
    invoked = [event.executor_id for event in run.events if event.type == "executor_invoked"]
    assert invoked == ["sorter", who]


def test_a_graph_that_was_built_already(opened: OpenWorkflow) -> None:
    """A workflow object does as well as a function that builds one, for run after run."""
    sim = opened(build())
    assert sim.run("Hello").result() == "front desk: thank you for writing"
    assert sim.run("outage").result() == "field team: somebody is on the way"

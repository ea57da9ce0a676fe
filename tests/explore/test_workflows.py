"""Workflows of Agent Framework are explored like apps: what runs at once ends in other orders."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workflows import flows, planted
from wfsim import UsageError
from wfsim.explore import explore
from wfsim.workflows import WorkflowSimulation


def _as_written(sim: WorkflowSimulation) -> None:
    assert sim.run("ab").result() == "A B"


def test_an_outcome_that_depends_on_the_order_is_found() -> None:
    """A workflow that goes by the order in which its steps end fails under another one."""
    found = explore(_as_written, workflow=planted.swapped, schedules=50)
    (failure,) = found.failures
    assert len(failure.observed.deviations) == 1
    again = explore(_as_written, workflow=planted.swapped, schedules=2, first=[failure.words])
    assert again.failures[0].problem.key == failure.problem.key


def test_all_orders_of_a_correct_workflow_are_proven() -> None:
    """One that does not is proven to come to the same in every order."""
    found = explore(_as_written, workflow=flows.race, strategy="exhaustive")
    assert found.proven
    assert not found.failures
    assert [item.outcome.partition(" ")[0] for item in found.outcomes] == ["race"]


def test_graphs_are_explored() -> None:
    """Executors of one superstep end in other orders, too."""

    def runs(sim: WorkflowSimulation) -> None:
        assert sim.run("x").outputs

    found = explore(runs, workflow=flows.fan, schedules=20)
    assert found.reach.points > 0
    assert not found.failures


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, r"^explore\(function\) needs app= or workflow="),
        ({"app": "x.py", "workflow": flows.race}, r"needs app= or workflow="),
    ],
)
def test_wrong_calls_are_refused(options: dict[str, Any], says: str) -> None:
    """It takes an app or a workflow, and not both."""
    with pytest.raises(UsageError, match=says):
        explore(_as_written, **options)

"""A hosted workflow whose branches run at the same time."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.agent_apps.conftest import OpenApp
from tests.apps import list_of
from wfsim import Simulation
from wfsim.chat import Reply

SCRIPT = "A dog. A boat. The end."


def scripted(sim: Simulation, *, critic: str, producer: str) -> None:
    """Say how long the two agents think."""
    sim.script("Critic", [Reply("Thin.", takes=critic)])
    sim.script("Producer", [Reply("Cheap.", takes=producer)])


@pytest.fixture
def sim(opened: OpenApp) -> Simulation:
    """The theatre's app."""
    return opened("agents_workflow_parallel")


@pytest.mark.parametrize(("critic", "producer"), [("40s", "10s"), ("10s", "40s")])
def test_branches_at_once_in_one_order(sim: Simulation, critic: str, producer: str) -> None:
    """Whoever is faster, the jury lists opinions in the order of the edges, after 40 s."""
    scripted(sim, critic=critic, producer=producer)
    start = sim.now
    (output,) = list_of(sim.start("dafx-scripts", input=SCRIPT).result())
    assert [opinion["by"] for opinion in json.loads(output)] == ["Critic", "Producer", "counter"]
    assert sim.now - start == timedelta(seconds=40)


def test_an_activity_that_raises_fails_the_run(sim: Simulation) -> None:
    """An executor's exception is the run's failure, and no agent is asked."""
    run = sim.start("dafx-scripts", input=" ")
    sim.run_until_idle()
    assert run.status == "Failed"
    assert "The script is empty" in str(run.failure)


def test_the_failure_over_http(sim: Simulation) -> None:
    """The start route that waits answers 200 with status Failed; the error is text."""
    answer = sim.http.post(
        "/api/workflow/scripts/run", json=" ", params={"waitForResponse": "true"}
    )
    assert answer.status_code == 200
    assert answer.json()["runtimeStatus"] == "Failed"
    assert "The script is empty" in answer.json()["error"]

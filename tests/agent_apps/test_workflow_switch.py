"""A hosted workflow with switch/case."""

from __future__ import annotations

import pytest

from tests.agent_apps.conftest import OpenApp
from wfsim import Simulation
from wfsim.chat import Reply
from wfsim.history import TaskScheduled


def triage(animal: str, urgency: str) -> Reply:
    """What the first agent answers."""
    return Reply(value={"animal": animal, "urgency": urgency, "summary": "sneezes"})


@pytest.fixture
def sim(opened: OpenApp) -> Simulation:
    """The clinic's app."""
    return opened("agents_workflow_switch")


@pytest.mark.parametrize(
    ("urgency", "output"),
    [
        ("emergency", "the car is on its way to a cat: sneezes"),
        ("routine", "appointment for a cat"),
        ("whatever", "appointment for a cat"),
    ],
)
def test_one_branch_answers(sim: Simulation, urgency: str, output: str) -> None:
    """The first case that holds, else the default; the agent of another branch is not asked."""
    sim.script("Nurse", [triage("cat", urgency)])
    assert sim.start("dafx-clinic", input="My cat sneezes.").result() == [output]


def test_the_branch_with_an_agent(sim: Simulation) -> None:
    """An executor asks the second agent, and another one reads its answer out."""
    sim.script("Nurse", [triage("cat", "advice")])
    vet = sim.script("Vet", ["Dust less."])
    assert sim.start("dafx-clinic", input="My cat sneezes.").result() == ["called back: Dust less."]
    assert vet.requests[0].text == "Advise the owner of a cat: sneezes"


def test_text_over_http(sim: Simulation) -> None:
    """The start route takes plain text, since the first executor does."""
    sim.script("Nurse", [triage("cat", "routine")])
    answer = sim.http.post(
        "/api/workflow/clinic/run",
        body="My cat sneezes.",
        headers={"Content-Type": "text/plain"},
        params={"waitForResponse": "true"},
    )
    assert answer.json()["output"] == ["appointment for a cat"]


def test_each_executor_is_an_activity(sim: Simulation) -> None:
    """Executors without an agent run as activities, one superstep after the other."""
    sim.script("Nurse", [triage("cat", "emergency")])
    run = sim.start("dafx-clinic", input="My cat sneezes.")
    run.result()
    scheduled = [event.name for event in run.history if isinstance(event, TaskScheduled)]
    assert scheduled == ["dafx-clinic-phone", "dafx-clinic-triage_reader", "dafx-clinic-emergency"]


def test_the_workflows_agents_have_endpoints_of_their_own(sim: Simulation) -> None:
    """An agent of a workflow may be asked by itself, under the workflow's name and its own."""
    sim.script("Vet", ["Bring it in."])
    answer = sim.http.post("/api/agents/clinic-Vet/run", json={"message": "My hen limps."})
    assert answer.json()["response"] == "Bring it in."


def test_there_is_no_health_check_where_it_is_switched_off(sim: Simulation) -> None:
    """`enable_health_check=False` leaves the route out."""
    assert sim.http.get("/api/health").status_code == 404

"""A hosted workflow that waits for people: start, status and respond over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.agent_apps.conftest import OpenApp
from wfsim import Simulation
from wfsim.chat import Reply

BASE = "/api/workflow/potholes"


def reported(sim: Simulation, *, danger: int) -> None:
    """Report a pothole, which becomes the run "hole-1", and let the inspector rate it."""
    sim.script("Inspector", [Reply(value={"street": "Elm Street", "danger": danger})])
    sim.http.post(f"{BASE}/run", json="There is a hole.", params={"runId": "hole-1"})
    sim.run_until_idle()


def status(sim: Simulation) -> dict[str, Any]:
    """What the status endpoint says."""
    body: dict[str, Any] = sim.http.get(f"{BASE}/status/hole-1").json()
    return body


def respond(sim: Simulation, request: str, value: object) -> int:
    """Answer a request; return the status code."""
    return sim.http.post(f"{BASE}/respond/hole-1/{request}", json=value).status_code


@pytest.fixture
def sim(opened: OpenApp) -> Simulation:
    """The town's app."""
    return opened("agents_workflow_hitl")


def test_the_status_shows_the_open_request(sim: Simulation) -> None:
    """While the run waits, the status endpoint says for what, and where to answer."""
    reported(sim, danger=4)
    (request,) = status(sim)["pendingHumanInputRequests"]
    assert request["requestId"] == "repair"
    assert request["sourceExecutor"] == "road_office"
    assert request["respondUrl"].endswith(f"{BASE}/respond/hole-1/repair")
    assert sim.run("hole-1").waiting_for == {"events": ["repair"], "timers": []}
    sim.http.post(request["respondUrl"], json={"approved": True, "crew": "Ana"})
    sim.run_until_idle()
    assert sim.run("hole-1").output == ["Ana mends Elm Street"]


def test_the_answer_becomes_the_record_that_the_handler_wants(sim: Simulation) -> None:
    """JSON over HTTP is a `Repair` in the handler, two days later."""
    reported(sim, danger=4)
    sim.advance("2d")
    assert respond(sim, "repair", {"approved": False}) == 200
    sim.run_until_idle()
    assert sim.run("hole-1").output == ["Elm Street stays as it is"]


def test_two_requests_need_two_answers(sim: Simulation) -> None:
    """Answers may come in any order, and nothing happens before both are there."""
    reported(sim, danger=9)
    assert respond(sim, "closure", True) == 200
    sim.advance("1h")
    assert sim.run("hole-1").status == "Running"
    assert respond(sim, "repair", {"approved": True, "crew": "Ana"}) == 200
    sim.run_until_idle()
    assert sim.run("hole-1").output == ["Ana mends Elm Street", "Elm Street is closed"]

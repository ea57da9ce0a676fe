"""A hosted workflow inside another one, and the person that the inner one asks."""

from __future__ import annotations

import logging

import pytest

from tests.agent_apps.conftest import OpenApp
from wfsim import Simulation

BASE = "/api/workflow/news"
ARTICLE = "The mayor Olsen opened the bridge."


@pytest.fixture
def sim(opened: OpenApp) -> Simulation:
    """The newspaper's app, with an article that names somebody."""
    sim = opened("agents_workflow_nested", findings="ignore")
    sim.script("Journalist", [ARTICLE])
    sim.http.post(f"{BASE}/run", json="the new bridge", params={"runId": "news-1"})
    sim.run_until_idle()
    return sim


def test_the_inner_workflow_is_a_child(sim: Simulation) -> None:
    """It runs as a sub-orchestration, whose id is made of its parent's."""
    (child,) = sim.run("news-1").children
    assert (child.name, child.instance_id) == ("dafx-legal_check", "news-1::check::0")
    assert child.status == "Running"


def test_the_request_surfaces_at_the_outer_workflow(sim: Simulation) -> None:
    """Its id says the way down, and the answer goes to the outer run's address."""
    status = sim.http.get(f"{BASE}/status/news-1").json()
    (request,) = status["pendingHumanInputRequests"]
    assert request["requestId"] == "check~0~clearance"
    assert request["requestData"] == {"names": ["Olsen"], "article": ARTICLE}
    answer = sim.http.post(request["respondUrl"], json={"ok": True})
    assert answer.status_code == 200
    sim.run_until_idle()
    assert sim.run("news-1").output == [f"printed: {ARTICLE}"]


def test_a_refusal_reaches_the_outer_workflow(sim: Simulation) -> None:
    """What the inner workflow yields is the next executor's message."""
    sim.http.post(f"{BASE}/respond/news-1/check~0~clearance", json={"ok": False})
    sim.run_until_idle()
    assert sim.run("news-1").output == ["spiked because of Olsen"]


def test_a_child_that_does_not_exist_cannot_be_answered(sim: Simulation) -> None:
    """A wrong way down is 404; the right one still works."""
    assert sim.http.post(f"{BASE}/respond/news-1/check~1~clearance", json={}).status_code == 404
    assert sim.run("news-1").status == "Running"


def test_an_executor_of_the_inner_workflow_knows_the_address(
    opened: OpenApp, caplog: pytest.LogCaptureFixture
) -> None:
    """`WorkflowHitlContext` builds the link on which the person answers."""
    sim = opened("agents_workflow_nested", findings="ignore")
    sim.script("Journalist", [ARTICLE])
    with caplog.at_level(logging.INFO):
        sim.start("dafx-news", input="the new bridge", instance_id="news-1")
        sim.run_until_idle()
    (link,) = [line.message for line in caplog.records if line.message.startswith("Dear lawyer")]
    assert link.endswith("/api/workflow/news/respond/news-1/check~0~clearance")


def test_without_names_nobody_is_asked(opened: OpenApp) -> None:
    """The inner workflow may also end at once."""
    sim = opened("agents_workflow_nested")
    sim.script("Journalist", ["It will rain again."])
    assert sim.start("dafx-news", input="the weather").result() == ["printed: It will rain again."]

"""Human approval with revisions, and what happens when nobody answers for a day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.agent_apps.conftest import OpenApp
from wfsim import Simulation
from wfsim.chat import Reply, When

AMBER = {"title": "Amber", "text": "It is resin."}
OLDER = {"title": "Old amber", "text": "It is old resin."}


@pytest.fixture
def sim(opened: OpenApp) -> Simulation:
    """The museum's app, with a writer who knows one post."""
    sim = opened("agents_approval")
    sim.script("WriterAgent", lambda _: Reply(value=AMBER))
    return sim


def test_a_revision_follows_the_feedback(sim: Simulation) -> None:
    """The writer gets the curator's words, in the session of the first draft."""
    rules = [When("Write about", Reply(value=AMBER)), When("Revise it", Reply(value=OLDER))]
    sim.script("WriterAgent", rules)
    run = sim.start("museum_post", input={"topic": "amber"})
    sim.at("3h", run.raise_event, "verdict", {"approved": False, "feedback": "How old?"})
    sim.at("20h", run.raise_event, "verdict", {"approved": True})
    assert run.result() == {"status": "published", "link": "/posts/old-amber", "revision": 2}
    _, second = sim.agent("WriterAgent").requests
    assert second.text == "Revise it: How old?"
    assert len(second.messages) == 3


def test_what_the_curator_is_shown(sim: Simulation) -> None:
    """The custom status carries the draft while the run waits for a verdict or a day."""
    run = sim.start("museum_post", input={"topic": "amber"})
    sim.run_until_idle()
    assert run.custom_status == {"waiting_for": "curator", "revision": 1, **AMBER}
    assert run.waiting_for == {"events": ["verdict"], "timers": [timedelta(hours=24)]}
    run.raise_event("verdict", {"approved": True})
    sim.run_until_idle()
    assert run.custom_status == {"waiting_for": None, "revision": 1}


def test_nobody_answers_for_a_day(opened: OpenApp) -> None:
    """24 hours after the draft, not a second earlier, the head of the museum hears of it."""
    sim = opened("agents_approval")
    sim.script("WriterAgent", [Reply(value=AMBER)])
    run = sim.start("museum_post", input={"topic": "amber"})
    sim.run_until_idle()
    sim.advance("23h 59m 59s")
    assert run.status == "Running"
    sim.advance("1s")
    assert run.output == {"status": "escalated", "revision": 1}


def test_the_last_revision_is_the_last(sim: Simulation) -> None:
    """After three refusals the run gives up; the fourth draft is written for nobody."""
    run = sim.start("museum_post", input={"topic": "amber"})
    for hour in (1, 2, 3):
        sim.at(f"{hour}h", run.raise_event, "verdict", {"approved": False, "feedback": "no"})
    assert run.result() == {"status": "given up", "revision": 3}
    assert len(sim.agent("WriterAgent").requests) == 4


def test_a_verdict_by_the_apps_own_route(sim: Simulation) -> None:
    """The client in Python sends text, which the orchestrator has to read as JSON."""
    started = sim.http.post("/api/posts", json={"topic": "amber"})
    instance = started.json()["id"]
    sim.run_until_idle()
    answer = sim.http.post(f"/api/posts/{instance}/verdict", json={"approved": True})
    assert answer.status_code == 202
    sim.run_until_idle()
    expected = {"status": "published", "link": "/posts/amber", "revision": 1}
    assert sim.run(instance).output == expected

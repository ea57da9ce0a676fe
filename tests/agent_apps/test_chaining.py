"""An orchestrator that asks an agent twice in one session."""

from __future__ import annotations

import pytest

from tests.agent_apps.conftest import OpenApp
from wfsim import Simulation
from wfsim.chat import Reply


@pytest.fixture
def sim(opened: OpenApp) -> Simulation:
    """The app with a script of two turns."""
    sim = opened("agents_chaining")
    sim.script("WriterAgent", [Reply("Bread.", takes="4s"), Reply("Good bread.", takes="3s")])
    return sim


def test_the_second_turn_knows_the_first(sim: Simulation) -> None:
    """Both requests are in one session of the agent, which the run has made."""
    run = sim.start("slogan", input="the bakery")
    assert run.result() == {"first": "Bread.", "final": "Good bread."}
    _, second = sim.agent("WriterAgent").requests
    assert [message.text for message in second.messages] == [
        "Write a slogan for the bakery.",
        "Bread.",
        "Make it shorter and warmer.",
    ]
    (session,) = sim.agent("WriterAgent").sessions
    assert {entry.orchestration_id for entry in session.entries[::2]} == {run.instance_id}


def test_through_the_apps_own_routes(sim: Simulation) -> None:
    """Started and watched over HTTP: running while the model thinks, completed after 7 s."""
    started = sim.http.post("/api/slogans", body="the bakery")
    assert started.status_code == 202
    instance = started.json()["id"]
    assert sim.http.get(f"/api/slogans/{instance}").json()["status"] == "Running"
    sim.advance("7s")
    assert sim.http.get(f"/api/slogans/{instance}").json() == {
        "status": "Completed",
        "output": {"first": "Bread.", "final": "Good bread."},
    }


def test_two_runs_have_two_sessions(opened: OpenApp) -> None:
    """Runs do not hear each other, whichever asks first."""
    sim = opened("agents_chaining")
    script = sim.script("WriterAgent", lambda request: f"{len(request.messages)} messages")
    runs = [sim.start("slogan", input=shop) for shop in ("bakery", "dairy")]
    sim.run_until_idle()
    expected = {"first": "1 messages", "final": "3 messages"}
    assert [run.output for run in runs] == [expected, expected]
    assert len(script.requests) == 4
    assert len(sim.agent("WriterAgent").sessions) == 2

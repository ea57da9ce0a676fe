"""Agents that work at the same time, and one that sums up."""

from __future__ import annotations

from datetime import timedelta

from tests.agent_apps.conftest import OpenApp
from wfsim import Simulation
from wfsim.chat import Reply


def scripted(sim: Simulation, *, surveyor: str, valuer: str) -> None:
    """Give the experts the time that they take, and the editor nothing to think about."""
    sim.script("Surveyor", [Reply("The roof leaks.", takes=surveyor)])
    sim.script("Valuer", [Reply("Too dear.", takes=valuer)])
    sim.script("Editor", ["Leaky and dear."])


def test_the_slower_one_decides_how_long_it_takes(opened: OpenApp) -> None:
    """Twenty and thirty seconds at once are thirty."""
    sim = opened("agents_parallel")
    scripted(sim, surveyor="20s", valuer="30s")
    start = sim.now
    run = sim.start("judge_house", input="Mill Lane 4")
    assert run.result() == {
        "walls": "The roof leaks.",
        "price": "Too dear.",
        "summary": "Leaky and dear.",
    }
    assert sim.now - start == timedelta(seconds=30)


def test_results_keep_the_order_of_the_tasks(opened: OpenApp) -> None:
    """Whoever answers first, the editor reads about walls first."""
    sim = opened("agents_parallel")
    scripted(sim, surveyor="30s", valuer="20s")
    sim.start("judge_house", input="Mill Lane 4").result()
    (request,) = sim.agent("Editor").requests
    assert request.text == "Walls: The roof leaks.\nPrice: Too dear."


def test_there_are_no_endpoints_for_these_agents(opened: OpenApp) -> None:
    """With `enable_http_endpoints=False` they are reached by orchestrators only."""
    sim = opened("agents_parallel")
    assert sim.http.post("/api/agents/Editor/run", json={"message": "?"}).status_code == 404

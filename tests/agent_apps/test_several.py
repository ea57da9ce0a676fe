"""Several agents of one app: over HTTP, over MCP, and the callback that hears them all."""

from __future__ import annotations

import logging

import pytest

from tests.agent_apps.conftest import OpenApp
from wfsim import Simulation
from wfsim.chat import Reply, ToolCall


@pytest.fixture
def sim(opened: OpenApp) -> Simulation:
    """The app with its three agents."""
    return opened("agents_several")


def test_each_agent_has_its_own_script_and_sessions(sim: Simulation) -> None:
    """Two agents answer the same session id without hearing each other."""
    sim.script("PackingAgent", ["Wool socks."])
    money = sim.script("CurrencyAgent", ["Bring kroner."])
    for name in ("PackingAgent", "CurrencyAgent"):
        sim.http.post(f"/api/agents/{name}/run", json={"message": "Oslo?", "session_id": "trip"})
    assert [message.text for message in money.requests[0].messages] == ["Oslo?"]
    assert sim.agent("PackingAgent").session("trip").messages[-1].text == "Wool socks."


def test_an_agent_as_an_mcp_tool(sim: Simulation) -> None:
    """The MCP trigger hands a query to the agent, and returns the text of its answer."""
    call = ToolCall("convert", {"amount": 20, "currency": "NOK"})
    script = sim.script("CurrencyAgent", [call, "230 kroner."])
    arguments = {"query": "20 euros in kroner?", "sessionId": "trip"}
    result = sim.trigger("mcptool-CurrencyAgent", arguments)
    assert result.returned == "230 kroner."
    assert script.requests[1].messages[-1].contents[0].result == "230.0"
    assert sim.agent("CurrencyAgent").session("trip").messages[0].text == "20 euros in kroner?"


def test_an_agent_without_an_http_endpoint(sim: Simulation) -> None:
    """It answers over MCP, and over HTTP it does not exist."""
    sim.script("ConciergeAgent", ["The harbour inn."])
    assert sim.trigger("mcptool-ConciergeAgent", {"query": "Fish?"}).returned == "The harbour inn."
    assert sim.http.post("/api/agents/ConciergeAgent/run", json={}).status_code == 404


def test_the_callback_hears_the_stream_and_the_answer(
    sim: Simulation, caplog: pytest.LogCaptureFixture
) -> None:
    """The entity streams, so a callback sees the chunks as they come, then the whole answer."""
    usage = {"total_token_count": 17}
    sim.script("PackingAgent", [Reply("Wool socks.", chunks=["Wool ", "socks."], usage=usage)])
    with caplog.at_level(logging.INFO, logger="travel"):
        sim.http.post("/api/agents/PackingAgent/run", json={"message": "Oslo?"})
    assert [line.message for line in caplog.records if line.name == "travel"] == [
        "PackingAgent writes 'Wool '",
        "PackingAgent writes 'socks.'",
        "PackingAgent answered 'Oslo?' with 'Wool socks.' for 17 tokens",
    ]


def test_a_script_may_be_a_function_of_the_request(sim: Simulation) -> None:
    """A function sees the conversation, and answers any number of requests."""
    sim.script("PackingAgent", lambda request: f"{request.number}: {request.text[::-1]}")
    for message in ("one", "two"):
        answer = sim.http.post(
            "/api/agents/PackingAgent/run", json={"message": message, "session_id": "trip"}
        )
    assert answer.json()["response"] == "2: owt"

"""One agent with tools: over HTTP, with sessions, and without its model's key."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.agent_apps.conftest import OpenApp
from wfsim import ScriptError, Simulation
from wfsim.chat import Reply, ToolCall, ToolCalls

RUN = "/api/agents/WeatherAgent/run"


@pytest.fixture
def sim(opened: OpenApp) -> Simulation:
    """The app; it was loaded without HOSTED_MODEL_API_KEY."""
    return opened("agents_single")


def test_tools_run_between_two_requests_to_the_model(sim: Simulation) -> None:
    """Both tools of one turn run, and the model gets their results before it answers."""
    both = ToolCalls(
        ToolCall("get_wind", {"harbour": "Bergen"}), ToolCall("get_tide", {"harbour": "Bergen"})
    )
    script = sim.script("WeatherAgent", [both, "Set sail at two."])
    answer = sim.http.post(RUN, json={"message": "Bergen, today?", "session_id": "skipper"})
    assert answer.status_code == 200
    assert answer.json()["response"] == "Set sail at two."
    first, second = script.requests
    assert first.tool_names == ("get_wind", "get_tide")
    assert first.instructions.startswith("You advise sailors.")
    results = [item.result for item in second.messages[-1].contents]
    assert results == ["12 knots", "high water at 14:20"]


def test_the_conversation_is_kept_in_its_session(sim: Simulation) -> None:
    """A second request of a session brings the first one along; another session does not."""
    script = sim.script("WeatherAgent", ["12 knots.", "Then stay ashore.", "Who are you?"])
    sim.http.post(RUN, json={"message": "Bergen?", "session_id": "ann"})
    sim.http.post(RUN, json={"message": "With a broken mast?", "session_id": "ann"})
    sim.http.post(RUN, json={"message": "Hello.", "session_id": "bob"})
    assert [message.text for message in script.requests[1].messages] == [
        "Bergen?",
        "12 knots.",
        "With a broken mast?",
    ]
    assert [message.text for message in script.requests[2].messages] == ["Hello."]
    said = sim.agent("WeatherAgent").session("ann").messages
    assert [(message.role, message.text) for message in said] == [
        ("user", "Bergen?"),
        ("assistant", "12 knots."),
        ("user", "With a broken mast?"),
        ("assistant", "Then stay ashore."),
    ]
    assert [session.session_id for session in sim.agent("WeatherAgent").sessions] == ["ann", "bob"]


def test_a_request_as_text_gets_text_and_its_session_in_a_header(sim: Simulation) -> None:
    """Plain text in, plain text out; the session that was made up goes into a header."""
    sim.script("WeatherAgent", ["12 knots."])
    answer = sim.http.post(RUN, body="Bergen?", headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.text) == (200, "12 knots.")
    session = sim.agent("WeatherAgent").session(answer.headers["x-ms-session-id"])
    assert session.messages[0].text == "Bergen?"


@pytest.mark.parametrize(
    "options",
    [
        {"params": {"wait_for_response": "false"}},
        {"headers": {"x-ms-wait-for-response": "false"}},
    ],
    ids=["query", "header"],
)
def test_nobody_has_to_wait(sim: Simulation, options: dict[str, dict[str, str]]) -> None:
    """Without waiting the answer is 202 at once, and the agent works on by itself."""
    sim.script("WeatherAgent", [Reply("12 knots.", takes="1h")])
    start = sim.now
    answer = sim.http.post(RUN, json={"message": "Bergen?", "session_id": "ann"}, **options)
    assert (answer.status_code, answer.json()["status"]) == (202, "accepted")
    assert sim.now == start
    assert not sim.agent("WeatherAgent").session("ann").exists
    sim.advance("1h")
    assert sim.agent("WeatherAgent").session("ann").messages[-1].text == "12 knots."


def test_the_legacy_name_of_a_session_still_counts(sim: Simulation) -> None:
    """`thread_id` is the same thing, and two ids that differ are refused."""
    sim.script("WeatherAgent", ["12 knots."])
    sim.http.post(RUN, json={"message": "Bergen?", "thread_id": "ann"})
    assert sim.agent("WeatherAgent").session("ann").exists
    refused = sim.http.post(
        RUN, json={"message": "Bergen?", "thread_id": "ann", "session_id": "bob"}
    )
    assert refused.status_code == 400
    assert "Conflicting session identifiers" in refused.json()["error"]


def test_the_answer_is_found_at_the_first_look_after_it_came(sim: Simulation) -> None:
    """The endpoint looks once a second of virtual time, so an answer of 2.5 s takes three."""
    sim.script("WeatherAgent", [Reply("12 knots.", takes="2500ms")])
    start = sim.now
    sim.http.post(RUN, json={"message": "Bergen?"})
    assert sim.now - start == timedelta(seconds=3)


def test_a_tool_that_fails_is_told_to_the_model(sim: Simulation) -> None:
    """An exception in a tool is a result; the model may still answer."""
    call = ToolCall("get_wind", {"harbour": "Atlantis"})
    script = sim.script("WeatherAgent", [call, "Nobody measures there."])
    answer = sim.http.post(RUN, json={"message": "Atlantis?"})
    assert answer.json()["response"] == "Nobody measures there."
    (result,) = script.requests[1].messages[-1].contents
    assert result.result == "Error: Function failed."
    assert result.exception == "no anemometer at Atlantis"


def test_an_agent_without_a_script_reaches_no_network(opened: OpenApp) -> None:
    """The error says which agent asked what, and why its client could not even be built."""
    sim = opened("agents_single")
    with pytest.raises(ScriptError, match="'WeatherAgent' asked its model") as caught:
        sim.http.post(RUN, json={"message": "Bergen?"})
    assert "HOSTED_MODEL_API_KEY" in str(caught.value)
    assert "Bergen?" in str(caught.value)


def test_health_lists_the_agents(sim: Simulation) -> None:
    """The health check knows what is registered."""
    answer = sim.http.get("/api/health").json()
    assert (answer["status"], answer["agent_count"]) == ("healthy", 1)
    assert answer["agents"][0]["name"] == "WeatherAgent"


def test_the_stored_state_has_the_durable_schema(sim: Simulation) -> None:
    """What the entity stores is what production stores: schema 1.1.0, with usage."""
    usage = {"input_token_count": 20, "output_token_count": 2, "total_token_count": 22}
    sim.script("WeatherAgent", [Reply("12 knots.", usage=usage)])
    sim.http.post(RUN, json={"message": "Bergen?", "session_id": "ann"})
    session = sim.agent("WeatherAgent").session("ann")
    state = json.loads(json.dumps(session.entity.state))
    assert state["schemaVersion"] == "1.1.0"
    request, response = state["data"]["conversationHistory"]
    assert request["correlationId"] == response["correlationId"]
    assert response["usage"]["totalTokenCount"] == 22
    assert session.entries[1].usage == response["usage"]

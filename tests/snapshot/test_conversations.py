"""Views of agents' conversations, as their entities store them."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.snapshot.drawn import VALUES, lines_of
from tests.snapshot.recorded import changed_lines
from wfsim.agents import conversation_of
from wfsim.snapshot import View, view

ID = "3f58a660-db64-4b01-8840-e860837c198{}"


def entry(kind: str, place: int, *messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A request or a response as it is stored."""
    return {
        "$type": kind,
        "correlationId": ID.format(place),
        "createdAt": f"2020-05-01T1{place}:00:00.00000{place}+00:00",
        "messages": list(messages),
        **more,
    }


def said(role: str, *contents: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A message as it is stored."""
    return {"role": role, "contents": list(contents), **more}


def text(words: str) -> dict[str, Any]:
    """What somebody says."""
    return {"$type": "text", "text": words}


def state(*entries: dict[str, Any], version: str = "1.1.0") -> dict[str, Any]:
    """What the entity of an agent stores."""
    return {"schemaVersion": version, "data": {"conversationHistory": list(entries)}}


CALL = {
    "$type": "functionCall",
    "callId": "call_Xy12",
    "name": "get_weather",
    "arguments": '{"city": "Oslo"}',
}
RESULT = {"$type": "functionResult", "callId": "call_Xy12", "result": "rain"}
WEATHER = state(
    entry("request", 1, said("user", text("Weather in Oslo?")), orchestrationId=ID.format(9)),
    entry(
        "response",
        1,
        said(
            "assistant", {"$type": "reasoning", "text": "a tool knows"}, CALL, authorName="Skipper"
        ),
        said("tool", RESULT),
        said("assistant", text("It rains."), authorName="Skipper"),
        usage={"inputTokenCount": 7, "outputTokenCount": 2},
    ),
    entry("request", 2, said("user", text("And tomorrow?"))),
    entry(
        "response", 2, said("assistant", {"$type": "error", "message": "busy", "errorCode": "E"})
    ),
)


def shown(stored: dict[str, Any], **hidden: Any) -> View:
    """The view of a conversation."""
    return view(conversation_of(stored), **hidden)


def test_a_dialogue() -> None:
    """Who says what, calls of tools by number, errors, usage; ids and times by their names."""
    assert str(shown(WEATHER)) == (
        "T+0s\n"
        "  request <id:1> by <id:2>\n"
        '    user            "Weather in Oslo?"\n'
        "  response <id:1>\n"
        '    assistant       Skipper reasoning  {"text": "a tool knows"}\n'
        '    …            1  calls get_weather  {"city": "Oslo"}\n'
        '    tool         1  gets  "rain"\n'
        '    assistant       Skipper  "It rains."\n'
        '    usage           {"input": 7, "output": 2}\n'
        "T+1h\n"
        "  request <id:3>\n"
        '    user            "And tomorrow?"\n'
        "  response <id:3>\n"
        '    assistant       fails E  "busy"'
    )


def test_a_changed_reply_is_one_line() -> None:
    """The agent says something else: the one line in which it does."""
    other = copy.deepcopy(WEATHER)
    other["data"]["conversationHistory"][1]["messages"][2]["contents"] = [text("It snows.")]
    assert changed_lines(shown(WEATHER), shown(other)) == [
        '-    assistant       Skipper  "It rains."',
        '+    assistant       Skipper  "It snows."',
    ]


def test_a_changed_argument_is_one_line() -> None:
    """A tool is called with something else: the one line in which it is."""
    other = copy.deepcopy(WEATHER)
    call = other["data"]["conversationHistory"][1]["messages"][0]["contents"][1]
    call["arguments"] = '{"city": "Rome"}'
    assert changed_lines(shown(WEATHER), shown(other)) == [
        '-    …            1  calls get_weather  {"city": "Oslo"}',
        '+    …            1  calls get_weather  {"city": "Rome"}',
    ]


def test_several_conversations() -> None:
    """They stand one below the other, and an id of both has one name."""
    both = str(view([conversation_of(WEATHER), conversation_of(WEATHER)]))
    assert both.startswith("conversation 1\n  T+0s\n    request <id:1> by <id:2>\n")
    assert "conversation 2\n  T+0s\n    request <id:1> by <id:2>\n" in both


def test_what_is_empty_and_what_is_unknown() -> None:
    """An agent that says nothing says so; contents of other kinds are shown as data."""
    hosted = {"$type": "hostedFile", "fileId": "f"}
    found = str(
        shown(state(entry("request", 1), entry("response", 1, said("user"), said("a", hosted))))
    )
    assert "(nothing)" in found
    assert "user            nothing" in found
    assert 'hostedFile  {"fileId": "f"}' in found


def test_what_a_user_hides() -> None:
    """Masks by the labels of what is shown, and redaction in texts."""
    hidden = str(shown(WEATHER, masks={"arguments.city": "<city>"}, redact=["rain"]))
    assert '{"city": "<city>"}' in hidden
    assert '"<redacted>"' in hidden
    assert '"It <redacted>s."' in hidden


CONTENTS = st.one_of(
    st.sampled_from(["x", "y", ""]).map(text),
    VALUES.map(lambda value: {**CALL, "arguments": value}),
    VALUES.map(lambda value: {**RESULT, "result": value}),
    st.sampled_from(["x", "y"]).map(lambda words: {"$type": "error", "message": words}),
)
MESSAGES = st.builds(
    lambda role, contents: said(role, *contents),
    st.sampled_from(["user", "assistant"]),
    st.lists(CONTENTS, min_size=1, max_size=2),
)
STATES = st.lists(st.lists(MESSAGES, max_size=2), min_size=1, max_size=3).map(
    lambda rows: state(*(entry("request", at, *row) for at, row in enumerate(rows, 1)))
)


@given(one=STATES, other=STATES)
def test_different_dialogues_have_different_views(one: Any, other: Any) -> None:
    """Two conversations have the same view only if the same is said, each by the same."""
    assume(lines_of(one) != lines_of(other))
    assert str(shown(one)) != str(shown(other))


@given(stored=STATES, version=st.sampled_from(["1.1.0", "2.0.0"]))
def test_ids_times_and_the_schema_do_not_matter(stored: Any, version: str) -> None:
    """The same under other ids, at another time, stored by another release: the same view."""
    other = copy.deepcopy(stored)
    other["schemaVersion"] = version
    for item in other["data"]["conversationHistory"]:
        item["correlationId"] = item["correlationId"].replace("3f58", "ab12")
        item["createdAt"] = item["createdAt"].replace("2020", "2024")
    assert str(shown(other)) == str(shown(stored))
    assert view(shown(stored)) == shown(stored)


def test_a_session_of_a_simulated_app() -> None:
    """A session's handle is viewed as its conversation."""
    pytest.importorskip("agent_framework_azurefunctions")
    from tests.apps import fixture_app
    from wfsim import Simulation
    from wfsim.chat import Reply, ToolCall, ToolCalls

    with Simulation(fixture_app("agents_single")) as sim:
        turns = [ToolCalls(ToolCall("get_wind", {"harbour": "Oban"})), Reply("Stay ashore.")]
        sim.script("WeatherAgent", turns)
        sim.http.post("/api/agents/WeatherAgent/run", json={"message": "Hi", "session_id": "s"})
        session = sim.agent("WeatherAgent").session("s")
        assert str(view(session)) == (
            "T+0s\n"
            "  request <id:1>\n"
            '    user            "Hi"\n'
            "  response <id:1>\n"
            '    assistant    1  WeatherAgent calls get_wind  {"harbour": "Oban"}\n'
            '    tool         1  WeatherAgent gets  "31 knots"\n'
            '    assistant       WeatherAgent  "Stay ashore."'
        )

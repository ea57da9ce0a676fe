"""Requests as records: what they show of a conversation."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from agent_framework import Content, FunctionTool, Message

from tests.chat.support import get_weather, run, user
from wfsim.chat import ChatRequest, Reply, Script, ScriptedChatClient
from wfsim.chat.request import parameters_of, request_of, tool_name

CALL = Content.from_function_call("c", "get_weather", arguments={"city": "Oslo"})


def request(*messages: Message, **options: Any) -> ChatRequest:
    """Return a request with this conversation."""
    at = datetime(2000, 1, 1, tzinfo=UTC)
    return request_of(messages, options, number=1, agent="", stream=False, at=at)


def test_a_transcript_has_a_line_for_everything() -> None:
    """Text, thoughts, calls, results, approvals, errors and what is none of these."""
    asked = Content.from_function_approval_request(id="a", function_call=CALL)
    said = request(
        Message("user", ["Weather?\nIn Oslo?"]),
        Message("assistant", [Content.from_text_reasoning(text="Hm."), CALL, asked]),
        Message("user", [asked.to_function_approval_response(approved=True)]),
        Message("user", [asked.to_function_approval_response(approved=False)]),
        Message("tool", [Content.from_function_result("c", result="Sunny")]),
        Message("tool", [Content.from_function_result("d", result="Lost")]),
        Message(
            "assistant",
            [
                Content.from_error(message="no more"),
                Content.from_uri("https://example.org/a.png", media_type="image/png"),
            ],
        ),
        instructions="Be brief.",
    )
    assert said.transcript().splitlines() == [
        "instructions: Be brief.",
        "user: Weather?",
        "  In Oslo?",
        "assistant: (thinks) Hm.",
        'assistant: calls get_weather({"city": "Oslo"})',
        'assistant: asks to approve get_weather({"city": "Oslo"})',
        'user: approves get_weather({"city": "Oslo"})',
        'user: refuses get_weather({"city": "Oslo"})',
        "tool: get_weather gave Sunny",
        "tool: d gave Lost",
        "assistant: (error) no more",
        "assistant: [uri]",
    ]


def test_long_conversations_are_cut() -> None:
    """A transcript shows the last messages, and the beginning of long ones."""
    said = request(*(Message("user", [f"{number} " + "x" * 400]) for number in range(15)))
    lines = said.transcript().splitlines()
    assert lines[0] == "… 3 earlier messages …"
    assert (len(lines), len(lines[1]), lines[1][-1]) == (13, 300, "…")
    assert request().transcript() == "(nothing has been said)"


def test_results_since_the_model_spoke_last() -> None:
    """`tool_results` are those that this request is made for."""
    earlier = [
        Message("assistant", [CALL]),
        Message("tool", [Content.from_function_result("c", result="1")]),
    ]
    assert request(*earlier).tool_results == {"get_weather": "1"}
    assert request(*earlier, Message("user", ["Thanks"])).tool_results == {}


def test_the_user_may_not_have_said_anything() -> None:
    """Text and instructions are empty where there are none."""
    nothing = request(Message("assistant", ["Hi"]))
    assert (nothing.text, nothing.instructions, nothing.tool_names) == ("", "", ())


def test_tools_in_every_form() -> None:
    """One tool, a list of them and a plain function are all tools."""

    def plain() -> str:
        return ""

    hosted = {"type": "web_search"}
    assert request(tools=get_weather).tool_names == ("get_weather",)
    assert request(tools=[get_weather, plain, hosted]).tool_names == ("get_weather", "plain")
    assert len(request(tools=[get_weather, hosted]).tools) == 2


def test_names_and_schemas_of_tools() -> None:
    """Functions as providers write them have theirs in one of two places."""
    schema = {"type": "object"}
    inner = {"type": "function", "function": {"name": "a", "parameters": schema}}
    flat = {"type": "function", "name": "b", "parameters": schema}
    bare = FunctionTool(name="c", description="", func=lambda: "", input_model=schema)
    found = [(tool_name(tool), parameters_of(tool)) for tool in (inner, flat, bare, object())]
    assert found == [("a", schema), ("b", schema), ("c", schema), ("", None)]


def test_a_script_may_be_watched() -> None:
    """Who watches a script sees each request, and its turn once it has been said."""
    seen: list[tuple[int, object]] = []
    script = Script(["Hello", Reply("Bye", takes="3s")])
    script.watch = lambda asked, turn: seen.append((asked.number, turn))
    client = ScriptedChatClient(script)
    run(client.get_response(user("Hi")))
    run(client.get_response(user("Hi"), stream=True).get_final_response())
    assert seen == [(1, None), (1, Reply("Hello")), (2, None), (2, Reply("Bye", takes="3s"))]

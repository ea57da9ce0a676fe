"""Views of what models were asked and answered."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from agent_framework import Agent, Content, Message, tool
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.snapshot.drawn import lines_of
from tests.snapshot.recorded import changed_lines
from wfsim.chat import ChatRequest, Fail, Reply, Script, ScriptedChatClient, ToolCall, ToolCalls
from wfsim.chat.request import request_of
from wfsim.snapshot import View, view


@tool(approval_mode="never_require")
def get_weather(city: str) -> str:
    """Return the weather."""
    return f"rain in {city}"


def asked(*turns: Any, city: str = "Oslo") -> Script:
    """What a script was asked by an agent that looks something up, and what it answered."""
    calls = ToolCalls(ToolCall("get_weather", {"city": city}), usage={"input": 9, "output": 4})
    client = ScriptedChatClient([calls, *(turns or ("It rains.",)), Reply("Bye.")], name="Skipper")
    agent = Agent(client=client, name="Skipper", instructions="Be brief.", tools=[get_weather])

    async def talk() -> None:
        session = agent.create_session()
        await agent.run("Weather?", session=session)
        await agent.run("Thanks.", session=session)

    asyncio.run(talk())
    return client.script


def requests(*conversations: Sequence[tuple[str, str]], **options: Any) -> list[ChatRequest]:
    """Requests that hold these messages, each a role and a text."""
    return [
        request_of(
            [Message(role=role, contents=[words]) for role, words in said],
            options,
            number=number,
            agent="Skipper",
            stream=False,
            at=datetime(2000, 1, 1, number, tzinfo=UTC),
        )
        for number, said in enumerate(conversations, 1)
    ]


# --- what is shown ------------------------------------------------------------------------------


def test_each_thing_once() -> None:
    """Settings where they are new, messages where they are new, answers below their requests."""
    assert str(view(asked())) == (
        "T+0s\n"
        "  Skipper asks 1\n"
        '    instructions      "Be brief."\n'
        '    tools             ["get_weather"]\n'
        '    options           {"model": "scripted", "tool_choice": "auto"}\n'
        '    user              "Weather?"\n'
        '    →              1  calls get_weather  {"city": "Oslo"}\n'
        '    →                 usage  {"input": 9, "output": 4, "total": 13}\n'
        "  Skipper asks 2, and goes on\n"
        '    tool           1  gets  "rain in Oslo"\n'
        '    →                 "It rains."\n'
        "  Skipper asks 3, and goes on\n"
        '    user              "Thanks."\n'
        '    →                 "Bye."'
    )


def test_requests_without_their_answers() -> None:
    """In a list of requests, an answer shows as part of the next request, and only there."""
    shown = str(view(asked().requests))
    assert shown.count("It rains.") == 1
    assert '    assistant      1  calls get_weather  {"city": "Oslo"}\n    tool' in shown


def test_a_client_is_its_script() -> None:
    """A scripted client is viewed as what its script was asked."""
    client = ScriptedChatClient(["Hello."])

    async def talk() -> None:
        await client.get_response([Message(role="user", contents=["Hi"])])

    asyncio.run(talk())
    assert (
        str(view(client))
        == 'T+0s\n  asks 1\n    user              "Hi"\n    →                 "Hello."'
    )


def test_failures_and_rare_answers() -> None:
    """Errors, thoughts, further content, and why the model stopped."""
    turn = Reply(
        "Well",
        reasoning="hm",
        finish_reason="length",
        contents=[Content.from_uri("http://x", media_type="image/png")],
    )
    client = ScriptedChatClient([turn, Fail("RateLimitError", message="slow down")])

    async def talk() -> None:
        await client.get_response([Message(role="user", contents=["Hi"])])
        with pytest.raises(Exception, match="slow down"):
            await client.get_response([Message(role="user", contents=["Hi"])])

    asyncio.run(talk())
    shown = str(view(client))
    assert 'thinks  "hm"' in shown
    assert "uri: http://x" in shown
    assert "ends with length" in shown
    assert 'fails RateLimitError  "slow down"' in shown


def test_an_answer_that_the_next_request_leaves_out() -> None:
    """A conversation goes on as if the model had said nothing: the view tells."""
    client = ScriptedChatClient(["One.", "Two."])

    async def talk() -> None:
        first = Message(role="user", contents=["Hi"])
        await client.get_response([first])
        await client.get_response([first, Message(role="user", contents=["Again"])])

    asyncio.run(talk())
    assert '(not told of its answer)\n    user              "Again"' in str(view(client))


def test_a_request_that_says_nothing_new() -> None:
    """The same request again says so, and one that forgets begins anew."""
    once = [("user", "Hi")]
    assert "asks 2, and goes on\n    (nothing new)" in str(view(requests(once, once)))
    shown = str(view(requests([*once, ("user", "More")], once)))
    assert 'T+1h\n  Skipper asks 2\n    user              "Hi"' in shown


# --- changes ------------------------------------------------------------------------------------


def test_a_changed_reply_is_one_line() -> None:
    """The model answers something else: the one line in which it does."""
    assert changed_lines(view(asked()), view(asked("It snows."))) == [
        '-    →                 "It rains."',
        '+    →                 "It snows."',
    ]


def test_a_changed_argument_is_its_line_and_that_of_its_result() -> None:
    """The model asks for another city: what it asks, and what it gets."""
    assert changed_lines(view(asked()), view(asked(city="Rome"))) == [
        '-    →              1  calls get_weather  {"city": "Oslo"}',
        '+    →              1  calls get_weather  {"city": "Rome"}',
        '-    tool           1  gets  "rain in Oslo"',
        '+    tool           1  gets  "rain in Rome"',
    ]


def test_changed_options_are_one_line() -> None:
    """Another temperature from the first request on: the line of options."""
    once = [("user", "Hi")]
    cool, warm = (view(requests(once, once, temperature=heat)) for heat in (0.1, 0.9))
    assert changed_lines(cool, warm) == [
        '-    options           {"temperature": 0.1}',
        '+    options           {"temperature": 0.9}',
    ]


# --- properties ---------------------------------------------------------------------------------

CONVERSATIONS = st.lists(
    st.lists(
        st.tuples(st.sampled_from(["user", "assistant"]), st.sampled_from(["x", "y", ""])),
        min_size=1,
        max_size=3,
    ),
    min_size=1,
    max_size=3,
)


@given(one=CONVERSATIONS, other=CONVERSATIONS)
def test_different_requests_have_different_views(one: Any, other: Any) -> None:
    """Two rows of requests have the same view only if they ask the same."""
    assume(lines_of(one) != lines_of(other))
    assert str(view(requests(*one))) != str(view(requests(*other)))


@given(said=CONVERSATIONS)
def test_a_view_of_a_view_is_that_view(said: Any) -> None:
    """Viewing twice changes nothing, nor does asking again."""
    once: View = view(requests(*said))
    assert view(once) == once
    assert view(requests(*said)) == once


def test_ids_of_calls_do_not_matter() -> None:
    """Providers give calls ids of their own; in a view they have numbers."""
    shown: list[str] = []
    for call_id in ("call_Xy12", "toolu_99"):
        call = Content.from_function_call(call_id=call_id, name="f", arguments="{}")
        result = Content.from_function_result(call_id=call_id, result="r")
        messages = [
            Message(role="assistant", contents=[call]),
            Message(role="tool", contents=[result]),
        ]
        request = request_of(
            messages, {}, number=1, agent="", stream=True, at=datetime(2000, 1, 1, tzinfo=UTC)
        )
        shown.append(str(view(request)))
    assert shown[0] == shown[1]
    assert '    assistant      1  calls f  {}\n    tool           1  gets  "r"' in shown[0]


def test_what_a_user_hides() -> None:
    """Masks by the labels of what is shown, and redaction in texts."""
    shown = str(view(asked(), masks={"arguments.city": "<city>"}, redact=["Bye"]))
    assert 'calls get_weather  {"city": "<city>"}' in shown
    assert '"<redacted>."' in shown

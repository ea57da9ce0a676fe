"""Streams: how they are cut, how long they take, how they break, and that they say the same."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from agent_framework import ChatResponse, ChatResponseUpdate
from hypothesis import given
from hypothesis import strategies as st

from tests.chat.support import Verdict, get_weather, run, user
from wfsim.chat import Fail, Reply, ScriptedChatClient, ToolCall, ToolCalls


async def updates_of(client: ScriptedChatClient, **options: Any) -> list[ChatResponseUpdate]:
    """Read a stream to its end."""
    stream = client.get_response(user("Hi"), stream=True, options=options or None)
    return [update async for update in stream]


def texts(turn: Any) -> list[str]:
    """Return the chunks in which a turn's text comes."""
    return [update.text for update in run(updates_of(ScriptedChatClient([turn]))) if update.text]


@pytest.mark.parametrize(
    ("turn", "chunks"),
    [
        ("It is  sunny.\n", ["It", " is", "  sunny.\n"]),
        (Reply("It is sunny.", chunks=5), ["It is", " sunn", "y."]),
        (Reply("It is", chunks=["I", "t is"]), ["I", "t is"]),
        ("   ", ["   "]),
        ("", []),
        (Reply(value={"a": "b c"}), ['{"a":"b', ' c"}']),
        (ToolCalls(ToolCall("f", check=False), text="Let me see."), ["Let", " me", " see."]),
    ],
)
def test_text_comes_in_chunks(turn: Any, chunks: list[str]) -> None:
    """Text comes word by word, or as the turn says."""
    if isinstance(turn, ToolCalls):
        client = ScriptedChatClient([turn], function_invocation_configuration={"enabled": False})
        assert [u.text for u in run(updates_of(client)) if u.text] == chunks
        return
    assert texts(turn) == chunks


def test_updates_belong_together() -> None:
    """All updates of a response share its ids and date; the last one has usage and reason."""
    turn = Reply("It is sunny.", reasoning="Hm, well.", usage={"input": 1}, takes="1s")
    updates = run(updates_of(ScriptedChatClient([turn])))
    assert len({(u.message_id, u.response_id, u.created_at, u.role, u.model) for u in updates}) == 1
    assert updates[0].created_at == "2000-01-01T00:00:01Z"
    assert [item.type for update in updates for item in update.contents] == [
        *["text_reasoning"] * 2,
        *["text"] * 3,
        "usage",
    ]
    assert [update.finish_reason for update in updates] == [None] * 5 + ["stop"]


def test_arguments_of_calls_come_in_pieces() -> None:
    """Arguments may be cut; the id is on all pieces, the name on the first."""
    turn = ToolCalls(
        ToolCall("get_weather", {"city": "Oslo"}),
        ToolCall("get_weather", '{"city": "Rome"}'),
        chunks=9,
    )
    client = ScriptedChatClient([turn], function_invocation_configuration={"enabled": False})
    updates = run(updates_of(client, tools=[get_weather]))
    assert [(item.call_id, item.name, item.arguments) for u in updates for item in u.contents] == [
        ("call-1", "get_weather", '{"city": '),
        ("call-1", "", '"Oslo"}'),
        ("call-2", "get_weather", '{"city": '),
        ("call-2", "", '"Rome"}'),
    ]


def test_chunks_take_time() -> None:
    """The first chunk comes after `takes`, each further one `chunk_takes` later."""

    async def read() -> list[tuple[str, float]]:
        loop = asyncio.get_running_loop()
        client = ScriptedChatClient([Reply("a b c", takes="5s", chunk_takes="250ms")])
        stream = client.get_response(user("Hi"), stream=True)
        return [(update.text, loop.time()) async for update in stream if update.text]

    assert run(read()) == [("a", 5), (" b", 5.25), (" c", 5.5)]


def test_streams_of_two_agents_interleave_as_scripted() -> None:
    """Latency decides whose chunk comes next."""
    order: list[str] = []

    async def read(turn: Reply) -> None:
        stream = ScriptedChatClient([turn]).get_response(user("Hi"), stream=True)
        async for update in stream:
            order.append(update.text.strip())  # noqa: PERF401 - as they come

    async def both() -> None:
        await asyncio.gather(
            read(Reply("a b c", chunk_takes="2s")), read(Reply("x y", takes="1s", chunk_takes="2s"))
        )

    run(both())
    assert [text for text in order if text] == ["a", "x", "b", "y", "c"]


def test_a_stream_breaks_in_the_middle() -> None:
    """A failure may come after some chunks."""
    seen: list[str] = []
    turn = Fail("ConnectionResetError", text="It is going to rain", after_chunks=3)

    async def read() -> None:
        async for update in ScriptedChatClient([turn]).get_response(user("Hi"), stream=True):
            seen.append(update.text)  # noqa: PERF401 - until it breaks

    with pytest.raises(ConnectionResetError, match=r"^scripted ConnectionResetError$"):
        run(read())
    assert seen == ["It", " is", " going"]


def test_a_stream_breaks_after_its_text() -> None:
    """Without `after_chunks` all of the text comes; without a stream none of it."""
    seen: list[str] = []
    turn = Fail(TimeoutError, text="It is", takes="2s")

    async def read() -> None:
        async for update in ScriptedChatClient([turn]).get_response(user("Hi"), stream=True):
            seen.append(update.text)  # noqa: PERF401 - until it breaks

    with pytest.raises(TimeoutError):
        run(read())
    assert seen == ["It", " is"]
    with pytest.raises(TimeoutError):
        run(ScriptedChatClient([turn]).get_response(user("Hi")))


WORDS = st.text(st.sampled_from('ab \n"{}é'), max_size=12)
USAGES = st.none() | st.dictionaries(
    st.sampled_from(["input", "output", "cached"]), st.integers(0, 99), min_size=1
)
SIZES = st.none() | st.integers(1, 5)
REPLIES = st.builds(
    Reply,
    WORDS,
    chunks=SIZES,
    reasoning=WORDS,
    usage=USAGES,
    finish_reason=st.sampled_from(["stop", "length", "content_filter"]),
    takes=st.sampled_from([None, "3s"]),
)
VALUES = st.builds(
    lambda spam, reason, size: Reply(value=Verdict(spam=spam, reason=reason), chunks=size),
    st.booleans(),
    WORDS.filter(bool),
    SIZES,
)
CALLS = st.builds(
    lambda cities, text, size, usage, reasoning: ToolCalls(
        *(ToolCall("get_weather", {"city": city}) for city in cities),
        text=text,
        chunks=size,
        usage=usage,
        reasoning=reasoning,
    ),
    st.lists(WORDS, min_size=1, max_size=3),
    WORDS,
    SIZES,
    USAGES,
    WORDS,
)


def facts(response: ChatResponse[Any]) -> Any:
    """Return everything of a response that does not depend on chance."""
    return (
        [
            (message.role, [_content(item) for item in message.contents], message.message_id)
            for message in response.messages
        ],
        dict(response.usage_details or {}),
        response.finish_reason,
        _value(response),
        (response.response_id, response.created_at, response.model),
    )


def _value(response: ChatResponse[Any]) -> Any:
    try:
        return response.value
    except ValueError:  # older frameworks parse the text of all messages
        return response.text


def _content(item: Any) -> tuple[Any, ...]:
    return item.type, item.text, item.call_id, item.name, item.arguments, item.result


@pytest.mark.slow
@given(st.lists(CALLS, max_size=2), REPLIES | VALUES)
def test_a_stream_says_the_same(calls: list[ToolCalls], last: Reply) -> None:
    """A conversation through the function loop is the same, streamed or not."""
    structured = last.value != Reply().value
    options: Any = {"tools": [get_weather]}
    options |= {"response_format": Verdict} if structured else {}

    async def talk(*, stream: bool) -> Any:
        client = ScriptedChatClient([*calls, last])
        if stream:
            response = await client.get_response(
                user("Hi"), stream=True, options=options
            ).get_final_response()
        else:
            response = await client.get_response(user("Hi"), options=options)
        client.verify()
        asked = [
            [[_content(item) for item in message.contents] for message in request.messages]
            for request in client.requests
        ]
        return facts(response), asked

    assert run(talk(stream=True)) == run(talk(stream=False))

"""How messages of agents and models stand in views, wherever in a payload they are."""

from __future__ import annotations

from typing import Any

import pytest
from agent_framework import (
    AgentExecutorRequest,
    AgentResponse,
    AgentResponseUpdate,
    Content,
    Message,
    WorkflowEvent,
)

from wfsim.snapshot import view


def shown(*values: object) -> list[Any]:
    """What a view shows of outputs that hold these values, as data."""
    events = [WorkflowEvent("output", executor_id="x", data=item) for item in values]
    return [line.details[0][1] for group in view(events).groups for line in group.lines]


def message(*contents: Any, author: str | None = None, **more: Any) -> Message:
    """What an assistant says."""
    return Message(role="assistant", contents=list(contents), author_name=author, **more)


CALL = Content.from_function_call(call_id="call_Xy", name="f", arguments='{"a": 1}')


NAME = "assistant <message:1>"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (message("hi"), {NAME: "hi"}),
        (message("hi", author="Ann"), {"assistant Ann <message:1>": "hi"}),
        (message("a", "b"), {NAME: ["a", "b"]}),
        (message(), {NAME: []}),
        (message(CALL), {NAME: [{"arguments": {"a": 1}, "as": "<call:1>", "calls": "f"}]}),
        (
            message(Content.from_function_result(call_id="z", result="r")),
            {NAME: [{"of": "<call:1>", "result": "r"}]},
        ),
        (
            message(Content.from_function_call(call_id="z", name="f", arguments="{broken")),
            {NAME: [{"arguments": "{broken", "as": "<call:1>", "calls": "f"}]},
        ),
        (
            message(Content.from_text("hi", additional_properties={"lang": "en", "_by": "us"})),
            {
                NAME: [
                    {"additional_properties": {"lang": "en"}, "content": "text", "text": "hi"},
                ]
            },
        ),
        (
            message("hi", additional_properties={"mood": "good"}),
            {"additional_properties": {"mood": "good"}, NAME: "hi"},
        ),
        (AgentResponse(messages=[message("hi")]), {"AgentResponse": [{NAME: "hi"}]}),
        (
            AgentResponse(messages=[], usage_details={"input_token_count": 3}),
            {"AgentResponse": [], "usage_details": {"input_token_count": 3}},
        ),
        (
            [AgentResponseUpdate(contents=[Content.from_text("hi")], role="assistant")],
            [{"AgentResponseUpdate": ["hi"], "by": "assistant"}],
        ),
        (
            AgentExecutorRequest(messages=[message("hi")], should_respond=True),
            {"type": "AgentExecutorRequest", "messages": [{NAME: "hi"}], "should_respond": True},
        ),
    ],
)
def test_messages_and_their_kin(value: object, expected: object) -> None:
    """Who says what, calls by number, and of everything else only what is said."""
    assert shown(value) == [expected]


def test_ids_and_dates_of_messages_do_not_matter() -> None:
    """Messages and responses that differ in these only look the same."""
    one, other = (
        AgentResponse(messages=[message("hi", message_id=mark)], response_id=mark, created_at=mark)
        for mark in ("m-1", "m-2")
    )
    assert shown(one) == shown(other)


def test_a_message_is_shown_once() -> None:
    """The second time it goes by its name; one of the same words by an author is another."""
    assert shown([message("hi"), message("hi"), message("hi", author="Ann")]) == [
        [{NAME: "hi"}, "<message:1>", {"assistant Ann <message:2>": "hi"}]
    ]


def test_a_text_that_looks_like_a_name() -> None:
    """It is written with a backslash, so that nobody takes it for a message."""
    assert shown("<message:1>") == [r"\<message:1>"]


def pieces(*texts: str, role: Any = "assistant") -> list[AgentResponseUpdate]:
    """Updates of one message."""
    return [
        AgentResponseUpdate(contents=[Content.from_text(text)], role=role, message_id=role)
        for text in texts
    ]


def test_pieces_of_a_stream() -> None:
    """Updates make one fact, with what each message was made of; the whole message refers to it."""
    stream = [*pieces("a", "b"), *pieces("c", role="user")]
    assert shown(*stream, message("ab")) == [
        [{NAME: ["a", "b"]}, {"user <message:2>": ["c"]}],
        "<message:1>",
    ]


def test_the_same_words_in_a_stream_again() -> None:
    """A message that was shown, and comes once more in pieces, is shown in these pieces."""
    assert shown(message("ab"), *pieces("a", "b")) == [
        {NAME: "ab"},
        {"assistant like <message:1>": ["a", "b"]},
    ]


def test_how_a_reply_was_cut_matters() -> None:
    """The same words in other pieces: another view."""
    assert shown(*pieces("ab", "c")) != shown(*pieces("a", "bc"))


def test_an_unusual_end_of_a_stream() -> None:
    """A reply that stopped for want of room says so, one that came to its end does not."""
    usual, short = (
        AgentResponseUpdate(
            contents=[], role="assistant", message_id="assistant", finish_reason=reason
        )
        for reason in ("stop", "length")
    )
    assert shown(*pieces("a"), usual) == shown(*pieces("a"))
    assert shown(*pieces("a"), short) == [
        {NAME: ["a"], "endings": [{"finish_reason": "length"}]},
    ]

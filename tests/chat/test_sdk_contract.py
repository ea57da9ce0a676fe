"""What wfsim.chat takes for granted of agent_framework; a release that moves it fails here."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from typing import Any

import pytest
from agent_framework import (
    BaseChatClient,
    ChatResponse,
    ChatResponseUpdate,
    Content,
    FunctionTool,
    Message,
    ResponseStream,
    normalize_tools,
)
from agent_framework.exceptions import ChatClientException

from tests.chat.support import RealClient, Verdict, get_weather, run, says, user
from wfsim.chat._sdk import with_model_wrapped


def test_a_client_asks_its_model_in_one_method() -> None:
    """`get_response` ends in `_inner_get_response`, with these arguments by name."""
    assert "_inner_get_response" in BaseChatClient.__abstractmethods__
    parameters = inspect.signature(BaseChatClient._inner_get_response).parameters
    assert list(parameters)[:4] == ["self", "messages", "stream", "options"]
    asked: list[dict[str, Any]] = []

    def wrap(ask: Any) -> Any:
        def asks(**given: Any) -> Any:
            asked.append(given)
            return ask(**given)

        return asks

    client = with_model_wrapped(RealClient(says(Content.from_text("a"))), wrap)
    run(client.get_response(user("Hi"), options={"instructions": "Be brief."}))
    (given,) = asked
    assert given["stream"] is False
    assert given["options"]["instructions"] == "Be brief."
    assert [message.text for message in given["messages"]] == ["Hi"]


def test_instructions_come_as_an_option() -> None:
    """An agent's instructions are an option of the request, no message."""
    seen: list[Any] = []

    class Client(RealClient):
        def _inner_get_response(self, **given: Any) -> Any:
            seen.append(given)
            return super()._inner_get_response(**given)

    run(Client(says(Content.from_text("a"))).as_agent(instructions="Be brief.").run("Hi"))
    assert seen[0]["options"]["instructions"] == "Be brief."
    assert [message.role for message in seen[0]["messages"]] == ["user"]


def test_tools_tell_their_schema() -> None:
    """Tools have a name, and a schema, of a pydantic model or on their own."""
    assert get_weather.name == "get_weather"
    assert get_weather.input_model is not None
    assert set(get_weather.parameters()["properties"]) == {"city", "unit"}
    schema = {"type": "object", "properties": {}}
    bare = FunctionTool(name="x", description="", func=lambda: "", input_model=schema)
    assert bare.input_model is None
    assert bare.parameters() == schema
    (made,) = normalize_tools(lambda: "x")
    assert isinstance(made, FunctionTool)


def test_updates_make_a_response() -> None:
    """Updates of one message id join their text, calls and usage."""
    envelope: dict[str, Any] = {"role": "assistant", "message_id": "m", "response_id": "r"}
    pieces = [
        Content.from_text("a"),
        Content.from_text(" b"),
        Content.from_function_call("c", "f", arguments='{"a":'),
        Content.from_function_call("c", "", arguments="1}"),
        Content.from_usage({"input_token_count": 3}),
    ]
    updates = [ChatResponseUpdate(contents=[piece], **envelope) for piece in pieces]
    response: ChatResponse[Any] = ChatResponse.from_updates(updates)
    (message,) = response.messages
    assert [(item.type, item.text, item.name, item.arguments) for item in message.contents] == [
        ("text", "a b", None, None),
        ("function_call", None, "f", '{"a":1}'),
    ]
    assert response.usage_details == {"input_token_count": 3}


def test_streams_finish_with_what_the_finalizer_makes() -> None:
    """A stream hands its updates to the finalizer, also where somebody reads it piece by piece."""

    async def updates() -> AsyncIterator[ChatResponseUpdate]:
        yield ChatResponseUpdate(contents=[Content.from_text("a")], role="assistant")

    async def read() -> tuple[int, Any]:
        stream = ResponseStream(updates(), finalizer=len)
        assert [update.text async for update in stream] == ["a"]
        again = ResponseStream(updates(), finalizer=len)
        return await stream.get_final_response(), await again.get_final_response()

    assert run(read()) == (1, 1)


def test_structured_replies_are_parsed_from_text() -> None:
    """The framework parses the text of a response by its format, a model or a mapping."""
    text = Message("assistant", ['{"spam":true,"reason":"x"}'])
    typed: ChatResponse[Any] = ChatResponse(messages=[text], response_format=Verdict)
    assert typed.value == Verdict(spam=True, reason="x")
    plain: ChatResponse[Any] = ChatResponse(messages=[text], response_format={"type": "object"})
    assert plain.value == {"spam": True, "reason": "x"}


def test_errors_of_clients_have_one_base() -> None:
    """What providers raise is a ChatClientException, made of a text."""
    with pytest.raises(ChatClientException, match=r"^busy$"):
        raise ChatClientException("busy")
    assert ChatClientException("busy", OSError("x")).args[0] == "busy"


def test_approvals_carry_the_call() -> None:
    """Requests and responses about approval have the call in them, by which it is quoted."""
    call = Content.from_function_call("c", "f", arguments="{}")
    asked = Content.from_function_approval_request(id="a", function_call=call)
    given = asked.to_function_approval_response(approved=False)
    assert (asked.type, given.type) == ("function_approval_request", "function_approval_response")
    assert asked.function_call is not None
    assert given.function_call is not None
    assert given.approved is False


def test_a_message_can_be_copied() -> None:
    """All that a message is stands in its attributes."""
    message = Message("user", ["a"], author_name="Ann")
    made = object.__new__(Message)
    made.__dict__ = {**vars(message), "contents": list(message.contents)}
    message.contents.clear()
    assert (made.text, made.role, made.author_name) == ("a", "user", "Ann")
    assert made.to_dict()["contents"]

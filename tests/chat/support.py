"""A virtual loop, tools and a "real" client that the tests of scripted chat clients share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar

from agent_framework import (
    BaseChatClient,
    ChatMiddlewareLayer,
    ChatResponse,
    ChatResponseUpdate,
    Content,
    FunctionInvocationLayer,
    Message,
    ResponseStream,
    tool,
)
from agent_framework.observability import ChatTelemetryLayer
from pydantic import BaseModel, Field

from wfsim.clock import VirtualClock
from wfsim.loop import VirtualLoop

T = TypeVar("T")


def run(work: Awaitable[T]) -> T:
    """Await something in virtual time."""
    loop = VirtualLoop(VirtualClock())

    async def awaited() -> T:
        return await work

    try:
        result: T = loop.run_until_complete(awaited())
        return result
    finally:
        loop.close()


def user(text: str) -> list[Message]:
    """What a user says."""
    return [Message("user", [text])]


class Verdict(BaseModel):
    """A structured reply."""

    spam: bool
    reason: Annotated[str, Field(min_length=1)]
    score: int = 0


@tool(approval_mode="never_require")
def get_weather(city: str, unit: Literal["celsius", "fahrenheit"] = "celsius") -> str:
    """Tell the weather."""
    return f"Sunny in {city}, 22 degrees {unit}"


@tool(approval_mode="always_require")
def send_mail(to: str) -> str:
    """Send a mail."""
    return f"sent to {to}"


class RealClient(
    FunctionInvocationLayer[Any],
    ChatMiddlewareLayer[Any],
    ChatTelemetryLayer[Any],
    BaseChatClient[Any],
):
    """Answers as a provider does: `answers` holds responses, and exceptions to raise."""

    def __init__(self, *answers: Sequence[ChatResponseUpdate] | Exception, **options: Any) -> None:
        super().__init__(**options)
        self.answers = list(answers)
        self.asked = 0

    def _inner_get_response(
        self, *, messages: Sequence[Message], stream: bool, options: Mapping[str, Any], **_: Any
    ) -> Awaitable[ChatResponse[Any]] | ResponseStream[ChatResponseUpdate, ChatResponse[Any]]:
        answer = self.answers[self.asked]
        self.asked += 1
        form = options.get("response_format")
        if stream:
            return self._build_response_stream(_streamed(answer), response_format=form)
        return _whole(answer, form)


async def _whole(answer: Sequence[ChatResponseUpdate] | Exception, form: Any) -> ChatResponse[Any]:
    if isinstance(answer, Exception):
        raise answer
    return ChatResponse.from_updates(answer, output_format_type=form)


async def _streamed(
    answer: Sequence[ChatResponseUpdate] | Exception,
) -> AsyncIterator[ChatResponseUpdate]:
    if isinstance(answer, Exception):
        raise answer
    for update in answer:
        yield update


def says(*contents: Content, finish_reason: str = "stop") -> list[ChatResponseUpdate]:
    """What a provider's stream brings: an update for each content."""
    made: Callable[..., ChatResponseUpdate] = ChatResponseUpdate
    envelope = {"role": "assistant", "message_id": "m", "response_id": "r"}
    updates = [made(contents=[content], **envelope) for content in contents]
    return [*updates, made(contents=[], finish_reason=finish_reason, **envelope)]

"""A chat client that answers from a script, a full citizen of Agent Framework."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from types import TracebackType
from typing import Any, ClassVar, Self

from agent_framework import (
    BaseChatClient,
    ChatMiddlewareLayer,
    ChatResponse,
    ChatResponseUpdate,
    FunctionInvocationLayer,
    Message,
    ResponseStream,
)
from agent_framework.observability import ChatTelemetryLayer

from wfsim.chat.play import play
from wfsim.chat.request import ChatRequest
from wfsim.chat.script import Script, as_script
from wfsim.chat.sources import ScriptSource

__all__ = ["ScriptedChatClient"]


class ScriptedChatClient(
    FunctionInvocationLayer[Any],
    ChatMiddlewareLayer[Any],
    ChatTelemetryLayer[Any],
    BaseChatClient[Any],
):
    """A chat client whose model says what a script says.

    Everything around the model is the framework's own: the function-calling loop, middleware,
    streaming, `as_agent`, sessions. As a context manager it checks at the end that the script was
    used up, and raises again what the framework may have swallowed.

    Args:
        source: A `Script`, or what `Script` is made of.
        name: Whose script it is, for messages.
        options: What every chat client takes: `middleware`, `function_invocation_configuration`,
            `additional_properties`, `compaction_strategy`, `tokenizer`.

    Raises:
        UsageError: the source is nothing to make a script of.
        ScriptError: the script's file cannot be read, or is no script.
    """

    OTEL_PROVIDER_NAME: ClassVar[str] = "wfsim"
    DEFAULT_EXCLUDE: ClassVar[set[str]] = {*BaseChatClient.DEFAULT_EXCLUDE, "script"}

    def __init__(self, source: Script | ScriptSource, *, name: str = "", **options: Any) -> None:  # noqa: ANN401 - the framework's own
        super().__init__(**options)
        self.script = as_script(source, name=name)
        """What the model says, and what became of it."""
        self.model = "scripted"
        """The model's name in responses."""

    @property
    def requests(self) -> list[ChatRequest]:
        """Every request to the model, oldest first."""
        return self.script.requests

    def verify(self) -> None:
        """Check that the script and the requests fit.

        Raises:
            ScriptError: something did not fit, or a turn was never used.
        """
        self.script.verify()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        problems = self.script.problems
        if error is None:
            self.verify()
        elif problems and error not in problems:
            # The script's problem is often why the test failed, and the framework swallowed it.
            error.add_note(f"Before this, wfsim raised:\n{problems[0]}")

    def _inner_get_response(
        self,
        *,
        messages: Sequence[Message],
        stream: bool,
        options: Mapping[str, Any],
        **_: Any,  # noqa: ANN401 - what a client's own method takes
    ) -> Awaitable[ChatResponse[Any]] | ResponseStream[ChatResponseUpdate, ChatResponse[Any]]:
        return play(self.script, self, messages=messages, stream=stream, options=options)

"""Answers one request to a model from a script."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence
from typing import Any

from agent_framework import ChatResponse, ChatResponseUpdate, Message, ResponseStream

from wfsim.chat.answers import Envelope, finished, pieces
from wfsim.chat.script import Script, Taken
from wfsim.chat.times import length_us, now, passes
from wfsim.chat.turns import Fail

__all__ = ["play"]

_MODEL = "scripted"


def play(
    script: Script,
    client: object,
    *,
    messages: Sequence[Message],
    stream: bool,
    options: Mapping[str, Any],
    agent: str = "",
) -> Awaitable[ChatResponse[Any]] | ResponseStream[ChatResponseUpdate, ChatResponse[Any]]:
    """Return what a client's `_inner_get_response` returns, from a script.

    Nothing happens before the result is awaited, or the stream iterated, as with real clients.

    Args:
        script: Whose next turn answers.
        client: The client that was asked; its `model` is in the response.
        messages: The conversation.
        stream: Whether to return a stream instead of an awaitable.
        options: The request's options: instructions, tools, response_format and so on.
        agent: Who asks, where the caller knows better than the script.

    Returns:
        An awaitable, or a stream. Either raises ScriptError where the script has no turn that fits
        the request, and what a `Fail` says.
    """
    model = getattr(client, "model", None)
    player = _Player(script, messages, options, agent, model if isinstance(model, str) else _MODEL)
    if not stream:
        return player.response()
    response_format = options.get("response_format")

    def finalizer(updates: Sequence[ChatResponseUpdate]) -> ChatResponse[Any]:
        return ChatResponse.from_updates(updates, output_format_type=response_format)

    return ResponseStream(player.updates(), finalizer=finalizer)


class _Player:
    def __init__(
        self,
        script: Script,
        messages: Sequence[Message],
        options: Mapping[str, Any],
        agent: str,
        model: str,
    ) -> None:
        self._script = script
        # Taken as they are now: the function loop goes on to use the same list and mapping.
        self._messages, self._options = list(messages), dict(options)
        self._agent = agent
        self._model = model

    async def _take(self, *, stream: bool) -> Taken:
        taken = await self._script.take(
            self._messages, self._options, stream=stream, agent=self._agent
        )
        await passes(length_us(taken.turn.takes, what="takes"))
        return taken

    def _envelope(self, taken: Taken) -> Envelope:
        return Envelope(taken, model=self._model, created=now())

    async def response(self) -> ChatResponse[Any]:
        """Return the whole answer."""
        taken = await self._take(stream=False)
        turn = taken.turn
        self._script.complete(taken)
        if isinstance(turn, Fail):
            raise turn.exception()
        response_format = self._options.get("response_format")
        return self._envelope(taken).response(turn, taken.call_ids, response_format)

    async def updates(self) -> AsyncGenerator[ChatResponseUpdate]:
        """Yield the answer piece by piece."""
        taken = await self._take(stream=True)
        turn, envelope = taken.turn, self._envelope(taken)
        pause_us = length_us(turn.chunk_takes, what="chunk_takes")
        for index, contents in enumerate(pieces(turn, taken.call_ids)):
            if index:
                await passes(pause_us)
            yield envelope.update(contents)
        self._script.complete(taken)
        if isinstance(turn, Fail):
            raise turn.exception()
        yield envelope.update(finished(turn), finish_reason=turn.finish_reason)

"""Turns as the framework's content: whole for a response, cut into pieces for a stream."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, cast

from agent_framework import ChatResponse, ChatResponseUpdate, Content, Message

from wfsim.chat.pieces import Chunks, cut
from wfsim.chat.script import Taken
from wfsim.chat.turns import Fail, Reply, ToolCall, ToolCalls
from wfsim.clock import iso, to_us

__all__ = ["Envelope", "finished", "pieces"]


class Envelope:
    """What everything of one response has in common: ids, model, date.

    Args:
        taken: The request, and the turn that answers it.
        model: The model's name.
        created: Which instant of virtual time the answer is from.
    """

    def __init__(self, taken: Taken, *, model: str, created: datetime) -> None:
        request = taken.request
        # Workflows sort updates of several agents by these ids, so two scripts must not share
        # them; and no uuid, so that they are the same in every run.
        last = request.messages[-1].text if request.messages else ""
        said = f"{request.agent}\n{request.instructions}\n{len(request.messages)}\n{last}"
        digest = hashlib.sha256(said.encode()).hexdigest()[:8]
        self._message_id = f"message-{request.number}-{digest}"
        self._fields: dict[str, Any] = {
            "response_id": f"response-{request.number}-{digest}",
            "model": model,
            "created_at": iso(to_us(created)),
        }

    def update(
        self, contents: Sequence[Content], *, finish_reason: str | None = None
    ) -> ChatResponseUpdate:
        """Return one update of a stream."""
        return ChatResponseUpdate(
            contents=contents,
            role="assistant",
            message_id=self._message_id,
            finish_reason=cast("Any", finish_reason),
            **self._fields,
        )

    def response(
        self, turn: Reply | ToolCalls, call_ids: Sequence[str], response_format: object
    ) -> ChatResponse[Any]:
        """Return the whole response, the same as all updates make together."""
        contents = [item for part in _parts(turn, call_ids, whole=True) for item in part]
        return ChatResponse(
            messages=[Message("assistant", contents, message_id=self._message_id)],
            finish_reason=cast("Any", turn.finish_reason),
            usage_details=cast("Any", dict(turn.usage)) if turn.usage else None,
            response_format=cast("Any", response_format),
            **self._fields,
        )


def pieces(turn: Reply | ToolCalls | Fail, call_ids: Sequence[str]) -> list[list[Content]]:
    """Return the content of a turn as a stream brings it."""
    if isinstance(turn, Fail):
        texts = cut(turn.text, turn.chunks)[: turn.after_chunks]
        return [[Content.from_text(text)] for text in texts]
    return list(_parts(turn, call_ids, whole=False))


def _parts(
    turn: Reply | ToolCalls, call_ids: Sequence[str], *, whole: bool
) -> Iterator[list[Content]]:
    for text in _cut(turn.reasoning, None, whole=whole):
        yield [Content.from_text_reasoning(text=text)]
    if isinstance(turn, Reply):
        # Even who says nothing says it in a message; without content there would be none.
        silence = [] if turn.contents else [""]
        for text in _cut(turn.text, turn.chunks, whole=whole) or silence:
            yield [Content.from_text(text)]
        yield from _further(turn)
        return
    for text in _cut(turn.text, None, whole=whole):
        yield [Content.from_text(text)]
    yield from _further(turn)
    for call, call_id in zip(turn.calls, call_ids, strict=True):
        yield from _call_pieces(call, call.id or call_id, None if whole else turn.chunks)


def _further(turn: Reply | ToolCalls) -> Iterator[list[Content]]:
    if turn.contents:
        # A copy: the framework writes into the content that it is given.
        yield [copy.deepcopy(cast("Content", item)) for item in turn.contents]


def _cut(text: str, chunks: Chunks | None, *, whole: bool) -> list[str]:
    if whole:
        return [text] if text else []
    return cut(text, chunks)


def _call_pieces(call: ToolCall, call_id: str, size: int | None) -> Iterator[list[Content]]:
    # Only the first piece has the name, as it is with providers; the id is on all of them.
    texts = cut(call.json, size) if size is not None else [call.json]
    for index, text in enumerate(texts or [""]):
        name = "" if index else call.name
        yield [Content.from_function_call(call_id, name, arguments=text)]


def finished(turn: Reply | ToolCalls) -> list[Content]:
    """Return what comes last: the tokens that were used."""
    return [Content.from_usage(cast("Any", dict(turn.usage)))] if turn.usage else []

"""Stable views of agents' conversations: a dialogue, each request and response below its time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from wfsim.agents.conversations import Conversation, ConversationEntry, ConversationMessage
from wfsim.clock import to_us
from wfsim.snapshot.naming import Run
from wfsim.snapshot.rules import Rules
from wfsim.snapshot.view import Fact, Recorded, register

__all__ = ["conversations"]

_WIDTH = 10
_TYPE: Final = "$type"
_EMPTY: Final[tuple[object, ...]] = (None, "", [], {})
_MS: Final = 1_000

Details = tuple[tuple[str, object], ...]
_Above = tuple[str | int, ...]


@register(Conversation)
def conversations(values: Sequence[Conversation], rules: Rules) -> Recorded:  # noqa: ARG001 - a builder
    """Return the facts of conversations; several stand one below the other.

    The version of the schema in which they are stored is left out.
    """
    entries = [entry for value in values for entry in value.entries]
    times = [_instant(entry) for entry in entries]
    facts = [
        fact
        for number, value in enumerate(values, 1)
        for fact in _Reader((f"conversation {number}",) if len(values) > 1 else ()).facts(value)
    ]
    run = Run(start_us=min(times, default=0), end_us=max(times, default=0))
    return Recorded(kind="conversation", facts=facts, run=run, width=_WIDTH)


class _Reader:
    def __init__(self, above: _Above) -> None:
        self._above = above
        self._calls: dict[str, str] = {}

    def facts(self, conversation: Conversation) -> Iterator[Fact]:
        for entry in conversation.entries:
            headings = (*self._above, _instant(entry), _title(entry))
            facts = [fact for message in entry.messages for fact in self._said(message, headings)]
            yield from facts
            if entry.usage is not None:
                usage = {name.removesuffix("TokenCount"): n for name, n in entry.usage.items()}
                yield Fact(headings=headings, what="usage", details=(("tokens", usage),))
            elif not facts:
                yield Fact(headings=headings, what="(nothing)")

    def _said(self, message: ConversationMessage, headings: _Above) -> Iterator[Fact]:
        what, author = message.role, message.author
        for content in message.contents or ({},):
            number, said, details = self._content(content)
            yield Fact(
                headings=headings,
                what=what,
                number=number,
                said=" ".join(filter(None, (author, said))),
                details=details,
            )
            what, author = "…", ""  # the same message goes on

    def _content(self, content: Mapping[str, Any]) -> tuple[str, str, Details]:
        """Return the number of the call that a content is about, what it does, and what it says."""
        details: Details
        match content.get(_TYPE):
            case "text":
                return "", "", (("text", content.get("text", "")), *_rest(content, "text"))
            case "functionCall":
                details = (("arguments", _parsed(content.get("arguments"))),)
                said = f"calls {content.get('name')}"
                return self._call(content), said, (*details, *_rest(content, "arguments", "name"))
            case "functionResult":
                details = (("result", content.get("result")), *_rest(content, "result"))
                return self._call(content), "gets", details
            case "error":
                said = f"fails {content.get('errorCode') or ''}".rstrip()
                details = (("message", content.get("message")),)
                return "", said, (*details, *_rest(content, "message", "errorCode"))
            case None:
                return "", "nothing", ()
            case kind:
                return "", str(kind), _rest(content)

    def _call(self, content: Mapping[str, Any]) -> str:
        """Return the number of a call: its id is chance."""
        call_id = content.get("callId")
        if not call_id:
            return ""
        return self._calls.setdefault(str(call_id), str(len(self._calls) + 1))


def _instant(entry: ConversationEntry) -> int:
    # Who reads a virtual clock twice at one instant is told of microseconds that mean nothing.
    return to_us(entry.at) // _MS * _MS


def _title(entry: ConversationEntry) -> str:
    asked = f" by {entry.orchestration_id}" if entry.orchestration_id else ""
    return f"{entry.kind} {entry.correlation_id}{asked}".rstrip()


def _rest(content: Mapping[str, Any], *said: str) -> tuple[tuple[str, object], ...]:
    """Return what else a content says."""
    rest = {
        key: value
        for key, value in content.items()
        if key not in {_TYPE, "callId", *said} and value not in _EMPTY
    }
    return (("besides", rest),) if rest else ()


def _parsed(text: object) -> object:
    if not isinstance(text, str):
        return text
    try:
        value: object = json.loads(text)
    except ValueError:
        return text
    return cast("object", value) if isinstance(value, dict) else text

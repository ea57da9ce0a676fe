"""Conversations of agents, as the durable agent entity stores them (its schema 1.x, camelCase)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

__all__ = ["Conversation", "ConversationEntry", "ConversationMessage", "conversation_of"]

_WIDTH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationMessage:
    """One message of a conversation."""

    role: str
    """Such as "user", "assistant", "tool"."""
    text: str
    """Its texts, joined; empty for calls of tools and their results."""
    contents: tuple[Mapping[str, Any], ...]
    """Its contents as they are stored; `$type` tells "text", "functionCall", "error" and others."""
    author: str = ""
    """The agent's name, where it is stored."""

    def __str__(self) -> str:
        parts = [shown for item in self.contents if (shown := _shown(item))]
        return f"{self.role}: {' '.join(parts)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationEntry:
    """One request to an agent, or its response."""

    kind: Literal["request", "response"]
    correlation_id: str
    """Ties a response to its request."""
    at: datetime
    """When it was made, in virtual time."""
    messages: tuple[ConversationMessage, ...]
    orchestration_id: str = ""
    """The orchestration that asked; empty for other callers."""
    usage: Mapping[str, int] | None = None
    """Tokens, such as `inputTokenCount`; of responses only."""

    @property
    def is_error(self) -> bool:
        """Whether the agent failed: the entity stores the error as its response."""
        return any(item.get("$type") == "error" for msg in self.messages for item in msg.contents)

    @property
    def text(self) -> str:
        """The texts of its messages, line by line."""
        return "\n".join(message.text for message in self.messages if message.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """All that one session of an agent remembers; `print` shows it as a dialogue."""

    entries: tuple[ConversationEntry, ...]
    schema_version: str = ""

    @property
    def messages(self) -> tuple[ConversationMessage, ...]:
        """The messages of all entries, oldest first."""
        return tuple(message for entry in self.entries for message in entry.messages)

    def __str__(self) -> str:
        return "\n".join(map(str, self.messages))


def conversation_of(state: object) -> Conversation:
    """Return the conversation in an agent entity's state; an empty one for no state.

    Args:
        state: The state as JSON values.
    """
    stored = cast("dict[str, Any]", state) if isinstance(state, dict) else {}
    data = cast("dict[str, Any]", stored.get("data") or {})
    history = cast("Sequence[Mapping[str, Any]]", data.get("conversationHistory") or ())
    return Conversation(
        entries=tuple(map(_entry, history)),
        schema_version=str(stored.get("schemaVersion", "")),
    )


def _entry(item: Mapping[str, Any]) -> ConversationEntry:
    return ConversationEntry(
        kind="request" if item.get("$type") == "request" else "response",
        correlation_id=str(item.get("correlationId") or ""),
        at=datetime.fromisoformat(str(item["createdAt"])),
        messages=tuple(_message(message) for message in item.get("messages") or ()),
        orchestration_id=str(item.get("orchestrationId") or ""),
        usage=item.get("usage"),
    )


def _message(item: Mapping[str, Any]) -> ConversationMessage:
    contents: tuple[Mapping[str, Any], ...] = tuple(item.get("contents") or ())
    texts = [str(part.get("text", "")) for part in contents if part.get("$type") == "text"]
    return ConversationMessage(
        role=str(item.get("role", "")),
        text="".join(texts),
        contents=contents,
        author=str(item.get("authorName") or ""),
    )


def _shown(content: Mapping[str, Any]) -> str:
    match content.get("$type"):
        case "text":
            return str(content.get("text", ""))
        case "functionCall":
            return f"→ {content.get('name')}({_short(content.get('arguments'))})"
        case "functionResult":
            return f"← {_short(content.get('result'))}"
        case "error":
            return f"✗ {content.get('errorCode') or 'error'}: {content.get('message')}"
        case "reasoning":
            return f"({content.get('text', '')})"
        case "usage":
            return ""
        case other:
            return f"[{other}]"


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"

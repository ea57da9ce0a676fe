"""Requests to entities and their answers, read from the events that carry them (semantics 7.4)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, cast

from wfsim.history.events import EventRaised, EventSent
from wfsim.history.jsontext import shown, unwrap

__all__ = ["EntityAnswer", "EntityRequestText", "answer_of", "request_of", "shown_input"]

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityRequestText:
    """What an orchestration asked of an entity, for people."""

    request_id: str
    operation: str
    input: str
    """Empty where it is null."""
    is_signal: bool
    full: str | None
    """The input's JSON text as the host stores it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityAnswer:
    """What an entity answered to a call, for people."""

    request_id: str
    result: str
    """JSON, or the text of the operation's exception."""
    is_failure: bool
    full: str
    """The result's JSON text."""


def request_of(event: EventSent) -> EntityRequestText | None:
    """Return the request that an event carries, or None if it carries something else."""
    body = _object(event.input)
    if body is None or not isinstance(body.get("id"), str):
        return None
    return EntityRequestText(
        request_id=body["id"],
        operation=str(body.get("op")),
        input=shown_input(body.get("input")),
        is_signal=bool(body.get("signal")),
        full=body.get("input"),
    )


def answer_of(event: EventRaised) -> EntityAnswer | None:
    """Return the answer that an event carries, or None for an event that somebody raised."""
    body = _object(event.input) if _GUID.fullmatch(event.name) else None
    if body is None or not isinstance(body.get("result"), str):
        return None
    text, is_failure = body["result"], "exceptionType" in body
    return EntityAnswer(
        request_id=event.name,
        result=_message(text) if is_failure else shown(text),
        is_failure=is_failure,
        full=text,
    )


def shown_input(text: str | None, *, width: int = 100) -> str:
    """Return an operation's input for people; nothing where it is null."""
    return "" if unwrap(text) is None else shown(text, wrapped=True, width=width)


def _message(text: str) -> str:
    # The host's own failures, such as timeouts, are no JSON (semantics 7.3).
    try:
        return str(json.loads(text))
    except ValueError:
        return text


def _object(text: str | None) -> dict[str, Any] | None:
    try:
        body = json.loads(text or "")
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", body) if isinstance(body, dict) else None

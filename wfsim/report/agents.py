"""What agents are asked and answer, in words: on the wire it is JSON within JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from wfsim.history.jsontext import unwrap
from wfsim.history.printable import printable

__all__ = ["answered", "asked", "is_agent"]

_PREFIX: Final = "@dafx-"
_RUNS: Final = {"run", "run_agent"}
_WIDEST: Final = 200


def is_agent(entity_id: str, operation: str = "run") -> bool:
    """Whether an entity is a session of Agent Framework, and the operation lets its agent run."""
    return entity_id.startswith(_PREFIX) and operation in _RUNS


def asked(text: str | None) -> str | None:
    """Return the message in a request to an agent, quoted; None if it is no such request.

    Args:
        text: JSON text as the host stores an operation's input.
    """
    request: object = unwrap(text)
    if not isinstance(request, dict):
        return None
    message = cast("dict[str, Any]", request).get("message")
    return _quoted(message) if isinstance(message, str) else None


def answered(text: str | None) -> tuple[str, bool] | None:
    """Return what an agent's response says, and whether it is an error.

    Args:
        text: JSON text of the operation's result.

    Returns:
        None if it is no agent's response.
    """
    try:
        response: object = json.loads(text or "")
    except ValueError:
        return None
    if not isinstance(response, dict):
        return None
    messages = cast("dict[str, Any]", response).get("messages")
    if not isinstance(messages, list):
        return None
    contents = [
        item
        for message in cast("Sequence[Mapping[str, Any]]", messages)
        for item in cast("Sequence[Mapping[str, Any]]", message.get("contents") or ())
    ]
    return ", ".join(_words(contents)) or "nothing", any(
        item.get("type") == "error" for item in contents
    )


def _words(contents: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    text = ""
    for item in contents:
        if item.get("type") == "text":
            text += str(item.get("text", ""))
            continue
        if text:
            yield _quoted(text)
            text = ""
        match item.get("type"):
            case "function_call":
                yield printable(f"calls {item.get('name')}")
            case "error":
                yield printable(f"{item.get('error_code') or 'error'}: {item.get('message')}")
            case _:
                pass  # results of tools, usage, reasoning
    if text:
        yield _quoted(text)


def _quoted(text: str) -> str:
    shown = printable(json.dumps(text, ensure_ascii=False))
    return shown if len(shown) <= _WIDEST else f"{shown[: _WIDEST - 1]}…"

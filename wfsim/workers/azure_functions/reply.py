"""The SDK's answer to one episode (semantics 1.4, 1.5)."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, cast

from wfsim.history.jsontext import write

__all__ = ["Action", "Reply", "from_error", "from_text"]

_LABEL = "\n\n$OutOfProcData$:"

Action = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the SDK said."""

    actions: list[Action]
    is_done: bool
    output: str | None
    """JSON text of the output; None when there is none."""
    custom_status: Any
    """The value; None when the reply has none."""
    schema: int
    error: str | None = None
    """What the orchestrator raised."""
    exception: BaseException | None = None
    """The user's exception, or the SDK's own."""
    is_labelled: bool = True
    """False when the SDK itself broke: then the host sees no actions at all."""


def from_text(text: str) -> Reply:
    """Read a reply."""
    state: dict[str, Any] = json.loads(text)
    lists = cast("list[list[Action]]", state["actions"])
    return Reply(
        actions=lists[0] if lists else [],
        is_done=state["isDone"],
        output=write(state["output"]) if "output" in state else None,
        custom_status=state.get("customStatus"),
        schema=state.get("schemaVersion", 0),
        error=state.get("error"),
    )


def from_error(error: Exception) -> Reply:
    """Read what the SDK raised: a reply inside the text, or a failure of its own."""
    _, label, state = str(error).partition(_LABEL)
    if not label:
        return Reply(
            actions=[],
            is_done=False,
            output=None,
            custom_status=None,
            schema=0,
            error=str(error),
            exception=error,
            is_labelled=False,
        )
    return replace(from_text(state), exception=error.__cause__ or error)

"""The SDK's answer to one episode (semantics 1.4, 1.5)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ParamSpec, cast

from wfsim.history.jsontext import write
from wfsim.quick import quick

__all__ = ["Action", "Reply", "called", "from_error", "from_text", "reply_of"]

_P = ParamSpec("_P")

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

    def with_actions(self, actions: list[Action]) -> Reply:
        """Return the same with other actions; quicker than `replace`, for there are many."""
        return reply_of(
            actions=actions,
            is_done=self.is_done,
            output=self.output,
            custom_status=self.custom_status,
            schema=self.schema,
            error=self.error,
            exception=self.exception,
            is_labelled=self.is_labelled,
        )


reply_of = quick(Reply)
"""What the constructor does."""


def called(run: Callable[_P, Reply], *args: _P.args, **kwargs: _P.kwargs) -> Reply:
    """Return what the SDK answers, or raises."""
    try:
        return run(*args, **kwargs)
    except Exception as error:  # noqa: BLE001 - the SDK hands failures back by raising
        return from_error(error)


def from_text(text: str) -> Reply:
    """Read a reply."""
    state: dict[str, Any] = json.loads(text)
    lists = cast("list[list[Action]]", state["actions"])
    return reply_of(
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

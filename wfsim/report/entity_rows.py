"""Rows of those without a history: entities, agents' sessions, functions."""

from __future__ import annotations

from typing import Final, assert_never

from wfsim.history.messages import shown_input
from wfsim.report import agents
from wfsim.report.details import Detail, line_of
from wfsim.report.lanes import kind_of
from wfsim.report.names import readable
from wfsim.report.row import Kind, Row
from wfsim.trace import (
    EntityChanged,
    EntityOperated,
    EntityRequested,
    FunctionFinished,
    FunctionStarted,
)

__all__ = ["call_text", "entity_row", "function_row"]

_WIDEST_INPUT: Final = 60
"""Longest input of an entity's operation that stands in the middle of a line."""


def call_text(operation: str, given: str) -> str:
    """Return an entity's operation with its input as people write calls."""
    return f"{operation}({given})"


def entity_row(
    record: EntityRequested | EntityOperated | EntityChanged, *, since_us: int | None = None
) -> Row:
    """Return the row of something that happened to an entity.

    Args:
        record: What happened.
        since_us: When what ends with it had been asked for.
    """
    match record:
        case EntityRequested():
            return _requested(record)
        case EntityOperated():
            return _operated(record, 0 if since_us is None else record.at_us - since_us)
        case EntityChanged(state=None):
            return _row(record, "note", "deleted")
        case EntityChanged():
            return _row(record, "note", "state", Detail(name="state", text=record.state))
        case _:
            assert_never(record)


def _requested(record: EntityRequested) -> Row:
    sender = f" from {readable(record.caller)}" if record.caller else ""
    given = Detail(name="input", text=record.input, form="wrapped", in_line=False)
    message = (
        agents.asked(record.input)
        if agents.is_agent(record.instance_id, record.operation)
        else None
    )
    if message is not None:
        said = Detail(name="message", text=message, form="plain", in_line=False)
        return _row(record, "event", f"{message}{sender}", said, given)
    call = call_text(record.operation, shown_input(record.input, width=_WIDEST_INPUT))
    return _row(record, "event", f"{call}{sender}", given)


def _operated(record: EntityOperated, took_us: int) -> Row:
    response = agents.answered(record.result)
    if response is not None:
        words, is_error = response
        details = (
            Detail(name="answer", text=words, form="plain"),
            Detail(name="response", text=record.result, in_line=False),
        )
        kind: Kind = "bad" if is_error else "work"
        return _row(record, kind, "answers", *details, took_us=took_us)
    if record.failure is not None:
        text = f"{record.operation} failed: {record.failure}"
        failure = Detail(name="failure", text=record.failure, form="plain", in_line=False)
        return _row(record, "bad", text, failure, took_us=took_us)
    result = Detail(name="result", text=record.result, in_line=record.result != "null")
    return _row(record, "work", record.operation, result, arrow="→ ", took_us=took_us)


def function_row(record: FunctionStarted | FunctionFinished, *, since_us: int | None = None) -> Row:
    """Return the row of a function; it has no instance, so its name stands in the column.

    Args:
        record: What happened.
        since_us: When the invocation had begun.
    """
    match record:
        case FunctionStarted(trigger="httpTrigger"):
            return _function(record, "start", record.input)
        case FunctionStarted():
            trigger = record.trigger.removesuffix("Trigger")
            return _function(record, "start", trigger, Detail(name="input", text=record.input))
        case FunctionFinished():
            took_us = 0 if since_us is None else record.at_us - since_us
            if record.failure is None:
                result = Detail(name="result", text=record.result, in_line=False)
                return _function(record, "good", record.result or "done", result, took_us=took_us)
            text = f"failed: {' '.join(record.failure.split())}"
            failure = Detail(name="failure", text=record.failure, form="plain", in_line=False)
            return _function(record, "bad", text, failure, took_us=took_us)
        case _:
            assert_never(record)


def _row(
    record: EntityRequested | EntityOperated | EntityChanged,
    kind: Kind,
    text: str,
    *details: Detail,
    arrow: str = "",
    took_us: int = 0,
) -> Row:
    line = line_of(details)
    return Row(
        at_us=record.at_us,
        instance_id=record.instance_id,
        lane_kind=kind_of(record.instance_id),
        kind=kind,
        text=text,
        payload=f"{arrow}{line}" if line else "",
        details=details,
        took_us=took_us,
    )


def _function(
    record: FunctionStarted | FunctionFinished,
    kind: Kind,
    text: str,
    *details: Detail,
    took_us: int = 0,
) -> Row:
    return Row(
        at_us=record.at_us,
        instance_id=record.name,
        lane_kind="function",
        kind=kind,
        text=text,
        payload=line_of(details),
        details=details,
        took_us=took_us,
    )

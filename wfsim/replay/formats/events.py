"""History events as host, storage and `durabletask` write them: same fields, other cases."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, get_args

from wfsim.history import (
    EventRaised,
    EventSent,
    ExecutionCompleted,
    ExecutionResumed,
    ExecutionStarted,
    ExecutionSuspended,
    ExecutionTerminated,
    GenericEvent,
    HistoryEvent,
    OrchestratorCompleted,
    OrchestratorStarted,
    ParentInstance,
    RuntimeStatus,
    SubOrchestrationInstanceCompleted,
    SubOrchestrationInstanceCreated,
    SubOrchestrationInstanceFailed,
    TaskCompleted,
    TaskFailed,
    TaskScheduled,
    TimerCreated,
    TimerFired,
)
from wfsim.replay.formats.fields import Fields, as_object

__all__ = ["SKIPPED", "event_of", "kind_of"]

SKIPPED: Final = frozenset({"ContinueAsNew", "HistoryState", "ExecutionRewound"})
"""Events that have no part in a replay."""


_EVENTS: Final[Mapping[str, type[HistoryEvent]]] = {
    kind.__name__: kind for kind in get_args(HistoryEvent)
}


def kind_of(fields: Fields) -> str:
    """Return the name of an event's type, which may be written as its number, or with "Event".

    Raises:
        Damaged: there is no such type.
    """
    value = fields.need("EventType")
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        found = [name for name, kind in _EVENTS.items() if kind.type == value]
        if not found:
            raise fields.damaged(f"there is no EventType {value}")
        return found[0]
    text = str(value)
    if text not in _EVENTS and text.removesuffix("Event") in {*_EVENTS, *SKIPPED}:
        return text.removesuffix("Event")
    return fields.one_of("EventType", {*_EVENTS, *SKIPPED})


def event_of(fields: Fields) -> HistoryEvent | None:
    """Return an event; None for one that has no part in a replay.

    Raises:
        Damaged: its type is unknown, or a field is missing or of another type.
    """
    kind = kind_of(fields)
    if kind in SKIPPED:
        return None
    # Storage keeps the event's own time beside that of the row.
    at_us = fields.instant("_Timestamp", "Timestamp")
    match kind:
        case "OrchestratorStarted":
            return OrchestratorStarted(at_us=at_us)
        case "OrchestratorCompleted":
            return OrchestratorCompleted(at_us=at_us)
        case "ExecutionStarted":
            return _started(fields, at_us)
        case "ExecutionCompleted":
            return ExecutionCompleted(
                at_us=at_us,
                event_id=fields.number("EventId"),
                status=_status(fields),
                result=fields.maybe_text("Result") or _failure(fields),
            )
        case "ExecutionTerminated":
            return ExecutionTerminated(at_us=at_us, reason=fields.maybe_text("Input"))
        case "ExecutionSuspended":
            return ExecutionSuspended(at_us=at_us, reason=fields.maybe_text("Reason"))
        case "ExecutionResumed":
            return ExecutionResumed(at_us=at_us, reason=fields.maybe_text("Reason"))
        case "EventRaised":
            name, given = fields.text("Name"), fields.maybe_text("Input")
            return EventRaised(at_us=at_us, name=name, input=given)
        case "GenericEvent":
            return GenericEvent(at_us=at_us, data=fields.maybe_text("Data"))
        case "TimerFired":
            return TimerFired(
                at_us=at_us,
                timer_id=fields.number("TimerId"),
                fire_at_us=fields.instant("FireAt"),
            )
        case "TaskScheduled" | "SubOrchestrationInstanceCreated" | "TimerCreated" | "EventSent":
            return _decision(kind, fields, at_us)
        case _:
            return _answer(kind, fields, at_us)


def _decision(kind: str, fields: Fields, at_us: int) -> HistoryEvent:
    number = fields.number("EventId")
    match kind:
        case "TaskScheduled":
            given = fields.maybe_text("Input")
            return TaskScheduled(
                at_us=at_us, event_id=number, name=fields.text("Name"), input=given
            )
        case "SubOrchestrationInstanceCreated":
            return SubOrchestrationInstanceCreated(
                at_us=at_us,
                event_id=number,
                name=fields.text("Name"),
                instance_id=fields.text("InstanceId"),
                version=fields.maybe_text("Version") or "",
                input=fields.maybe_text("Input"),
            )
        case "TimerCreated":
            return TimerCreated(at_us=at_us, event_id=number, fire_at_us=fields.instant("FireAt"))
        case _:
            return EventSent(
                at_us=at_us,
                event_id=number,
                instance_id=fields.text("InstanceId"),
                name=fields.text("Name"),
                input=fields.maybe_text("Input"),
            )


def _answer(kind: str, fields: Fields, at_us: int) -> HistoryEvent:
    number = fields.number("TaskScheduledId")
    match kind:
        case "TaskCompleted":
            return TaskCompleted(at_us=at_us, task_id=number, result=fields.maybe_text("Result"))
        case "SubOrchestrationInstanceCompleted":
            return SubOrchestrationInstanceCompleted(
                at_us=at_us, task_id=number, result=fields.maybe_text("Result")
            )
        case "TaskFailed":
            details = fields.maybe_text("Details")
            return TaskFailed(at_us=at_us, task_id=number, reason=_reason(fields), details=details)
        case _:
            return SubOrchestrationInstanceFailed(
                at_us=at_us,
                task_id=number,
                reason=_reason(fields),
                details=fields.maybe_text("Details"),
            )


def _started(fields: Fields, at_us: int) -> ExecutionStarted:
    instance = _nested(fields, "OrchestrationInstance")
    return ExecutionStarted(
        at_us=at_us,
        instance_id=instance.maybe_text("InstanceId") or "",
        execution_id=instance.maybe_text("ExecutionId") or fields.maybe_text("ExecutionId") or "",
        name=fields.text("Name"),
        version=fields.maybe_text("Version") or "",
        input=fields.maybe_text("Input"),
        parent=_parent(fields),
    )


def _parent(fields: Fields) -> ParentInstance | None:
    if "ParentInstance" not in fields:
        return None
    parent = _nested(fields, "ParentInstance")
    instance = _nested(parent, "OrchestrationInstance")
    number = "TaskScheduleId" if "TaskScheduleId" in parent else "TaskScheduledId"
    return ParentInstance(
        name=parent.maybe_text("Name") or "",
        instance_id=instance.text("InstanceId"),
        execution_id=instance.maybe_text("ExecutionId") or "",
        task_id=parent.number(number) if number in parent else 0,
        version=parent.maybe_text("Version") or "",
    )


def _nested(fields: Fields, name: str) -> Fields:
    """Return the fields of an object inside, which storage keeps as JSON text."""
    value = fields.get(name)
    if isinstance(value, str) and value:
        try:
            value = json.loads(value)
        except ValueError:
            raise fields.damaged(f"{name!r} must be a JSON object, not {value[:40]!r}") from None
    if value is None or value == "":
        return Fields({}, fields.where)
    return Fields(as_object(value, fields.where), fields.where)


def _reason(fields: Fields) -> str:
    return fields.maybe_text("Reason") or _failure(fields) or ""


def _failure(fields: Fields) -> str | None:
    """Return a failure in words, where it is kept as an object."""
    if "FailureDetails" not in fields:
        return None
    failure = _nested(fields, "FailureDetails")
    kind, message = failure.get("ErrorType"), failure.get("ErrorMessage") or failure.get("Message")
    return f"{kind}: {message}" if kind else str(message or "")


def _status(fields: Fields) -> RuntimeStatus:
    value = fields.need("OrchestrationStatus")
    statuses = list(RuntimeStatus)
    text = str(value)
    if text.isdecimal() and int(text) < len(statuses):
        return statuses[int(text)]
    return RuntimeStatus(fields.one_of("OrchestrationStatus", statuses))

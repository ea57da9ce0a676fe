"""History events as facts, each thing said once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, assert_never, cast

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
from wfsim.history.messages import answer_of
from wfsim.history.text import short
from wfsim.snapshot.naming import since
from wfsim.snapshot.view import Fact

__all__ = ["Details", "Known", "Told", "event_fact", "json_detail", "text_detail", "wire_detail"]

Details = tuple[tuple[str, object], ...]

_STANDARD: Final = {"op", "input", "id", "signal", "parent", "parentExecution"}
_OPERATION: Final = "op"
"""How the events are called that carry such a request."""
_CLOCKS: Final = {"Timestamp", "Predecessor"}
"""What every request to an entity carries, and what orders it; nobody reviews these."""


Told = set[tuple[str, str, str | None]]
"""Payloads that have been shown: what of, which one, and the text."""


@dataclass(slots=True)
class Known:
    """What has been shown of one instance, and need not be shown again."""

    instance_id: str = ""
    execution_id: str = ""
    due: dict[int, int] = field(default_factory=dict[int, int])
    """When timers come due, by their numbers."""
    told: Told = field(default_factory=Told)
    """Shared by the instances of one trace."""

    def is_told(self, what: str, which: object, text: str | None) -> bool:
        """Whether somebody has shown a payload; once for each time it was shown."""
        key = (what, f"{self.instance_id} {which}", text)
        if key in self.told:
            self.told.discard(key)
            return True
        return False

    def tell(self, what: str, which: object, text: str | None) -> None:
        """Note that a payload was shown."""
        self.told.add((what, f"{self.instance_id} {which}", text))

    def of(self, instance_id: str) -> Known:
        """Return what is known of another instance, as far as payloads go."""
        return Known(instance_id=instance_id, told=self.told)


def event_fact(event: HistoryEvent, known: Known, headings: tuple[str | int, ...]) -> Fact:
    """Return what an event says.

    Args:
        event: The event.
        known: What has been shown of its instance; it grows.
        headings: What the fact stands below.
    """
    said, details = _says(event, known)
    return Fact(
        headings=headings,
        what=type(event).__name__,
        number=short(event).removeprefix(event.short),
        said=said,
        details=details,
    )


def _says(event: HistoryEvent, known: Known) -> tuple[str, Details]:
    match event:
        case OrchestratorStarted() | OrchestratorCompleted():
            return "", ()
        case ExecutionStarted():
            return _started(event, known)
        case TaskScheduled():
            return event.name, _scheduled(event, known)
        case SubOrchestrationInstanceCreated():
            known.of(event.instance_id).tell("created", "", event.input)
            version = f" in version {event.version}" if event.version else ""
            said = f"{event.name} as {event.instance_id}{version}"
            return said, wire_detail("input", event.input)
        case TaskCompleted():
            is_told = known.is_told("result", event.task_id, event.result)
            return "", () if is_told else json_detail("result", event.result)
        case SubOrchestrationInstanceCompleted():
            return "", json_detail("result", event.result)
        case TaskFailed() | SubOrchestrationInstanceFailed():
            details = text_detail("details", event.details)
            if known.is_told("failure", event.task_id, event.reason):
                return "", details
            return "", (*text_detail("reason", event.reason), *details)
        case TimerCreated():
            known.due[event.event_id] = event.fire_at_us
            sign = "" if event.fire_at_us >= event.at_us else "-"
            return f"{sign}{since(event.fire_at_us - event.at_us)}", ()
        case TimerFired():
            if known.due.get(event.timer_id) == event.fire_at_us:
                return "", ()
            return f"due {since(event.at_us - event.fire_at_us)} before", ()
        case EventSent():
            return _sent(event, known)
        case EventRaised():
            return event.name, _raised(event, known)
        case ExecutionCompleted():
            return _completed(event)
        case ExecutionTerminated() | ExecutionSuspended() | ExecutionResumed():
            return "", text_detail("reason", event.reason)
        case GenericEvent():
            return "", text_detail("data", event.data)
        case _:
            assert_never(event)


def _started(event: ExecutionStarted, known: Known) -> tuple[str, Details]:
    known.instance_id, known.execution_id = event.instance_id, event.execution_id
    said = f"{event.name} as {event.instance_id}"
    if event.version:
        said += f" in version {event.version}"
    if event.parent is not None:
        said += f", child {event.parent.task_id} of {event.parent.instance_id}"
    is_told = known.is_told("created", "", event.input)
    return said, () if is_told else wire_detail("input", event.input)


def _scheduled(event: TaskScheduled, known: Known) -> Details:
    known.tell("scheduled", event.event_id, event.input)
    return wire_detail("input", event.input, in_list=True)


def _completed(event: ExecutionCompleted) -> tuple[str, Details]:
    said = str(event.status)
    if event.status is RuntimeStatus.COMPLETED:
        return said, (*json_detail("result", event.result), *text_detail("details", event.details))
    return said, (*text_detail("reason", event.result), *text_detail("details", event.details))


def _sent(event: EventSent, known: Known) -> tuple[str, Details]:
    body = _object(event.input)
    if body is None or not isinstance(body.get("id"), str) or "op" not in body:
        return f"{event.name} to {event.instance_id}", json_detail("input", event.input)
    known.of(event.instance_id).tell("requested", body["op"], body.get("input"))
    verb = "signals" if body.get("signal") else "calls"
    said = f"{verb} {event.instance_id} {body['op']}"
    if not body.get("signal"):
        said += f" as {body['id']}"  # its answer comes under this name
    rest = {key: value for key, value in body.items() if key not in _STANDARD | _CLOCKS}
    if body.get("parent") not in {None, known.instance_id}:
        rest["parent"] = body["parent"]
    if event.name != _OPERATION:
        rest["name"] = event.name
    details = wire_detail("input", cast("str | None", body.get("input")))
    return said, (*details, ("besides", rest)) if rest else details


def _raised(event: EventRaised, known: Known) -> Details:
    if known.is_told("event", event.name, event.input):
        return ()
    answer = answer_of(event)
    if answer is None:
        return json_detail("input", event.input)
    is_told = known.is_told("answer", "", answer.full)
    rest = {key: value for key, value in (_object(event.input) or {}).items() if key != "result"}
    besides = (("besides", rest),) if rest else ()
    return (*(() if is_told else json_detail("result", answer.full)), *besides)


def wire_detail(label: str, text: str | None, *, in_list: bool = False) -> Details:
    """Return an input as the SDK wraps it; one that is wrapped otherwise says that it is raw.

    Args:
        label: Its name.
        text: JSON text in a JSON string, as the Python client and orchestrators send it.
        in_list: Whether the string stands in a list of one, as an activity's input does.
    """
    if text is None:
        return ()
    try:
        value: Any = json.loads(text)
    except ValueError:
        return ((f"{label} (no JSON)", text),)
    inner: Any = value
    if in_list:
        inner = _only(value)
    if isinstance(inner, str):
        try:
            return ((label, json.loads(inner)),)
        except ValueError:
            pass
    return ((f"{label} (raw)", cast("object", value)),)


def _only(value: object) -> object:
    """Return the item of a list of one, and None for everything else."""
    items = cast("Sequence[object]", value) if isinstance(value, list) else ()
    return items[0] if len(items) == 1 else None


def json_detail(label: str, text: str | None) -> Details:
    """Return a payload that is JSON text; what is no JSON says so."""
    if text is None:
        return ()
    try:
        return ((label, json.loads(text)),)
    except ValueError:
        return ((f"{label} (no JSON)", text),)


def text_detail(label: str, text: str | None) -> Details:
    """Return a text, if there is one."""
    return () if text is None else ((label, text),)


def _object(text: str | None) -> dict[str, Any] | None:
    try:
        body = json.loads(text or "")
    except ValueError:
        return None
    return cast("dict[str, Any]", body) if isinstance(body, dict) else None

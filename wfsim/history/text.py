"""History events as text for people."""

from __future__ import annotations

from typing import assert_never

from wfsim.clock import format_duration
from wfsim.history.events import (
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
    SubOrchestrationInstanceCompleted,
    SubOrchestrationInstanceCreated,
    SubOrchestrationInstanceFailed,
    TaskCompleted,
    TaskFailed,
    TaskScheduled,
    TimerCreated,
    TimerFired,
)
from wfsim.history.jsontext import shown
from wfsim.history.printable import printable

__all__ = ["event_line", "short"]


def short(event: HistoryEvent) -> str:
    """Return the event's abbreviation and number, e.g. `TS0`, `TC0`, `EVR`."""
    match event:
        case TaskCompleted() | TaskFailed():
            return f"{event.short}{event.task_id}"
        case SubOrchestrationInstanceCompleted() | SubOrchestrationInstanceFailed():
            return f"{event.short}{event.task_id}"
        case TimerFired():
            return f"{event.short}{event.timer_id}"
        case (
            TaskScheduled()
            | SubOrchestrationInstanceCreated()
            | TimerCreated()
            | EventSent()
            | ExecutionCompleted()
        ):
            return f"{event.short}{event.event_id}"
        case _:
            return event.short


def event_line(event: HistoryEvent, *, start_us: int) -> str:
    """Return one aligned line: time since the start, the event's name, its number, what it says."""
    when = f"T+{format_duration(max(0, event.at_us - start_us))}"
    number = short(event).removeprefix(event.short)
    what = printable(_what(event, start_us))
    return f"{when:<12} {type(event).__name__:<33} {number:>4}  {what}".rstrip()


def _what(event: HistoryEvent, start_us: int) -> str:
    match event:
        case OrchestratorStarted() | OrchestratorCompleted():
            return ""
        case ExecutionStarted():
            return f"{event.name}({shown(event.input, wrapped=True)})"
        case TaskScheduled():
            return f"{event.name}({shown(event.input, wrapped=True)})"
        case SubOrchestrationInstanceCreated():
            return f"{event.name}({shown(event.input, wrapped=True)})"
        case TaskCompleted() | SubOrchestrationInstanceCompleted():
            return shown(event.result)
        case TaskFailed() | SubOrchestrationInstanceFailed():
            return event.reason
        case TimerCreated():
            return f"until T+{format_duration(max(0, event.fire_at_us - start_us))}"
        case TimerFired():
            return ""
        case EventSent():
            return f"{event.name} to {event.instance_id}: {shown(event.input)}"
        case EventRaised():
            return f"{event.name}: {shown(event.input)}"
        case ExecutionCompleted():
            return f"{event.status}: {shown(event.result)}"
        case ExecutionTerminated() | ExecutionSuspended() | ExecutionResumed():
            return event.reason or ""
        case GenericEvent():
            return event.data or ""
        case _:
            assert_never(event)

"""History events as text for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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
from wfsim.history.messages import answer_of, request_of
from wfsim.history.printable import printable

__all__ = ["event_lines", "short"]


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


def event_lines(events: Iterable[HistoryEvent], *, start_us: int) -> Iterator[str]:
    """Yield one aligned line per event: time since the start, its name, its number, what it says.

    Answers of entities name the number of the request, in place of the id that both carry.
    """
    asked: dict[str, int] = {}
    for event in events:
        if isinstance(event, EventSent) and (request := request_of(event)) is not None:
            asked[request.request_id] = event.event_id
        when = f"T+{format_duration(max(0, event.at_us - start_us))}"
        number = short(event).removeprefix(event.short)
        what = printable(_what(event, start_us, asked))
        yield f"{when:<12} {type(event).__name__:<33} {number:>4}  {what}".rstrip()


def _what(event: HistoryEvent, start_us: int, asked: Mapping[str, int]) -> str:
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
            return _sent(event)
        case EventRaised():
            return _raised(event, asked)
        case ExecutionCompleted():
            return f"{event.status}: {shown(event.result)}"
        case ExecutionTerminated() | ExecutionSuspended() | ExecutionResumed():
            return event.reason or ""
        case GenericEvent():
            return event.data or ""
        case _:
            assert_never(event)


def _sent(event: EventSent) -> str:
    request = request_of(event)
    if request is None:
        return f"{event.name} to {event.instance_id}: {shown(event.input)}"
    given = f": {request.input}" if request.input else ""
    return f"{request.operation} to {event.instance_id}{given}{' (signal)' * request.is_signal}"


def _raised(event: EventRaised, asked: Mapping[str, int]) -> str:
    answer = answer_of(event)
    if answer is None:
        return f"{event.name}: {shown(event.input)}"
    # A slice of a history may have lost the request; the id would tell nobody anything.
    number = asked.get(answer.request_id, "an entity call")
    return f"answer to {number}: {'failed: ' * answer.is_failure}{answer.result}"

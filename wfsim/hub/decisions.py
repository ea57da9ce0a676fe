"""What one pass over a history decided, in the host's vocabulary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, assert_never

from wfsim.history import (
    EventRaised,
    EventSent,
    ExecutionCompleted,
    HistoryEvent,
    RuntimeStatus,
    SubOrchestrationInstanceCreated,
    TaskScheduled,
    TimerCreated,
)
from wfsim.quick import quick

__all__ = [
    "Complete",
    "CreateSubOrchestration",
    "CreateTimer",
    "Decision",
    "ScheduleTask",
    "SendEvent",
    "stored",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleTask:
    """Run an activity."""

    host_class: ClassVar[str] = "ScheduleTaskOrchestratorAction"
    id: int
    name: str
    input: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTimer:
    """Set a timer."""

    host_class: ClassVar[str] = "CreateTimerOrchestratorAction"
    id: int
    fire_at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSubOrchestration:
    """Start a child."""

    host_class: ClassVar[str] = "CreateSubOrchestrationAction"
    id: int
    name: str
    version: str
    instance_id: str
    input: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendEvent:
    """Send a message to an entity."""

    host_class: ClassVar[str] = "SendEventOrchestratorAction"
    id: int
    instance_id: str
    name: str
    input: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete:
    """End this generation; with `CONTINUED_AS_NEW`, `result` is the next one's input."""

    host_class: ClassVar[str] = "OrchestrationCompleteOrchestratorAction"
    id: int
    status: RuntimeStatus
    result: str | None
    details: str | None = None
    carried: tuple[EventRaised, ...] = ()


_task_scheduled, _timer_created = quick(TaskScheduled), quick(TimerCreated)

Decision = ScheduleTask | CreateTimer | CreateSubOrchestration | SendEvent | Complete


def stored(decision: Decision, now_us: int) -> HistoryEvent | None:
    """Return the event by which the host stores a decision; None for what it never stores."""
    match decision:
        case ScheduleTask():
            return _task_scheduled(
                at_us=now_us, event_id=decision.id, name=decision.name, input=decision.input
            )
        case CreateTimer():
            return _timer_created(
                at_us=now_us, event_id=decision.id, fire_at_us=decision.fire_at_us
            )
        case CreateSubOrchestration():
            return SubOrchestrationInstanceCreated(
                at_us=now_us,
                event_id=decision.id,
                name=decision.name,
                version=decision.version,
                instance_id=decision.instance_id,
                input=decision.input,
            )
        case SendEvent():
            return EventSent(
                at_us=now_us,
                event_id=decision.id,
                instance_id=decision.instance_id,
                name=decision.name,
                input=decision.input,
            )
        case Complete():
            if decision.status is RuntimeStatus.CONTINUED_AS_NEW:
                return None  # the host discards this history, so it never stores the event
            return ExecutionCompleted(
                at_us=now_us,
                event_id=decision.id,
                status=decision.status,
                result=decision.result,
                details=decision.details,
            )
        case _:
            assert_never(decision)

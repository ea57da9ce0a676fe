"""What one pass over a history decided, in the host's vocabulary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from wfsim.history import EventRaised, RuntimeStatus

__all__ = [
    "Complete",
    "CreateSubOrchestration",
    "CreateTimer",
    "Decision",
    "ScheduleTask",
    "SendEvent",
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


Decision = ScheduleTask | CreateTimer | CreateSubOrchestration | SendEvent | Complete

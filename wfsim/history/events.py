"""History events: what the task hub stores of an instance, one frozen record each.

Names and fields are those of the host's history (semantics 1.3). Times are integer microseconds
since 1970 (`at_us`), payloads are JSON *text*, exactly as the host stores them. `event_id` is the
number of a decision, `task_id` and `timer_id` name the decision that an event answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from wfsim.history.status import RuntimeStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentInstance:
    """The orchestration that started this one, and the decision that did it."""

    name: str
    instance_id: str
    execution_id: str
    task_id: int
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrchestratorStarted:
    """An episode began; its time is the orchestrator's clock until the next one."""

    type: ClassVar[int] = 12
    short: ClassVar[str] = "OS"
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrchestratorCompleted:
    """An episode ended and was saved."""

    type: ClassVar[int] = 13
    short: ClassVar[str] = "OC"
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionStarted:
    """A generation of the instance was scheduled."""

    type: ClassVar[int] = 0
    short: ClassVar[str] = "ES"
    at_us: int
    instance_id: str
    execution_id: str
    name: str
    version: str = ""
    input: str | None = None
    parent: ParentInstance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskScheduled:
    """The orchestrator decided to run an activity."""

    type: ClassVar[int] = 4
    short: ClassVar[str] = "TS"
    at_us: int
    event_id: int
    name: str
    input: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCompleted:
    """An activity returned."""

    type: ClassVar[int] = 5
    short: ClassVar[str] = "TC"
    at_us: int
    task_id: int
    result: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFailed:
    """An activity raised."""

    type: ClassVar[int] = 6
    short: ClassVar[str] = "TF"
    at_us: int
    task_id: int
    reason: str
    details: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrchestrationInstanceCreated:
    """The orchestrator decided to start a child."""

    type: ClassVar[int] = 7
    short: ClassVar[str] = "SOC"
    at_us: int
    event_id: int
    name: str
    instance_id: str
    version: str = ""
    input: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrchestrationInstanceCompleted:
    """A child completed."""

    type: ClassVar[int] = 8
    short: ClassVar[str] = "SOD"
    at_us: int
    task_id: int
    result: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrchestrationInstanceFailed:
    """A child failed or was terminated."""

    type: ClassVar[int] = 9
    short: ClassVar[str] = "SOF"
    at_us: int
    task_id: int
    reason: str
    details: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerCreated:
    """The orchestrator decided to set a timer."""

    type: ClassVar[int] = 10
    short: ClassVar[str] = "TMC"
    at_us: int
    event_id: int
    fire_at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerFired:
    """A timer came due."""

    type: ClassVar[int] = 11
    short: ClassVar[str] = "TMF"
    at_us: int
    timer_id: int
    fire_at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSent:
    """The orchestrator sent a message to an entity or another instance."""

    type: ClassVar[int] = 14
    short: ClassVar[str] = "EVS"
    at_us: int
    event_id: int
    instance_id: str
    name: str
    input: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRaised:
    """An external event, or an entity's answer, arrived."""

    type: ClassVar[int] = 15
    short: ClassVar[str] = "EVR"
    at_us: int
    name: str
    input: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionCompleted:
    """The instance ended; `result` is the output's JSON text, or the plain text of a failure."""

    type: ClassVar[int] = 1
    short: ClassVar[str] = "EC"
    at_us: int
    event_id: int
    status: RuntimeStatus
    result: str | None
    details: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionTerminated:
    """Somebody terminated the instance."""

    type: ClassVar[int] = 3
    short: ClassVar[str] = "ET"
    at_us: int
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionSuspended:
    """Somebody suspended the instance."""

    type: ClassVar[int] = 19
    short: ClassVar[str] = "SUSP"
    at_us: int
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionResumed:
    """Somebody resumed the instance."""

    type: ClassVar[int] = 20
    short: ClassVar[str] = "RES"
    at_us: int
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GenericEvent:
    """What rewind leaves of an erased event, and the message that wakes a rewound instance."""

    type: ClassVar[int] = 17
    short: ClassVar[str] = "GE"
    at_us: int
    data: str | None
    event_id: int = -1


HistoryEvent = (
    OrchestratorStarted
    | OrchestratorCompleted
    | ExecutionStarted
    | ExecutionCompleted
    | ExecutionTerminated
    | ExecutionSuspended
    | ExecutionResumed
    | TaskScheduled
    | TaskCompleted
    | TaskFailed
    | SubOrchestrationInstanceCreated
    | SubOrchestrationInstanceCompleted
    | SubOrchestrationInstanceFailed
    | TimerCreated
    | TimerFired
    | EventSent
    | EventRaised
    | GenericEvent
)

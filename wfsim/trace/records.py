"""Everything that happens in a simulation, one frozen record each, in one order."""

from __future__ import annotations

from dataclasses import dataclass

from wfsim.choices import Choice
from wfsim.history import HistoryEvent, RuntimeStatus
from wfsim.trace.findings import Finding

__all__ = [
    "ActivityFinished",
    "ActivityStarted",
    "ChoiceMade",
    "ClientCalled",
    "EntityChanged",
    "EntityOperated",
    "EntityRequested",
    "FindingMade",
    "FunctionFinished",
    "FunctionStarted",
    "HistoryAppended",
    "MessageDiscarded",
    "ModelAnswered",
    "ModelAsked",
    "Record",
    "StatusChanged",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryAppended:
    """An event was written to an instance's history."""

    at_us: int
    instance_id: str
    execution_id: str
    event: HistoryEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChanged:
    """An instance's status or custom status changed."""

    at_us: int
    instance_id: str
    name: str
    status: RuntimeStatus
    custom_status: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityStarted:
    """An execution of an activity began."""

    at_us: int
    instance_id: str
    task_id: int
    name: str
    input: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityFinished:
    """An execution of an activity ended; `failure` is the host's reason."""

    at_us: int
    instance_id: str
    task_id: int
    name: str
    result: str | None
    failure: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCalled:
    """A person or a client asked the hub for something."""

    at_us: int
    instance_id: str
    operation: str
    data: str | None
    answer: int
    """HTTP status code with which the host answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityRequested:
    """A request for an entity joined its queue."""

    at_us: int
    instance_id: str
    """The entity's id, such as "@counter@a"."""
    operation: str
    input: str | None
    """JSON text as the host stores it."""
    caller: str
    """The orchestration that sent it; empty for a client."""
    is_signal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityOperated:
    """An entity ran one operation of a batch; `failure` is the text of its exception."""

    at_us: int
    instance_id: str
    operation: str
    caller: str
    is_signal: bool
    result: str | None
    failure: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityChanged:
    """A batch ended with another state than it began with; `state` is None for a deleted entity."""

    at_us: int
    instance_id: str
    state: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionStarted:
    """A function that is neither orchestrator, activity nor entity was called."""

    at_us: int
    instance_id: str
    """The invocation's id; such a function has no instance."""
    name: str
    trigger: str
    """The trigger's type, such as "httpTrigger"."""
    input: str
    """What it was called with, for people: "POST /api/orders", or a payload's JSON text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionFinished:
    """A function returned or raised; `failure` is its exception's last line."""

    at_us: int
    instance_id: str
    name: str
    result: str | None
    """For people: "202", or what it returned."""
    failure: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAsked:
    """An agent asked its model something, and a script is to answer."""

    at_us: int
    instance_id: str
    """The agent's name; the same agent may work in many sessions."""
    number: int
    """Which request to that script it is, from 1."""
    message: str
    """The last thing that a person or a tool said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswered:
    """The model's answer was complete, or it failed."""

    at_us: int
    instance_id: str
    number: int
    answer: str
    """For people: "replies …", "calls …", "fails with …"."""
    is_failure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDiscarded:
    """A message reached an instance that could not take it."""

    at_us: int
    instance_id: str
    event: HistoryEvent
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceMade:
    """The schedule answered a question that had several answers."""

    at_us: int
    choice: Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingMade:
    """Something about the app showed."""

    at_us: int
    finding: Finding


Record = (
    HistoryAppended
    | StatusChanged
    | ActivityStarted
    | ActivityFinished
    | ClientCalled
    | EntityRequested
    | EntityOperated
    | EntityChanged
    | FunctionStarted
    | FunctionFinished
    | ModelAsked
    | ModelAnswered
    | MessageDiscarded
    | ChoiceMade
    | FindingMade
)

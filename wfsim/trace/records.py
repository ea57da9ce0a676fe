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
    "FindingMade",
    "HistoryAppended",
    "MessageDiscarded",
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
    | MessageDiscarded
    | ChoiceMade
    | FindingMade
)

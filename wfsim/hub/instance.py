"""One orchestration instance, as the hub stores it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from wfsim.history import ExecutionStarted, HistoryEvent, RuntimeStatus
from wfsim.hub.executor import Machine, Pass
from wfsim.hub.worker import Episode, Waiting

__all__ = ["Instance", "Message"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Something on its way to an instance: the history event it will become."""

    instance_id: str
    event: HistoryEvent
    execution_id: str | None = None
    """The generation it is for; None (external events, management) fits every generation."""


@dataclass(slots=True, kw_only=True)
class Instance:
    """State of one instance; the hub is the only one to change it."""

    started: ExecutionStarted
    """The current generation's first event: name, ids, input, parent."""
    created_us: int
    history: list[HistoryEvent] = field(default_factory=list[HistoryEvent])
    inbox: deque[Message] = field(default_factory=deque[Message])
    status: RuntimeStatus = RuntimeStatus.PENDING
    result: str | None = None
    """Output's JSON text, or plain text of a failure or a reason."""
    details: str | None = None
    custom_status: str | None = None
    updated_us: int = 0
    finished_us: int | None = None
    is_queued: bool = False
    timers: int = 0
    """How many timers this generation has set."""
    timers_fired: int = 0
    """How many timers have fired in this generation."""
    is_known_to_grow: bool = False
    generation: int = 0
    machine: Machine | None = None
    """The host's machine as the latest episode has left it, if the next can go on with it."""
    last_pass: Pass | None = None
    last_episode: Episode | None = None
    last_waiting: Waiting | None = None
    """What an instance that has ended had waited for, where events have reached it."""
    error: BaseException | None = None
    """The user's exception, where the instance failed."""
    children: list[str] = field(default_factory=list[str])
    events_raised: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    """Names and times of the external events that reached this generation's history."""
    requests: set[str] = field(default_factory=set[str])
    """Ids of the calls to entities that this generation made: the names of their answers."""

    @property
    def instance_id(self) -> str:
        """The instance's id."""
        return self.started.instance_id

    @property
    def execution_id(self) -> str:
        """The current generation's id, 32 hex digits."""
        return self.started.execution_id

    @property
    def name(self) -> str:
        """The orchestrator's name, as it was started."""
        return self.started.name

"""What the hub asks of whoever runs user code; one worker per SDK implements it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from wfsim.history import ExecutionStarted, HistoryEvent
from wfsim.hub.context import ReplayContext
from wfsim.hub.futures import HostTask
from wfsim.trace import Place

if TYPE_CHECKING:
    from wfsim.hub.executor import Pass

__all__ = [
    "ActivityCall",
    "ActivityOutcome",
    "ActivityRunner",
    "EntityBatch",
    "EntityOperation",
    "EntityReply",
    "EntityResult",
    "EntityRunner",
    "Episode",
    "Waiting",
    "Walk",
    "Worker",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One call of an orchestrator: whose, and its whole history."""

    started: ExecutionStarted
    """First event of the generation."""
    history: Sequence[HistoryEvent]
    """Past and new events."""
    new_from: int
    """Index of the first new event."""

    @property
    def instance_id(self) -> str:
        """Whose episode it is."""
        return self.started.instance_id

    @property
    def execution_id(self) -> str:
        """Of which generation."""
        return self.started.execution_id

    @property
    def name(self) -> str:
        """The orchestrator, as it was started."""
        return self.started.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What an orchestrator waits for after an episode, and where it stands."""

    events: tuple[str, ...] = ()
    timers_us: tuple[int, ...] = ()
    """When they are due."""
    activities: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    place: Place | None = None
    events_asked: tuple[str, ...] = ()
    """Every event that the orchestrator has waited for so far, once per wait."""
    events_taken: tuple[str, ...] = ()
    """Those that came."""


class Walk(Protocol):
    """The orchestrator's answer on its way through the host's machine."""

    @property
    def result(self) -> HostTask:
        """Done when the orchestrator returned (its output's JSON text) or failed."""
        ...

    @property
    def custom_status(self) -> str | None:
        """JSON text that the answer set, or None."""
        ...

    @property
    def runs_ahead(self) -> bool:
        """Whether user code has gone past the action at which the host still waits."""
        ...

    @property
    def waiting_events(self) -> Sequence[str]:
        """Names of the external events that the host still waits for, oldest wait first."""
        ...

    def raise_event(self, name: str, payload: str | None) -> None:
        """Hand an external event to the walk."""
        ...


class Worker(Protocol):
    """Runs orchestrators."""

    def recall(self, episode: Episode) -> Pass | None:
        """Return the pass over an episode, if it is known without calling the orchestrator."""
        ...

    def keep(self, episode: Episode, outcome: Pass) -> None:
        """Take the pass over an episode, to recall it where that is safe."""
        ...

    def begin(self, episode: Episode, host: ReplayContext) -> Walk:
        """Call the user's orchestrator once and start to walk its answer against `host`."""
        ...

    def resume(self, episode: Episode, walk: Walk) -> bool:
        """Let the walk of the episode before go on with this one's answer, if it can.

        Where it cannot, nothing has happened to it that matters, and `begin` makes another.
        """
        ...

    def verify(self, episode: Episode, walk: Walk, *, is_last: bool = False) -> None:
        """Replay the episode in a fresh generator, if it is one that is to be replayed.

        Args:
            episode: The latest one of its generation.
            walk: The walk of its answer.
            is_last: Whether no other will come; what was replayed already is not again.

        Raises:
            NonDeterminismError: the replay decided differently.
        """
        ...

    def lose(self, execution_id: str) -> None:
        """Go on as a new worker would: the one that ran a generation has died."""
        ...

    def close(self) -> None:
        """Let go of everything that is still in the middle of something."""
        ...

    def waiting(self, episode: Episode) -> Waiting:
        """Return what the orchestrator waits for after an episode."""
        ...

    def forget(self, execution_id: str) -> None:
        """Drop what is remembered of a generation: it ended, or its past was changed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityCall:
    """One execution of an activity."""

    instance_id: str
    execution_id: str
    orchestrator: str
    task_id: int
    name: str
    input: str
    """JSON text as the host stores it: an array of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityOutcome:
    """How an execution ended."""

    result: str | None = None
    """JSON text; None stands for a Python None."""
    failure: tuple[str, str | None] | None = None
    """Reason and details as the host words them."""
    error: BaseException | None = None
    """The original exception, for people; the host does not have it."""
    took_us: int = 0
    """Virtual time that the caller must still wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityOperation:
    """One operation of a batch."""

    name: str
    input: str | None
    """JSON text as the host stores it."""
    is_signal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityBatch:
    """One call of an entity function: the saved state, and what to do in order."""

    name: str
    key: str
    exists: bool
    state: str | None
    operations: tuple[EntityOperation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityResult:
    """How one operation ended."""

    text: str
    """JSON text of its result, or of its exception's message."""
    is_error: bool
    error: BaseException | None = None
    """The original exception, for people; the host does not have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityReply:
    """What an entity function answered to a batch."""

    exists: bool
    state: str | None
    results: tuple[EntityResult, ...]
    """One per operation."""
    took_us: int = 0
    """Virtual time until the batch is saved."""


class EntityRunner(Protocol):
    """Runs entities."""

    def start(self, batch: EntityBatch, finish: Callable[[EntityReply], None]) -> None:
        """Start one batch; `finish` is called once, now or at a later virtual instant.

        It is never called where the whole call failed, which has been reported.
        """
        ...


class ActivityRunner(Protocol):
    """Runs activities."""

    def start(self, call: ActivityCall, finish: Callable[[ActivityOutcome], None]) -> None:
        """Start one execution; `finish` is called once, now or at a later virtual instant."""
        ...

"""What a run has shown of waits and of events, to tell what no run of a search has tried."""

from __future__ import annotations

from dataclasses import dataclass

from wfsim.clock import format_duration
from wfsim.history import (
    EventRaised,
    ExecutionStarted,
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
from wfsim.history.messages import answer_of
from wfsim.trace import HistoryAppended, MessageDiscarded, Trace

__all__ = ["Seen", "seen_in"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was seen, in words; all but the counts of borders adds up over runs."""

    waits: frozenset[str] = frozenset()
    """What orchestrators set out to wait for: "approval: timer of 3d"."""
    resumed: frozenset[str] = frozenset()
    """Those of them that an answer resumed. An answer is an episode of its own, which replays the
    instance in a fresh generator, so each of these was resumed after a replay."""
    events: frozenset[str] = frozenset()
    """External events that came."""
    late: frozenset[str] = frozenset()
    """Those that came after a timer of the same instance had fired, or after its end."""

    borders: int = 0
    """Episodes, each of which ends at a turn border."""
    replayed: int = 0
    """Those that were replayed from the beginning of their history."""
    proven: int = 0
    """Those that need no replay, since their orchestrators are self-contained."""

    def __or__(self, other: Seen) -> Seen:
        return Seen(
            waits=self.waits | other.waits,
            resumed=self.resumed | other.resumed,
            events=self.events | other.events,
            late=self.late | other.late,
        )

    @property
    def never_resumed(self) -> tuple[str, ...]:
        """Waits that nothing has ever resumed."""
        return tuple(sorted(self.waits - self.resumed))

    @property
    def never_late(self) -> tuple[str, ...]:
        """Events that have never come late."""
        return tuple(sorted(self.events - self.late))


def seen_in(trace: Trace, *, replayed: int = 0, proven: int = 0) -> Seen:
    """Return what a run has shown.

    Args:
        trace: The run's.
        replayed: How many of its turn borders were replayed.
        proven: How many need no replay.
    """
    borders = 0
    names: dict[str, str] = {}
    open_waits: dict[tuple[str, int], str] = {}
    waits, resumed, events, late = (set[str]() for _ in range(4))
    has_timed_out: set[str] = set()
    for record in trace:
        if isinstance(record, MessageDiscarded):
            if isinstance(record.event, EventRaised) and answer_of(record.event) is None:
                events.add(record.event.name)
                late.add(record.event.name)
            continue
        if not isinstance(record, HistoryAppended):
            continue
        instance_id, event = record.execution_id, record.event
        answered: int | None = None
        match event:
            case OrchestratorStarted():
                borders += 1
            case ExecutionStarted():
                names[instance_id] = event.name
            case TaskScheduled() | SubOrchestrationInstanceCreated() | TimerCreated():
                words = f"{names.get(instance_id, '?')}: {_wait(event)}"
                open_waits[instance_id, event.event_id] = words
                waits.add(words)
            case TaskCompleted() | TaskFailed():
                answered = event.task_id
            case SubOrchestrationInstanceCompleted() | SubOrchestrationInstanceFailed():
                answered = event.task_id
            case TimerFired():
                answered = event.timer_id
                has_timed_out.add(instance_id)
            case EventRaised() if answer_of(event) is None:
                events.add(event.name)
                late.update({event.name} if instance_id in has_timed_out else ())
            case _:
                pass
        if answered is not None and (instance_id, answered) in open_waits:
            resumed.add(open_waits[instance_id, answered])
    return Seen(
        waits=frozenset(waits),
        resumed=frozenset(resumed),
        events=frozenset(events),
        late=frozenset(late),
        borders=borders,
        replayed=replayed,
        proven=proven,
    )


def _wait(event: TaskScheduled | SubOrchestrationInstanceCreated | TimerCreated) -> str:
    match event:
        case TaskScheduled():
            return f"activity {event.name}"
        case TimerCreated():
            return f"timer of {format_duration(event.fire_at_us - event.at_us)}"
        case SubOrchestrationInstanceCreated():
            return f"sub-orchestration {event.name}"

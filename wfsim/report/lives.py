"""When each lane runs, waits or is suspended, read from what was recorded."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, assert_never

from wfsim.clock import format_duration
from wfsim.history import (
    EventRaised,
    EventSent,
    ExecutionCompleted,
    ExecutionResumed,
    ExecutionStarted,
    ExecutionSuspended,
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
from wfsim.history.messages import request_of
from wfsim.report import agents
from wfsim.report.chart import Bar, BarKind
from wfsim.report.lanes import Sessions, key_of
from wfsim.report.names import readable
from wfsim.trace import (
    ClientCalled,
    EntityOperated,
    EntityRequested,
    FunctionFinished,
    FunctionStarted,
    HistoryAppended,
    ModelAnswered,
    ModelAsked,
    Record,
)

__all__ = ["Lives", "operation_label"]

_ACCEPTED_BELOW: Final = 400
_MOST_NAMES: Final = 3
_MOST_TIMERS: Final = 100
"""So many timers are looked at; one label has no room for more."""
_MODEL: Final = "model"


@dataclass(slots=True)
class _Life:
    """One lane from its start to its end."""

    lane: str
    since_us: int
    """When what it is doing now began."""
    can_wait: bool = False
    is_suspended: bool = False
    tasks: dict[Hashable, str] = field(default_factory=dict[Hashable, str])
    """What is under way, by whatever tells it apart."""
    counts: dict[str, int] = field(default_factory=dict[str, int])
    """The same, by name."""
    timers: dict[int, tuple[str, int]] = field(default_factory=dict[int, tuple[str, int]])
    """Length and due time of what has not fired; histories do not say which were cancelled."""
    fresh: dict[int, tuple[str, int]] = field(default_factory=dict[int, tuple[str, int]])
    """Those that were set for the present wait, as far as one can tell."""
    raised: str | None = None
    """An event of this episode; whether it ended the wait shows when something is decided."""

    @property
    def state(self) -> BarKind:
        if self.is_suspended:
            return "suspended"
        return "runs" if self.tasks or not self.can_wait else "waits"

    def begin(self, key: Hashable, name: str) -> None:
        self.tasks[key] = name
        self.counts[name] = self.counts.get(name, 0) + 1

    def end(self, key: Hashable) -> None:
        name = self.tasks.pop(key, None)
        if name is not None:
            self.counts[name] -= 1
            if not self.counts[name]:
                del self.counts[name]

    def label(self, *, ended_by: str = "") -> str:
        match self.state:
            case "suspended":
                return "suspended"
            case "runs":
                # What an agent does beside asking its model is worth a name only while it does not.
                counts = {_MODEL: 1} if _MODEL in self.counts else self.counts
                return _listed(counts)
            case "waits":
                timers = self.fresh or ({} if ended_by else self.timers)
                lengths = [length for length, _ in islice(timers.values(), _MOST_TIMERS)]
                known = dict.fromkeys([*filter(None, [ended_by]), *lengths], 1)
                return _listed(known) if known else "an event"
            case _ as never:
                assert_never(never)


@dataclass(slots=True)
class Lives:
    """Reads records one after the other.

    Args:
        sessions: Whose requests to models are whose; its owner lets it follow the records.
    """

    sessions: Sessions
    bars: list[Bar] = field(default_factory=list[Bar], init=False)
    """What has ended, in order of ending; what took no time is left out."""
    _lives: dict[str, _Life] = field(default_factory=dict[str, _Life], init=False)
    _queues: dict[str, deque[int]] = field(default_factory=dict[str, deque[int]], init=False)
    """Numbers of the requests that entities have still to answer."""
    _requests: int = field(default=0, init=False)

    def state(self, lane: str) -> BarKind | None:
        """Return what a lane is doing now; None before its start and after its end."""
        life = self._lives.get(lane)
        return None if life is None else life.state

    def close(self, end_us: int) -> None:
        """Add the bars of those that have not ended."""
        for life in self._lives.values():
            self._bar(life, end_us, is_open=True)

    def follow(self, record: Record) -> str:
        """Take the next record.

        Returns:
            The lane that may do something else now; empty if there is none.
        """
        now_us = record.at_us
        match record:
            case HistoryAppended():
                self._event(now_us, record.instance_id, record.event)
                return record.instance_id
            case EntityRequested():
                self._requests += 1
                self._queues.setdefault(record.instance_id, deque()).append(self._requests)
                self._begin(now_us, record.instance_id, self._requests, record.operation)
                return record.instance_id
            case EntityOperated():
                queue = self._queues.get(record.instance_id)
                if queue:
                    self._end(now_us, record.instance_id, queue.popleft())
                return record.instance_id
            case FunctionStarted() | FunctionFinished():
                lane = key_of("function", record.name)
                if isinstance(record, FunctionStarted):
                    self._begin(now_us, lane, record.instance_id, operation_label(record))
                else:
                    self._end(now_us, lane, record.instance_id)
                return lane
            case ModelAsked() | ModelAnswered():
                lane = key_of("agent", self.sessions.of(record))
                key = _MODEL, record.instance_id, record.number
                if isinstance(record, ModelAsked):
                    self._begin(now_us, lane, key, _MODEL)
                else:
                    self._end(now_us, lane, key)
                return lane
            case ClientCalled(operation="purge") if record.answer < _ACCEPTED_BELOW:
                self._queues.pop(record.instance_id, None)
                self._finish(now_us, record.instance_id)
                return record.instance_id
            case _:
                return ""

    # --- those that only ever run ---------------------------------------------------------------

    def _begin(self, now_us: int, lane: str, key: Hashable, name: str) -> None:
        life = self._lives.get(lane)
        if life is None:
            life = self._lives[lane] = _Life(lane=lane, since_us=now_us)
        self._bar(life, now_us)
        life.begin(key, name)

    def _end(self, now_us: int, lane: str, key: Hashable) -> None:
        life = self._lives.get(lane)
        if life is None or key not in life.tasks:
            return
        self._bar(life, now_us)
        life.end(key)
        if not life.tasks:
            del self._lives[lane]

    # --- orchestrations -------------------------------------------------------------------------

    def _event(self, now_us: int, lane: str, event: HistoryEvent) -> None:
        life = self._lives.get(lane)
        if life is None:
            if isinstance(event, OrchestratorStarted | ExecutionStarted):
                self._lives[lane] = _Life(lane=lane, since_us=now_us, can_wait=True)
            return
        match event:
            case ExecutionStarted():
                self._decides(life, now_us)
                self._lives[lane] = _Life(lane=lane, since_us=life.since_us, can_wait=True)
            case TaskScheduled() | SubOrchestrationInstanceCreated() | EventSent():
                self._decides(life, now_us)
                _start(life, event)
            case TimerCreated():
                self._decides(life, now_us)
                length = f"timer of {format_duration(max(0, event.fire_at_us - now_us))}"
                timer = length, event.fire_at_us
                life.timers[event.event_id] = life.fresh[event.event_id] = timer
            case (
                TaskCompleted()
                | TaskFailed()
                | SubOrchestrationInstanceCompleted()
                | SubOrchestrationInstanceFailed()
            ):
                self._ends(life, now_us, event.task_id)
            case EventRaised():
                if event.name in life.tasks:
                    self._ends(life, now_us, event.name)
                else:
                    life.raised = event.name
            case TimerFired():
                length, due_us = life.timers.pop(event.timer_id, ("", 0))
                if life.state == "waits":
                    # A timer that was set anew for the same instant is the one that counts.
                    is_older = all(due_us != fresh_us for _, fresh_us in life.fresh.values())
                    self._bar(life, now_us, ended_by=length if is_older else "")
                    life.fresh.clear()
                life.fresh.pop(event.timer_id, None)
            case ExecutionSuspended() | ExecutionResumed():
                self._bar(life, now_us)
                life.is_suspended = isinstance(event, ExecutionSuspended)
            case ExecutionCompleted():
                self._decides(life, now_us)
                self._finish(now_us, lane)
            case OrchestratorCompleted():
                life.raised = None
            case _:
                pass

    def _decides(self, life: _Life, now_us: int) -> None:
        """End a wait: an event that came in this episode was what it waited for."""
        if life.state == "waits" and life.since_us < now_us:
            self._bar(life, now_us, ended_by=f"event {life.raised}" if life.raised else "")
            life.fresh.clear()
        elif life.state == "runs":
            self._bar(life, now_us)

    def _ends(self, life: _Life, now_us: int, key: Hashable) -> None:
        if key in life.tasks:
            self._bar(life, now_us)
            life.end(key)
            life.fresh.clear()

    def _finish(self, now_us: int, lane: str) -> None:
        life = self._lives.pop(lane, None)
        if life is not None:
            self._bar(life, now_us)

    def _bar(self, life: _Life, now_us: int, *, ended_by: str = "", is_open: bool = False) -> None:
        """Add what a lane has done since its last bar."""
        if is_open or life.since_us < now_us:
            self.bars.append(
                Bar(
                    lane=life.lane,
                    kind=life.state,
                    start_us=life.since_us,
                    end_us=now_us,
                    label=life.label(ended_by=ended_by),
                    is_open=is_open,
                )
            )
        life.since_us = now_us


def operation_label(record: FunctionStarted) -> str:
    """Return what a function was called for: "POST /api/orders", or its trigger."""
    is_http = record.trigger == "httpTrigger"
    return record.input if is_http else record.trigger.removesuffix("Trigger")


def _start(life: _Life, event: TaskScheduled | SubOrchestrationInstanceCreated | EventSent) -> None:
    match event:
        case TaskScheduled():
            life.begin(event.event_id, event.name)
        case SubOrchestrationInstanceCreated():
            life.begin(event.event_id, f"child {event.name}")
        case EventSent():
            request = request_of(event)
            if request is not None and not request.is_signal:
                whom = readable(event.instance_id)
                is_agent = agents.is_agent(event.instance_id, request.operation)
                name = whom if is_agent else f"{whom} {request.operation}"
                life.begin(request.request_id, name)
        case _:
            assert_never(event)


def _listed(counts: dict[str, int]) -> str:
    shown = [
        name if count == 1 else f"{count} {name}"
        for name, count in islice(counts.items(), _MOST_NAMES)
    ]
    left = len(counts) - len(shown)
    return ", ".join(shown) + (f" and {left} more" if left else "")

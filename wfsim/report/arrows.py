"""What went from one lane to another, read from what was recorded."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from wfsim.history import (
    EventRaised,
    EventSent,
    ExecutionCompleted,
    ExecutionStarted,
    HistoryEvent,
    SubOrchestrationInstanceCompleted,
    SubOrchestrationInstanceCreated,
    SubOrchestrationInstanceFailed,
)
from wfsim.history.jsontext import unwrap
from wfsim.history.messages import request_of
from wfsim.report.cast import Cast
from wfsim.report.chart import Arrow, ArrowKind
from wfsim.report.lanes import key_of
from wfsim.report.lives import operation_label
from wfsim.trace import (
    ActivityFinished,
    ActivityStarted,
    ClientCalled,
    EntityOperated,
    EntityRequested,
    FunctionFinished,
    FunctionStarted,
    HistoryAppended,
    MessageDiscarded,
    Record,
)

__all__ = ["Arrows"]

CLIENT: Final = ""
_ACCEPTED_BELOW: Final = 400
_TO_INSTANCES: Final = {"terminate", "suspend", "resume", "rewind"}


@dataclass(slots=True)
class _Sent:
    """An arrow that may still be on its way."""

    kind: ArrowKind
    source: str
    target: str
    sent_us: int
    label: str
    before: int
    received_us: int | None = None
    received_before: int = 0


@dataclass(slots=True)
class _Call:
    """A function's invocation."""

    lane: str
    began_us: int
    caller: str | None


@dataclass(slots=True)
class Arrows:
    """Reads records one after the other.

    Who calls is not recorded. A client's call belongs to the function that is at work, or to the
    one that began last if that was at the same instant; to the clients outside where that does not
    tell.

    Args:
        cast: Where the lanes at both ends appear.
    """

    cast: Cast
    marks: int = field(default=0, init=False)
    """How many marks there have been so far; whoever makes them counts."""
    _sent: list[_Sent] = field(default_factory=list[_Sent], init=False)
    _waiting: dict[Hashable, deque[_Sent]] = field(
        default_factory=dict[Hashable, deque[_Sent]], init=False
    )
    """What has not been received, by what receives it."""
    _calls: dict[str, _Call] = field(default_factory=dict[str, _Call], init=False)
    """Invocations of functions, by their ids, the latest last."""
    _http: dict[str, dict[tuple[str, int], None]] = field(
        default_factory=dict[str, dict[tuple[str, int], None]], init=False
    )
    """Activities that send HTTP requests just now, by method and path."""
    _children: dict[tuple[str, int], str] = field(
        default_factory=dict[tuple[str, int], str], init=False
    )
    _ended: dict[str, tuple[int, str, int]] = field(
        default_factory=dict[str, tuple[int, str, int]], init=False
    )
    """When and how instances ended, and after how many marks."""
    _asked: dict[str, str] = field(default_factory=dict[str, str], init=False)
    """Which entity a request went to."""
    _answers: dict[tuple[str, str], deque[tuple[int, str, int]]] = field(
        default_factory=dict[tuple[str, str], deque[tuple[int, str, int]]], init=False
    )
    """When and how entities answered whom, and after how many marks."""
    _activities: dict[tuple[str, int], str] = field(
        default_factory=dict[tuple[str, int], str], init=False
    )
    """Which request an activity sends."""

    def arrows(self) -> tuple[Arrow, ...]:
        """Return all of them in order of sending; what was never received arrives at once."""
        return tuple(
            Arrow(
                kind=item.kind,
                source=item.source,
                target=item.target,
                sent_us=item.sent_us,
                received_us=item.sent_us if item.received_us is None else item.received_us,
                label=item.label,
                sent_before=item.before,
                received_before=item.before if item.received_us is None else item.received_before,
            )
            for item in sorted(self._sent, key=lambda item: item.sent_us)
        )

    def follow(self, record: Record) -> str | None:
        """Take the next record.

        Returns:
            If an instance starts, the lane that started it.
        """
        now_us = record.at_us
        match record:
            case ClientCalled() if record.answer < _ACCEPTED_BELOW:
                self._client(record)
            case HistoryAppended():
                return self._event(now_us, record.instance_id, record.event)
            case MessageDiscarded():
                self._discarded(record)
            case EntityRequested():
                kind: ArrowKind = "signals" if record.is_signal else "calls"
                source = record.caller or self._caller(now_us)
                self._at_once(kind, source, record.instance_id, now_us, record.operation)
            case EntityOperated() if not record.is_signal:
                how = record.operation if record.failure is None else f"{record.operation} failed"
                if record.caller:
                    answers = self._answers.setdefault((record.instance_id, record.caller), deque())
                    answers.append((now_us, how, self.marks + 1))
                else:
                    self._answer(record.instance_id, CLIENT, now_us, how)
            case ActivityStarted(name="BuiltIn::HttpActivity"):
                key = record.instance_id, record.task_id
                self._activities[key] = _request(record.input)
                self._http.setdefault(self._activities[key], {})[key] = None
            case ActivityFinished(name="BuiltIn::HttpActivity"):
                key = record.instance_id, record.task_id
                self._http.get(self._activities.pop(key, ""), {}).pop(key, None)
            case FunctionStarted():
                self._function(record)
            case FunctionFinished():
                call = self._calls.pop(record.instance_id, None)
                if call is not None and call.caller is not None:
                    how = "failed" if record.failure is not None else record.result or "done"
                    self._answer(call.lane, call.caller, now_us, how)
            case _:
                pass
        return None

    # --- from clients and functions -------------------------------------------------------------

    def _caller(self, now_us: int) -> str:
        """Return which function calls just now, or the clients."""
        if not self._calls:
            return CLIENT
        latest = next(reversed(self._calls.values()))
        return latest.lane if len(self._calls) == 1 or latest.began_us == now_us else CLIENT

    def _client(self, record: ClientCalled) -> None:
        now_us, target = record.at_us, record.instance_id
        operation, _, name = record.operation.partition(" ")
        source = self._caller(now_us)
        match operation:
            case "start":
                self._wait("starts", source, target, now_us, "start", ("start", target))
            case "raise_event":
                self._wait("event", source, target, now_us, name, ("event", target, name))
            case _ if operation in _TO_INSTANCES:
                self._at_once("signals", source, target, now_us, operation)
            case _:
                pass  # signals of entities are requests, too; a purge reaches nobody

    def _function(self, record: FunctionStarted) -> None:
        lane = key_of("function", record.name)
        label = operation_label(record)
        caller: str | None = None
        if record.trigger != "timerTrigger":  # which nobody calls
            sending = self._http.get(label)
            caller = CLIENT
            if sending:
                key = next(iter(sending))
                caller = key[0]
                del sending[key]
            self.cast.see(caller)
            self.cast.add("function", record.name)
            self._at_once("calls", caller, lane, record.at_us, label)
        self._calls[record.instance_id] = _Call(lane, record.at_us, caller)

    # --- between instances ----------------------------------------------------------------------

    def _event(self, now_us: int, lane: str, event: HistoryEvent) -> str | None:
        match event:
            case SubOrchestrationInstanceCreated():
                target = event.instance_id
                self._children[lane, event.event_id] = target
                self._wait("starts", lane, target, now_us, event.name, ("start", target))
            case ExecutionStarted():
                arrow = self._receive(now_us, ("start", lane))
                if arrow is not None:
                    arrow.label = event.name
                    return arrow.source
            case ExecutionCompleted():
                self._ended[lane] = now_us, str(event.status), self.marks + 1
            case SubOrchestrationInstanceCompleted() | SubOrchestrationInstanceFailed():
                child = self._children.pop((lane, event.task_id), None)
                if child is not None:
                    sent = self._ended.get(child, (now_us, "ended", self.marks))
                    self._back(child, lane, sent, now_us)
            case EventSent():
                request = request_of(event)
                if request is not None and not request.is_signal:
                    self._asked[request.request_id] = event.instance_id
            case EventRaised():
                self._raised(now_us, lane, event)
            case _:
                pass
        return None

    def _raised(self, now_us: int, lane: str, event: EventRaised) -> None:
        entity = self._asked.pop(event.name, None)
        if entity is None:
            self._receive(now_us, ("event", lane, event.name))
            return
        answers = self._answers.get((entity, lane))
        sent = answers.popleft() if answers else (now_us, "answer", self.marks)
        self._back(entity, lane, sent, now_us)

    def _discarded(self, record: MessageDiscarded) -> None:
        lane = record.instance_id
        match record.event:
            case EventRaised():
                self._raised(record.at_us, lane, record.event)
            case ExecutionStarted():
                self._receive(record.at_us, ("start", lane))
            case _:
                pass

    # --- arrows ---------------------------------------------------------------------------------

    def _at_once(self, kind: ArrowKind, source: str, target: str, at_us: int, label: str) -> None:
        """Send something that arrives before what is recorded now."""
        if source != target:
            self._add(_Sent(kind, source, target, at_us, label, self.marks, at_us, self.marks))

    def _answer(self, source: str, target: str, at_us: int, label: str) -> None:
        """Send an answer that arrives after what is recorded now."""
        self._back(source, target, (at_us, label, self.marks + 1), at_us)

    def _back(self, source: str, target: str, sent: tuple[int, str, int], now_us: int) -> None:
        sent_us, label, before = sent
        received = max(before, self.marks)
        self._add(_Sent("answers", source, target, sent_us, label, before, now_us, received))

    def _wait(
        self, kind: ArrowKind, source: str, target: str, at_us: int, label: str, key: Hashable
    ) -> None:
        arrow = _Sent(kind, source, target, at_us, label, self.marks)
        self._add(arrow)
        self._waiting.setdefault(key, deque()).append(arrow)

    def _add(self, arrow: _Sent) -> None:
        self.cast.see(arrow.source)
        self.cast.see(arrow.target)
        self._sent.append(arrow)

    def _receive(self, now_us: int, key: Hashable) -> _Sent | None:
        waiting = self._waiting.get(key)
        if not waiting:
            return None
        arrow = waiting.popleft()
        arrow.received_us, arrow.received_before = now_us, self.marks
        return arrow


def _request(text: str) -> str:
    """Return method and path of the request that the host's own activity sends."""
    request = unwrap(text)
    if not isinstance(request, dict):
        return ""
    try:
        url = urlsplit(str(request.get("uri", "")))
    except ValueError:
        return ""
    query = f"?{url.query}" if url.query else ""
    return f"{request.get('method')} {url.path}{query}"

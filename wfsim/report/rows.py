"""A trace as the rows of a timeline: what a person wants to see of it, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import assert_never

from wfsim.choices import Choice
from wfsim.clock import format_duration
from wfsim.history import (
    EventRaised,
    EventSent,
    ExecutionCompleted,
    ExecutionStarted,
    HistoryEvent,
    RuntimeStatus,
    SubOrchestrationInstanceCompleted,
    SubOrchestrationInstanceCreated,
    SubOrchestrationInstanceFailed,
    TaskCompleted,
    TaskFailed,
    TimerCreated,
    TimerFired,
)
from wfsim.history.messages import EntityRequestText, answer_of, request_of
from wfsim.report import agents
from wfsim.report.details import Detail, line_of
from wfsim.report.entity_rows import call_text, entity_row, function_row
from wfsim.report.failures import cause
from wfsim.report.lanes import Sessions, kind_of
from wfsim.report.names import readable
from wfsim.report.row import Kind, Row
from wfsim.trace import (
    ActivityFinished,
    ActivityStarted,
    ChoiceMade,
    ClientCalled,
    EntityChanged,
    EntityOperated,
    EntityRequested,
    FindingMade,
    FunctionFinished,
    FunctionStarted,
    HistoryAppended,
    MessageDiscarded,
    ModelAnswered,
    ModelAsked,
    Record,
    StatusChanged,
)

__all__ = ["Kind", "Reader", "Row", "rows"]

_ACCEPTED_BELOW = 400

_SHOWN_BY_THEIR_EFFECT = {"start", "suspend", "raise_event", "signal"}
"""Operations of clients that need no line of their own."""


def rows(records: Iterable[Record], *, start_us: int) -> list[Row]:
    """Return the rows of a timeline, oldest first.

    Args:
        records: What was recorded.
        start_us: The simulation's start, from which times are counted.
    """
    reader = Reader(start_us)
    return [row for record in records for row in reader.read(record)]


def _unsaid(_: Choice) -> str:
    return ""


@dataclass(slots=True)
class Reader:
    """Reads records one after the other: the one place that says what people see of them."""

    start_us: int
    choices: Callable[[Choice], str] = _unsaid
    """What is said of a choice; nothing for one that gets no row."""
    sessions: Sessions = field(default_factory=Sessions, init=False)
    running: dict[tuple[str, int], ActivityStarted] = field(
        default_factory=dict[tuple[str, int], ActivityStarted], init=False
    )
    names: dict[str, str] = field(default_factory=dict[str, str], init=False)
    custom: dict[str, str | None] = field(default_factory=dict[str, str | None], init=False)
    ended: set[str] = field(default_factory=set[str], init=False)
    asked: dict[str, tuple[str, EntityRequestText]] = field(
        default_factory=dict[str, tuple[str, EntityRequestText]], init=False
    )
    """Open calls of entities: whom, and what for."""
    models: dict[tuple[str, int], ModelAsked] = field(
        default_factory=dict[tuple[str, int], ModelAsked], init=False
    )
    """Open requests to models, by agent and number."""
    queues: dict[str, deque[int]] = field(default_factory=dict[str, deque[int]], init=False)
    """When each entity got the requests that it has not answered."""
    calls: dict[str, int] = field(default_factory=dict[str, int], init=False)
    """When each function's invocation began."""

    def read(self, record: Record) -> Iterator[Row]:
        """Yield the rows of the next record."""
        self.sessions.follow(record)
        match record:
            case HistoryAppended():
                yield from self._event(record.at_us, record.instance_id, record.event)
            case ActivityStarted():
                self.running[record.instance_id, record.task_id] = record
            case ActivityFinished():
                yield self._activity(record)
            case StatusChanged():
                yield from self._status(record)
            case ClientCalled():
                yield from self._client(record)
            case EntityRequested():
                self.queues.setdefault(record.instance_id, deque()).append(record.at_us)
                yield entity_row(record)
            case EntityOperated():
                queue = self.queues.get(record.instance_id)
                yield entity_row(record, since_us=queue.popleft() if queue else None)
            case EntityChanged():
                # An agent's state is what its lines have said before.
                if record.state is None or not agents.is_agent(record.instance_id):
                    yield entity_row(record)
            case ModelAsked():
                self.models[record.instance_id, record.number] = record
            case ModelAnswered():
                yield self._model(record)
            case FunctionStarted():
                self.calls[record.instance_id] = record.at_us
                yield function_row(record)
            case FunctionFinished():
                yield function_row(record, since_us=self.calls.pop(record.instance_id, None))
            case MessageDiscarded():
                yield self._discarded(record)
            case FindingMade():
                yield _finding(record)
            case ChoiceMade():
                said = self.choices(record.choice)
                if said:
                    yield _row(record.at_us, "", "choice", said)
            case _:
                assert_never(record)

    def _event(self, at_us: int, instance_id: str, event: HistoryEvent) -> Iterator[Row]:
        match event:
            case ExecutionStarted():
                yield self._started(at_us, event)
            case TimerCreated():
                left = format_duration(max(0, event.fire_at_us - at_us))
                due = format_duration(max(0, event.fire_at_us - self.start_us))
                yield _row(at_us, instance_id, "time", f"timer of {left}, until T+{due}")
            case TimerFired():
                yield _row(at_us, instance_id, "time", "timer fired")
            case EventSent():
                request = request_of(event)
                if request is not None and not request.is_signal:
                    self.asked[request.request_id] = event.instance_id, request
            case EventRaised():
                yield self._raised(at_us, instance_id, event)
            case SubOrchestrationInstanceCreated():
                text = f"child {event.name} as {readable(event.instance_id)}"
                given = Detail(name="input", text=event.input, form="wrapped", in_line=False)
                child = Detail(name="instance", text=event.instance_id, form="plain", in_line=False)
                yield _row(at_us, instance_id, "work", text, given, child)
            case ExecutionCompleted():
                self.ended.add(instance_id)
                yield _completed(at_us, instance_id, event)
            case _:
                pass

    def _started(self, at_us: int, event: ExecutionStarted) -> Row:
        again = event.instance_id in self.names
        self.names[event.instance_id] = event.name
        text = "continued as new" if again and event.instance_id not in self.ended else event.name
        self.ended.discard(event.instance_id)
        given = Detail(name="input", text=event.input, form="wrapped")
        return _row(at_us, event.instance_id, "start", text, given)

    def _raised(self, at_us: int, instance_id: str, event: EventRaised) -> Row:
        answer = answer_of(event)
        call = self._call(event)
        if answer is None or call is None:
            data = Detail(name="data", text=event.input)
            return _row(at_us, instance_id, "event", f"event {event.name}", data)
        text, given = call
        details = [Detail(name="input", text=given, form="wrapped", in_line=False)]
        if answer.is_failure:
            details.append(Detail(name="failure", text=answer.result, form="plain", in_line=False))
            return _row(at_us, instance_id, "bad", f"{text} failed: {answer.result}", *details)
        response = agents.answered(answer.full)
        if response is None:
            details.append(Detail(name="result", text=answer.full))
            return _row(at_us, instance_id, "work", text, *details, is_answer=True)
        words, is_error = response
        details.append(Detail(name="answer", text=words, form="plain"))
        details.append(Detail(name="response", text=answer.full, in_line=False))
        kind: Kind = "bad" if is_error else "work"
        return _row(at_us, instance_id, kind, text, *details, is_answer=True)

    def _call(self, event: EventRaised) -> tuple[str, str | None] | None:
        """Return which call of an entity an event answers, for people, and its input."""
        target, request = self.asked.pop(event.name, ("", None))
        if request is None:
            return None
        message = agents.asked(request.full) if agents.is_agent(target) else None
        if message is not None:
            return f"{readable(target)} {message}", request.full
        return f"{readable(target)} {call_text(request.operation, request.input)}", request.full

    def _activity(self, record: ActivityFinished) -> Row:
        began = self.running.pop((record.instance_id, record.task_id), None)
        took_us = 0 if began is None else record.at_us - began.at_us
        after = f" after {format_duration(took_us)}" if took_us else ""
        given = Detail(name="input", text=None if began is None else began.input, form="wrapped")
        kind: Kind = "work"
        if record.failure is None:
            text = record.name + after
            outcome = Detail(name="result", text=record.result)
        else:
            kind = "bad"
            why = cause(record.failure.partition(" failed: ")[2] or record.failure)
            text = f"{record.name} failed{after}: {why}"
            outcome = Detail(name="failure", text=record.failure, form="plain", in_line=False)
        return _row(record.at_us, record.instance_id, kind, text, given, outcome, took_us=took_us)

    def _model(self, record: ModelAnswered) -> Row:
        asked = self.models.pop((record.instance_id, record.number), None)
        took_us = 0 if asked is None else record.at_us - asked.at_us
        after = f" after {format_duration(took_us)}" if took_us else ""
        details = (
            Detail(name="asked", text=None if asked is None else asked.message, form="plain"),
            Detail(name="answer", text=record.answer, form="plain"),
        )
        return Row(
            at_us=record.at_us,
            instance_id=self.sessions.of(record),
            lane_kind="agent",
            kind="bad" if record.is_failure else "work",
            text=f"model{after}",
            payload=line_of(details),
            details=details,
            took_us=took_us,
        )

    def _status(self, record: StatusChanged) -> Iterator[Row]:
        instance_id = record.instance_id
        if record.custom_status != self.custom.get(instance_id):
            self.custom[instance_id] = record.custom_status
            if record.custom_status is not None:
                status = Detail(name="status", text=record.custom_status)
                yield _row(record.at_us, instance_id, "note", "custom status", status)
        if record.status is RuntimeStatus.SUSPENDED:
            yield _row(record.at_us, instance_id, "note", "suspended")
        elif record.status is RuntimeStatus.TERMINATED and instance_id not in self.ended:
            yield _row(record.at_us, instance_id, "bad", "Terminated before it began")

    def _client(self, record: ClientCalled) -> Iterator[Row]:
        data = Detail(name="data", text=record.data)
        if record.answer >= _ACCEPTED_BELOW:
            text = f"{record.operation}: refused ({record.answer})"
            yield _row(record.at_us, record.instance_id, "note", text, data)
        elif record.operation.partition(" ")[0] not in _SHOWN_BY_THEIR_EFFECT:
            yield _row(record.at_us, record.instance_id, "event", record.operation, data)

    def _discarded(self, record: MessageDiscarded) -> Row:
        name = type(record.event).__name__
        if isinstance(record.event, EventRaised):
            call = self._call(record.event)
            name = f"event {record.event.name}" if call is None else f"answer to {call[0]}"
        text = f"{name} discarded: {record.why}"
        return _row(record.at_us, record.instance_id, "note", text, *_carried(record.event))


def _completed(at_us: int, instance_id: str, event: ExecutionCompleted) -> Row:
    text = str(event.status)
    if event.status is RuntimeStatus.COMPLETED:
        output = Detail(name="output", text=event.result)
        return _row(at_us, instance_id, "good", text, output)
    reason = cause(event.result)
    failure = Detail(name="failure", text=event.result, form="plain", in_line=False)
    return _row(at_us, instance_id, "bad", f"{text}: {reason}" if reason else text, failure)


def _carried(event: HistoryEvent) -> tuple[Detail, ...]:
    match event:
        case EventRaised():
            return (Detail(name="data", text=event.input, in_line=False),)
        case TaskCompleted() | SubOrchestrationInstanceCompleted():
            return (Detail(name="result", text=event.result, in_line=False),)
        case TaskFailed() | SubOrchestrationInstanceFailed():
            return (Detail(name="failure", text=event.reason, form="plain", in_line=False),)
        case _:
            return ()


def _finding(record: FindingMade) -> Row:
    finding = record.finding
    place = None if finding.place is None else str(finding.place)
    told = (("message", finding.message), ("way out", finding.way_out), ("place", place))
    details = (Detail(name=name, text=text, form="plain", in_line=False) for name, text in told)
    text = f"{finding.code} {finding.title}"
    return _row(record.at_us, finding.instance_id, "finding", text, *details)


def _row(
    at_us: int,
    instance_id: str,
    kind: Kind,
    text: str,
    *details: Detail,
    is_answer: bool = False,
    took_us: int = 0,
) -> Row:
    line = line_of(details)
    return Row(
        at_us=at_us,
        instance_id=instance_id,
        lane_kind=kind_of(instance_id),
        kind=kind,
        text=text,
        payload=f"→ {line}" if is_answer and line else line,
        details=details,
        took_us=took_us,
    )

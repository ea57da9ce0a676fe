"""A trace as the rows of a timeline: what a person wants to see of it, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, assert_never

from wfsim.clock import format_duration
from wfsim.history import (
    EventRaised,
    EventSent,
    ExecutionCompleted,
    ExecutionStarted,
    HistoryEvent,
    RuntimeStatus,
    SubOrchestrationInstanceCreated,
    TimerCreated,
    TimerFired,
)
from wfsim.history.jsontext import shown
from wfsim.history.messages import EntityRequestText, answer_of, request_of, shown_input
from wfsim.history.printable import printable
from wfsim.report import agents
from wfsim.report.failures import cause
from wfsim.report.names import readable
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

__all__ = ["Kind", "Row", "rows"]

Kind = Literal["start", "work", "time", "event", "good", "bad", "note", "finding"]

_ACCEPTED_BELOW = 400
_WIDEST = 400
"""Payloads are cut to the terminal's width later; nothing wider than this is ever wanted."""

_SHOWN_BY_THEIR_EFFECT = {"start", "suspend", "raise_event", "signal"}
"""Operations of clients that need no line of their own."""

_WIDEST_INPUT = 60
"""The same for the inputs of an entity's operations, which stand in the middle of a line."""

_MARKS: dict[Kind, str] = {
    "start": "▶",
    "work": "·",
    "time": "◷",
    "event": "✉",
    "good": "■",
    "bad": "✗",
    "note": "…",
    "finding": "!",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a timeline."""

    at_us: int
    instance_id: str
    kind: Kind
    text: str
    payload: str = ""

    @property
    def mark(self) -> str:
        """A sign for the kind, for readers without colours."""
        return _MARKS[self.kind]


def rows(records: Iterable[Record], *, start_us: int) -> list[Row]:
    """Return the rows of a timeline, oldest first.

    Args:
        records: What was recorded.
        start_us: The simulation's start, from which times are counted.
    """
    reader = _Reader(start_us)
    return [row for record in records for row in reader.read(record)]


@dataclass(slots=True)
class _Reader:
    start_us: int
    running: dict[tuple[str, int], ActivityStarted] = field(
        default_factory=dict[tuple[str, int], ActivityStarted]
    )
    names: dict[str, str] = field(default_factory=dict[str, str])
    custom: dict[str, str | None] = field(default_factory=dict[str, str | None])
    ended: set[str] = field(default_factory=set[str])
    created: dict[tuple[str, int], int] = field(default_factory=dict[tuple[str, int], int])
    asked: dict[str, tuple[str, EntityRequestText]] = field(
        default_factory=dict[str, tuple[str, EntityRequestText]]
    )
    """Open calls of entities: whom, and what for."""
    models: dict[tuple[str, int], ModelAsked] = field(
        default_factory=dict[tuple[str, int], ModelAsked]
    )
    """Open requests to models, by agent and number."""

    def read(self, record: Record) -> Iterator[Row]:
        match record:
            case HistoryAppended():
                yield from self._event(record.at_us, record.instance_id, record.event)
            case ActivityStarted():
                self.running[record.instance_id, record.task_id] = record
            case ActivityFinished():
                yield from self._activity(record)
            case StatusChanged():
                yield from self._status(record)
            case ClientCalled():
                yield from self._client(record)
            case EntityRequested() | EntityOperated() | EntityChanged():
                if not _is_known(record):
                    yield _entity(record)
            case ModelAsked():
                self.models[record.instance_id, record.number] = record
            case ModelAnswered():
                yield self._model(record)
            case FunctionStarted() | FunctionFinished():
                yield _function(record)
            case MessageDiscarded():
                yield self._discarded(record)
            case FindingMade():
                text = f"{record.finding.code} {record.finding.title}"
                yield Row(
                    at_us=record.at_us,
                    instance_id=record.finding.instance_id,
                    kind="finding",
                    text=text,
                )
            case ChoiceMade():
                pass
            case _:
                assert_never(record)

    def _event(self, at_us: int, instance_id: str, event: HistoryEvent) -> Iterator[Row]:
        match event:
            case ExecutionStarted():
                yield self._started(at_us, event)
            case TimerCreated():
                self.created[instance_id, event.event_id] = at_us
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
                text = f"child {event.name} as {event.instance_id}"
                yield _row(at_us, instance_id, "work", text)
            case ExecutionCompleted():
                self.ended.add(instance_id)
                good = event.status is RuntimeStatus.COMPLETED
                text = str(event.status)
                if good:
                    yield _row(at_us, instance_id, "good", text, event.result)
                else:
                    reason = cause(event.result)
                    yield _row(at_us, instance_id, "bad", f"{text}: {reason}" if reason else text)
            case _:
                pass

    def _started(self, at_us: int, event: ExecutionStarted) -> Row:
        again = event.instance_id in self.names
        self.names[event.instance_id] = event.name
        text = "continued as new" if again and event.instance_id not in self.ended else event.name
        self.ended.discard(event.instance_id)
        return _row(at_us, event.instance_id, "start", text, event.input, wrapped=True)

    def _raised(self, at_us: int, instance_id: str, event: EventRaised) -> Row:
        answer = answer_of(event)
        call = self._call(event)
        if answer is None or call is None:
            return _row(at_us, instance_id, "event", f"event {event.name}", event.input)
        if answer.is_failure:
            return _row(at_us, instance_id, "bad", f"{call} failed: {answer.result}")
        response = agents.answered(answer.full)
        if response is not None:
            text, is_error = response
            kind: Kind = "bad" if is_error else "work"
            return Row(
                at_us=at_us, instance_id=instance_id, kind=kind, text=call, payload=f"→ {text}"
            )
        return Row(
            at_us=at_us,
            instance_id=instance_id,
            kind="work",
            text=printable(call),
            payload=f"→ {answer.result}",
        )

    def _call(self, event: EventRaised) -> str | None:
        """Return which call of an entity an event answers, for people."""
        target, request = self.asked.pop(event.name, ("", None))
        if request is None:
            return None
        message = agents.asked(request.full) if agents.is_agent(target) else None
        if message is not None:
            return f"{readable(target)} {message}"
        return f"{readable(target)} {_operation(request.operation, request.input)}"

    def _activity(self, record: ActivityFinished) -> Iterator[Row]:
        began = self.running.pop((record.instance_id, record.task_id), None)
        took_us = 0 if began is None else record.at_us - began.at_us
        after = f" after {format_duration(took_us)}" if took_us else ""
        given = "" if began is None else shown(began.input, wrapped=True, width=_WIDEST)
        if record.failure is None:
            result = shown(record.result, width=_WIDEST)
            payload = " → ".join(part for part in (given, result) if part)
            yield Row(
                at_us=record.at_us,
                instance_id=record.instance_id,
                kind="work",
                text=printable(record.name) + after,
                payload=payload,
            )
            return
        why = cause(record.failure.partition(" failed: ")[2] or record.failure)
        text = f"{record.name} failed{after}: {why}"
        yield Row(
            at_us=record.at_us,
            instance_id=record.instance_id,
            kind="bad",
            text=printable(text),
            payload=given,
        )

    def _model(self, record: ModelAnswered) -> Row:
        asked = self.models.pop((record.instance_id, record.number), None)
        took_us = 0 if asked is None else record.at_us - asked.at_us
        after = f" after {format_duration(took_us)}" if took_us else ""
        return Row(
            at_us=record.at_us,
            instance_id=record.instance_id,
            kind="bad" if record.is_failure else "work",
            text=f"model{after}",
            payload=printable(f"{'' if asked is None else asked.message} → {record.answer}"),
        )

    def _status(self, record: StatusChanged) -> Iterator[Row]:
        instance_id = record.instance_id
        if record.custom_status != self.custom.get(instance_id):
            self.custom[instance_id] = record.custom_status
            if record.custom_status is not None:
                text = "custom status"
                yield _row(record.at_us, instance_id, "note", text, record.custom_status)
        if record.status is RuntimeStatus.SUSPENDED:
            yield _row(record.at_us, instance_id, "note", "suspended")
        elif record.status is RuntimeStatus.TERMINATED and instance_id not in self.ended:
            yield _row(record.at_us, instance_id, "bad", "Terminated before it began")

    def _client(self, record: ClientCalled) -> Iterator[Row]:
        if record.answer >= _ACCEPTED_BELOW:
            text = f"{record.operation}: refused ({record.answer})"
            yield _row(record.at_us, record.instance_id, "note", text, record.data)
        elif record.operation.partition(" ")[0] not in _SHOWN_BY_THEIR_EFFECT:
            yield _row(record.at_us, record.instance_id, "event", record.operation, record.data)

    def _discarded(self, record: MessageDiscarded) -> Row:
        name = type(record.event).__name__
        if isinstance(record.event, EventRaised):
            call = self._call(record.event)
            name = f"event {record.event.name}" if call is None else f"answer to {call}"
        return _row(record.at_us, record.instance_id, "note", f"{name} discarded: {record.why}")


def _is_known(record: EntityRequested | EntityOperated | EntityChanged) -> bool:
    """Whether a record shows nothing new: an agent's state is what its lines have said before."""
    return (
        isinstance(record, EntityChanged)
        and record.state is not None
        and agents.is_agent(record.instance_id)
    )


def _entity(record: EntityRequested | EntityOperated | EntityChanged) -> Row:
    at_us, entity_id = record.at_us, record.instance_id
    match record:
        case EntityRequested() if agents.is_agent(entity_id, record.operation) and (
            message := agents.asked(record.input)
        ):
            sender = f" from {readable(record.caller)}" if record.caller else ""
            return _row(at_us, entity_id, "event", f"{message}{sender}")
        case EntityOperated() if response := agents.answered(record.result):
            text, is_error = response
            return Row(
                at_us=at_us,
                instance_id=entity_id,
                kind="bad" if is_error else "work",
                text="answers",
                payload=text,
            )
        case EntityRequested():
            given = shown_input(record.input, width=_WIDEST_INPUT)
            sender = f" from {readable(record.caller)}" if record.caller else ""
            text = f"{_operation(record.operation, given)}{sender}"
            return _row(at_us, entity_id, "event", text)
        case EntityOperated():
            if record.failure is not None:
                text = f"{record.operation} failed: {record.failure}"
                return _row(at_us, entity_id, "bad", text)
            result = shown(record.result, width=_WIDEST) if record.result != "null" else ""
            payload = f"→ {result}" if result else ""
            text = printable(record.operation)
            return Row(at_us=at_us, instance_id=entity_id, kind="work", text=text, payload=payload)
        case EntityChanged():
            if record.state is None:
                return _row(at_us, entity_id, "note", "deleted")
            return _row(at_us, entity_id, "note", "state", record.state)
        case _:
            assert_never(record)


def _operation(name: str, given: str) -> str:
    return f"{name}({given})"


def _function(record: FunctionStarted | FunctionFinished) -> Row:
    """Return the row of a function; it has no instance, so its name stands in the column."""
    at_us, name = record.at_us, record.name
    match record:
        case FunctionStarted(trigger="httpTrigger"):
            return _row(at_us, name, "start", record.input)
        case FunctionStarted():
            return _row(at_us, name, "start", record.trigger.removesuffix("Trigger"), record.input)
        case FunctionFinished():
            if record.failure is not None:
                return _row(at_us, name, "bad", f"failed: {' '.join(record.failure.split())}")
            return _row(at_us, name, "good", record.result or "done")
        case _:
            assert_never(record)


def _row(
    at_us: int,
    instance_id: str,
    kind: Kind,
    text: str,
    payload: str | None = None,
    *,
    wrapped: bool = False,
) -> Row:
    return Row(
        at_us=at_us,
        instance_id=instance_id,
        kind=kind,
        text=printable(text),
        payload=shown(payload, wrapped=wrapped, width=_WIDEST),
    )

"""Traces as facts: below each instant the instances, below each instance what happened to it.

What happens to different instances at one instant has no order that an app could rely on. They
stand in the order of the instants at which they first appear, then by name, then by what happened
to them; the order within an instance stays as recorded. With `exact_order` everything does, and the
choices of the schedule are shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import assert_never

from wfsim.snapshot.happened import (
    Details,
    Known,
    Told,
    event_fact,
    json_detail,
    text_detail,
    wire_detail,
)
from wfsim.snapshot.histories import instances_in, latest_us
from wfsim.snapshot.naming import Naming, Run
from wfsim.snapshot.plain import plain
from wfsim.snapshot.rules import Rules
from wfsim.snapshot.view import Fact, Recorded, register
from wfsim.trace import (
    ActivityFinished,
    ActivityStarted,
    ChoiceMade,
    ClientCalled,
    EntityChanged,
    EntityOperated,
    EntityRequested,
    Finding,
    FindingMade,
    FunctionFinished,
    FunctionStarted,
    HistoryAppended,
    MessageDiscarded,
    ModelAnswered,
    ModelAsked,
    Record,
    StatusChanged,
    Trace,
)

__all__ = ["traces"]

_WIDTH = 33
_AGENT = "@dafx-"
"""How the ids of agents' sessions begin."""


@register(Trace)
def traces(values: Sequence[Trace], rules: Rules) -> Recorded:
    """Return the facts of traces; several stand one below the other."""
    events = [item.event for trace in values for item in trace if isinstance(item, HistoryAppended)]
    names = dict(instances_in(events))
    for trace in values:
        names |= {item.instance_id: item.name for item in trace if isinstance(item, StatusChanged)}
    run = Run(
        start_us=min((trace.start_us for trace in values), default=0),
        end_us=max(
            (*map(latest_us, events), *(item.at_us for trace in values for item in trace)),
            default=0,
        ),
        instances=names,
    )
    facts: list[Fact] = []
    for number, trace in enumerate(values, 1):
        found = list(_Reader(rules).facts(trace))
        if not rules.exact_order:
            found = _ordered(found, run, rules)
        above = (f"trace {number}",) if len(values) > 1 else ()
        facts += [replace(fact, headings=(*above, *fact.headings)) for fact in found]
    return Recorded(kind="trace", facts=facts, run=run, width=_WIDTH)


def _ordered(facts: Sequence[Fact], run: Run, rules: Rules) -> list[Fact]:
    """Put the lanes of each instant in an order that no schedule changes."""
    first: dict[str | int, int] = {}
    lanes: dict[tuple[int, str], list[Fact]] = {}
    for fact in facts:
        at_us, lane = fact.headings
        if not isinstance(at_us, int) or not isinstance(lane, str):  # pragma: no cover
            raise TypeError(fact.headings)
        first.setdefault(lane, at_us)
        lanes.setdefault((at_us, lane), []).append(fact)
    blank = Naming(run, rules=rules, blank=True)

    def place(key: tuple[int, str]) -> tuple[int, int, str, str]:
        at_us, lane = key
        name = blank.text(lane)
        # Only instances whose names are made up need to be told apart by what happened to them.
        content = _content(lanes[key], blank) if name != lane else ""
        return at_us, first[lane], name, content

    return [fact for key in sorted(lanes, key=place) for fact in lanes[key]]


def _content(facts: Sequence[Fact], blank: Naming) -> str:
    shown = [
        [fact.what, fact.number, blank.text(fact.said), plain(dict(fact.details), blank)]
        for fact in facts
    ]
    return json.dumps(shown, sort_keys=True)


class _Reader:
    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._told: Told = set()
        self._known: dict[str, Known] = {}
        self._status: dict[str, tuple[str, str | None]] = {}

    def facts(self, trace: Trace) -> Iterator[Fact]:
        for record in trace:
            match record:
                case ChoiceMade():
                    if self._rules.exact_order:
                        yield _choice(record)
                case HistoryAppended():
                    known = self._of(record.instance_id)
                    yield event_fact(record.event, known, (record.at_us, record.instance_id))
                case FindingMade():
                    yield _finding(record.at_us, record.finding)
                case _:
                    number, said, details = self._says(record)
                    yield Fact(
                        headings=(record.at_us, _lane(record)),
                        what=type(record).__name__,
                        number=number,
                        said=said,
                        details=details,
                    )

    def _of(self, instance_id: str) -> Known:
        return self._known.setdefault(instance_id, Known(instance_id=instance_id, told=self._told))

    def _says(self, record: _Lane) -> tuple[str, str, Details]:
        match record:
            case StatusChanged():
                return "", *self._changed(record)
            case ActivityStarted():
                known = self._of(record.instance_id)
                is_told = known.is_told("scheduled", record.task_id, record.input)
                details = () if is_told else wire_detail("input", record.input, in_list=True)
                return str(record.task_id), record.name, details
            case ActivityFinished():
                return str(record.task_id), record.name, self._finished(record)
            case ClientCalled():
                return "", f"{record.operation} → {record.answer}", self._called(record)
            case EntityRequested():
                return "", *self._requested(record)
            case EntityOperated():
                self._of(record.caller).tell("answer", "", record.result)
                details = (
                    *json_detail("result", record.result),
                    *text_detail("failure", record.failure),
                )
                return "", _operation(record), details
            case EntityChanged():
                if record.state is not None and record.instance_id.startswith(_AGENT):
                    return "", "its conversation", ()  # what its messages have said before
                return "", "" if record.state else "deleted", json_detail("state", record.state)
            case FunctionStarted():
                return "", record.trigger, text_detail("input", record.input)
            case FunctionFinished():
                details = (
                    *text_detail("result", record.result),
                    *text_detail("failure", record.failure),
                )
                return "", "", details
            case ModelAsked():
                return str(record.number), "", text_detail("message", record.message)
            case ModelAnswered():
                said = "fails" if record.is_failure else ""
                return str(record.number), said, text_detail("answer", record.answer)
            case MessageDiscarded():
                fact = event_fact(record.event, Known(), ())
                said = f"{fact.what} {fact.number}{fact.said}: {record.why}"
                return "", said, fact.details
            case _:
                assert_never(record)

    def _changed(self, record: StatusChanged) -> tuple[str, Details]:
        _, custom = self._status.get(record.instance_id, ("", None))
        self._status[record.instance_id] = (record.status, record.custom_status)
        if record.custom_status == custom:
            return str(record.status), ()
        return str(record.status), json_detail("custom status", record.custom_status or "null")

    def _finished(self, record: ActivityFinished) -> Details:
        known = self._of(record.instance_id)
        if record.failure is not None:
            known.tell("failure", record.task_id, record.failure)
            return text_detail("failure", record.failure)
        known.tell("result", record.task_id, record.result)
        return json_detail("result", record.result)

    def _called(self, record: ClientCalled) -> Details:
        known = self._of(record.instance_id)
        verb, _, name = record.operation.partition(" ")
        match verb:
            case "start":
                known.tell("created", "", record.data)
                return wire_detail("input", record.data)
            case "raise_event":
                known.tell("event", name, record.data)
                return json_detail("data", record.data)
            case "signal":
                known.tell("requested", name, record.data)
                return wire_detail("input", record.data)
            case _:
                return text_detail("data", record.data)

    def _requested(self, record: EntityRequested) -> tuple[str, Details]:
        is_told = self._of(record.instance_id).is_told("requested", record.operation, record.input)
        return _operation(record), () if is_told else wire_detail("input", record.input)


_Lane = (
    StatusChanged
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
)


def _lane(record: Record) -> str:
    match record:
        case FunctionStarted() | FunctionFinished():
            return f"{record.name} {record.instance_id}"
        case ModelAsked() | ModelAnswered():
            return f"model of {record.instance_id or 'a client'}"
        case ChoiceMade():
            return "choices"
        case FindingMade():
            return record.finding.instance_id or "the app"
        case _:
            return record.instance_id


def _operation(record: EntityRequested | EntityOperated) -> str:
    sender = f" from {record.caller}" if record.caller else ""
    return f"{record.operation}{sender}{' (signal)' * record.is_signal}"


def _choice(record: ChoiceMade) -> Fact:
    choice = record.choice
    return Fact(
        headings=(record.at_us, _lane(record)),
        what="ChoiceMade",
        number=str(choice.number),
        said=f"{choice.about}: {choice.label}",
        details=(("of", list(choice.options)),),
    )


def _finding(at_us: int, finding: Finding) -> Fact:
    place = (("place", f"{finding.place.near}:{finding.place.line}"),) if finding.place else ()
    return Fact(
        headings=(at_us, finding.instance_id or "the app"),
        what="FindingMade",
        said=f"{finding.code} {finding.title}",
        details=(("message", finding.message), ("way out", finding.way_out), *place),
    )

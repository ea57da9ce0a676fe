"""Writes a history as a corpus file: turn by turn, what came in and what was decided.

Made-up ids are left out and made anew when the file is read, so that files do not differ from one
recording to the next. Beside the events it keeps what Azure's own histories do not: retry policies,
and the events that were waited for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final, assert_never

import yaml

from wfsim.clock import format_duration, iso
from wfsim.history import (
    EventRaised,
    EventSent,
    ExecutionCompleted,
    ExecutionResumed,
    ExecutionStarted,
    ExecutionSuspended,
    ExecutionTerminated,
    GenericEvent,
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
from wfsim.replay.corpus.payloads import given, plain
from wfsim.replay.records import RecordedHistory
from wfsim.replay.turns import Recorded, Turn, turns_of
from wfsim.workers.azure_functions.failures import failure_of
from wfsim.yamltext import dumped

__all__ = ["FORMAT", "text_of"]

FORMAT: Final = "wfsim corpus 1"
_HEADER: Final = (
    f"# {FORMAT}: written by `wfsim record`, replayed by `wfsim replay` and `pytest "
    "--wfsim-corpus`.\n"
)
_WIDTH: Final = 100
_NUMBER: Final = re.compile(r"^-?[0-9][0-9.]*[eE][-+]?[0-9]+$")


class _Line(dict[str, Any]):
    """A mapping that stands on one line where it fits."""


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML's own
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - PyYAML's own
        super().increase_indent(flow, False)  # noqa: FBT003


def _one_line(dumper: yaml.SafeDumper, data: Mapping[str, Any]) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", data, flow_style=True)


_Dumper.add_representer(_Line, _one_line)
# The reader takes 1e5 for a number, YAML 1.1 does not: in quotes it is text for both.
_Dumper.add_implicit_resolver(  # pyright: ignore[reportUnknownMemberType]
    "tag:yaml.org,2002:float", _NUMBER, list("-0123456789")
)


def text_of(history: RecordedHistory, *, app: str = "", covers: tuple[str, ...] = ()) -> str:
    """Return a history as text.

    Args:
        history: The history.
        app: Path of the app that made it, as it stands in the file; empty for none.
        covers: What it shows that no other file shows, for people.
    """
    return _HEADER + dumped(_document(history, app, covers), _Dumper, width=_WIDTH)


def _document(history: RecordedHistory, app: str, covers: tuple[str, ...]) -> dict[str, Any]:
    started = history.started
    document: dict[str, Any] = {"app": app} if app else {}
    document |= {"orchestrator": started.name, "instance": started.instance_id}
    if started.version:
        document["version"] = started.version
    if started.parent is not None:
        document["parent"] = _Line(
            orchestrator=started.parent.name,
            instance=started.parent.instance_id,
            step=started.parent.task_id,
        )
    document |= given("input", started.input)
    document["status"] = str(history.status)
    if covers:
        document["covers"] = list(covers)
    document["start"] = iso(history.events[0].at_us)
    writer = _Writer(history)
    document["turns"] = [writer.turn(turn) for turn in turns_of(history.events)]
    return document


class _Writer:
    def __init__(self, history: RecordedHistory) -> None:
        self._history = history
        self._start_us = history.events[0].at_us
        requests = (
            (event, request_of(event)) for event in history.events if isinstance(event, EventSent)
        )
        self._names = {
            event.event_id: event.name
            for event in history.events
            if isinstance(event, TaskScheduled)
        }
        self._asked = {
            request.request_id: event.event_id for event, request in requests if request is not None
        }

    def turn(self, turn: Turn) -> dict[str, Any]:
        events = self._history.events[turn.begin : turn.end]
        written: dict[str, Any] = {"at": self._offset(turn.now_us)}
        came = [
            self._timed(event, self._came(event), turn)
            for event in turn.arrivals
            if not isinstance(event, OrchestratorStarted | OrchestratorCompleted)
        ]
        if came:
            written["came"] = came
        # A generation that continues another one begins with a turn that is saved twice.
        inner = [event for event in turn.arrivals if isinstance(event, OrchestratorCompleted)]
        if inner and turn.decided < turn.end:
            written["saved_twice"] = True
        did = [
            self._timed(event, self._did(event), turn)
            for event in events
            if isinstance(event, Recorded | ExecutionCompleted)
        ]
        if did:
            written["did"] = did
        if not isinstance(events[-1], OrchestratorCompleted):
            written["saved"] = False
        if self._history.waits is not None and self._history.waits.get(turn.index):
            written["waits"] = list(self._history.waits[turn.index])
        return written

    def _offset(self, at_us: int) -> str:
        return format_duration(at_us - self._start_us)

    def _timed(self, event: HistoryEvent, line: dict[str, Any], turn: Turn) -> dict[str, Any]:
        if event.at_us != turn.now_us:
            line["at"] = self._offset(event.at_us)
        return _Line(line)

    def _came(self, event: HistoryEvent) -> dict[str, Any]:
        match event:
            case ExecutionStarted():
                return {"started": event.name}
            case TaskCompleted() | SubOrchestrationInstanceCompleted():
                return {"result_of": event.task_id, **plain("value", event.result)}
            case TaskFailed() if (error := self._error(event)) is not None:
                return {"failure_of": event.task_id, "error": error}
            case TaskFailed() | SubOrchestrationInstanceFailed():
                return {
                    "failure_of": event.task_id,
                    "reason": event.reason,
                    **({} if event.details is None else {"details": event.details}),
                }
            case TimerFired():
                return {"timer_of": event.timer_id, "due": self._offset(event.fire_at_us)}
            case EventRaised() if event.name in self._asked:
                return {"answer_to": self._asked[event.name], **plain("value", event.input)}
            case EventRaised():
                return {"event": event.name, **plain("data", event.input)}
            case ExecutionTerminated():
                return {"terminated": event.reason}
            case ExecutionSuspended():
                return {"suspended": event.reason}
            case ExecutionResumed():
                return {"resumed": event.reason}
            case GenericEvent():
                return {"generic": event.data, "step": event.event_id}
            case _:
                raise AssertionError(f"{type(event).__name__} does not come in")

    def _error(self, event: TaskFailed) -> str | None:
        """Return an activity's error, if that is all there is to its failure but a stack."""
        name = self._names.get(event.task_id, "")
        remote = event.reason.partition(" failed:  ")[2]
        reason, details = failure_of(name, remote)
        known = _without_stack(event.details)
        return remote if reason == event.reason and known == _without_stack(details) else None

    def _did(self, event: Recorded | ExecutionCompleted) -> dict[str, Any]:
        step = {"step": event.event_id}
        match event:
            case TaskScheduled():
                payload = given("input", event.input, is_activity=True)
                call = {"call_activity": event.name, **payload}
                return step | call | self._retry(event.event_id)
            case TimerCreated():
                return step | {"create_timer": self._offset(event.fire_at_us)}
            case SubOrchestrationInstanceCreated():
                call = {"call_sub_orchestrator": event.name, **given("input", event.input)}
                is_made_up = event.instance_id.endswith(f":{event.event_id}")
                name = {} if is_made_up else {"instance": event.instance_id}
                version = {"version": event.version} if event.version else {}
                return step | call | name | version | self._retry(event.event_id)
            case EventSent():
                return step | self._sent(event)
            case ExecutionCompleted():
                is_text = event.status not in {"Completed", "ContinuedAsNew"}
                # Of a failure, the first line tells what it was; the rest is the host's.
                text = {"text": (event.result or "").partition("\n")[0].rstrip()}
                output = text if is_text else plain("output", event.result)
                return step | {"ends": str(event.status)} | output
            case _:
                assert_never(event)

    def _retry(self, number: int) -> dict[str, Any]:
        policy = (self._history.retries or {}).get(number)
        return {"retry": policy} if policy else {}

    def _sent(self, event: EventSent) -> dict[str, Any]:
        request = request_of(event)
        if request is None:
            return {"send": event.name, "to": event.instance_id, **plain("input", event.input)}
        call = "signal_entity" if request.is_signal else "call_entity"
        return {
            call: event.instance_id,
            "operation": request.operation,
            **given("input", request.full),
        }


def _without_stack(details: str | None) -> object:
    """Return the details of a failure without the traceback, which names lines of the app."""
    try:
        shown = json.loads(details or "")
        inner = shown["InnerException"]
        return {**shown, "InnerException": inner["RemoteMessage"]}
    except (ValueError, KeyError, TypeError):
        return details

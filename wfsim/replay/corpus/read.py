"""Reads corpus files; what is wrong in one is named with its line."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast

from wfsim.clock import parse_duration, to_us
from wfsim.errors import UsageError, nearest
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
    ParentInstance,
    RuntimeStatus,
    SubOrchestrationInstanceCompleted,
    SubOrchestrationInstanceCreated,
    SubOrchestrationInstanceFailed,
    TaskCompleted,
    TaskFailed,
    TaskScheduled,
    TimerCreated,
    TimerFired,
)
from wfsim.history.jsontext import JsonValue, write
from wfsim.replay.corpus.payloads import raw_given, raw_plain
from wfsim.replay.formats.build import built
from wfsim.replay.formats.fields import Damaged, sentence
from wfsim.replay.records import RecordedHistory, Source
from wfsim.workers.azure_functions.failures import failure_of
from wfsim.yamltext import FileKind, Position, read

__all__ = ["CorpusFile", "read_corpus"]

_KIND: Final = FileKind(name="corpus file", holds="orchestrator: and turns:", error=UsageError)
_NAMESPACE: Final = uuid.UUID("5b1f6a1e-0a53-4a0c-9d2b-3a1f4f6c7d21")
_DOCUMENT: Final = frozenset(
    [
        *("app", "orchestrator", "instance", "version", "parent", "input", "status", "covers"),
        *("start", "turns"),
    ]
)
_TURN: Final = frozenset(["at", "came", "did", "saved", "saved_twice", "waits"])


class CorpusFile:
    """What a corpus file holds.

    Args:
        path: The file.

    Raises:
        UsageError: there is none, or it is damaged; the text names the line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        source = read(path, _KIND)
        self._document = _Node(path, source.data, source.position, ())
        self._document.only(_DOCUMENT)

    @property
    def app(self) -> str:
        """Path of the app, from the file's folder, or module:attribute; empty for none."""
        app = str(self._document.maybe("app", str) or "")
        return app if not app or ":" in Path(app).name else str(self.path.parent / app)

    @property
    def history(self) -> RecordedHistory:
        """The history."""
        return _Reader(self._document).history()


def read_corpus(path: Path) -> RecordedHistory:
    """Return the history in a corpus file.

    Raises:
        UsageError: it is damaged; the text names the line.
    """
    return CorpusFile(path).history


class _Node:
    """A mapping in the file, which knows its lines."""

    def __init__(
        self, path: Path, data: object, position: Position, place: tuple[str | int, ...]
    ) -> None:
        self.path = path
        self._position = position
        self._place = place
        if not isinstance(data, dict):
            raise self.wrong(f"keys are wanted here, not {data!r}")
        self.data = cast("dict[str, Any]", data)

    def wrong(self, why: str, *key: str) -> UsageError:
        line = self._position.line_of((*self._place, *key))
        return UsageError(f"{self.path}:{line}: {sentence(why)}")

    def only(self, known: frozenset[str]) -> None:
        """Refuse keys that mean nothing."""
        for key in self.data:
            if key not in known:
                raise self.wrong(f"there is no key {key!r}.{nearest(key, known)}", key)

    def need(self, key: str, kind: type) -> Any:  # noqa: ANN401 - of that kind
        if key not in self.data:
            raise self.wrong(f"{key!r} is missing")
        return self.maybe(key, kind)

    def maybe(self, key: str, kind: type) -> Any:  # noqa: ANN401 - of that kind
        value = self.data.get(key)
        is_bool = isinstance(value, bool) and kind is not bool
        if value is not None and (not isinstance(value, kind) or is_bool):
            raise self.wrong(f"{key!r} must be {kind.__name__}, not {value!r}", key)
        return value

    def offset(self, key: str) -> int | None:
        if key not in self.data:
            return None
        try:
            return parse_duration(self.data[key], what=key)
        except UsageError as error:
            raise self.wrong(str(error), key) from None

    def items(self, key: str) -> list[_Node]:
        listed: list[object] = self.maybe(key, list) or []
        return [
            _Node(self.path, item, self._position, (*self._place, key, number))
            for number, item in enumerate(listed)
        ]

    def inner(self, key: str) -> _Node | None:
        if self.data.get(key) is None:
            return None
        return _Node(self.path, self.data[key], self._position, (*self._place, key))


class _Reader:
    def __init__(self, document: _Node) -> None:
        self._document = document
        self._instance = str(document.need("instance", str))
        start = str(document.need("start", str))
        try:
            self._start_us = to_us(datetime.fromisoformat(start))
        except ValueError:
            raise document.wrong(f"'start' must be an instant, not {start!r}", "start") from None
        self._children: set[int] = set()
        self._names: dict[int, str] = {}
        self._retries: dict[int, str] = {}
        self._waits: dict[int, tuple[str, ...]] = {}

    def history(self) -> RecordedHistory:
        document = self._document
        status = _known_status(document, "status")
        events: list[HistoryEvent] = []
        for number, turn in enumerate(document.items("turns")):
            turn.only(_TURN)
            events += self._turn(number, turn)
        if not events:
            raise document.wrong("there is no turn", "turns")
        try:
            history = built(
                events,
                source=Source(path=str(document.path)),
                instance_id=self._instance,
                status=RuntimeStatus(status),
            )
        except Damaged as damage:
            raise document.wrong(damage.why, "turns") from None
        return replace(history, retries=self._retries, waits=self._waits)

    def _turn(self, number: int, turn: _Node) -> list[HistoryEvent]:
        now_us = self._start_us + (turn.offset("at") or 0)
        events: list[HistoryEvent] = [OrchestratorStarted(at_us=now_us)]
        events += [self._came(item, self._at(item, now_us)) for item in turn.items("came")]
        if turn.maybe("saved_twice", bool):
            events.append(OrchestratorCompleted(at_us=now_us))
        events += [self._did(item, self._at(item, now_us)) for item in turn.items("did")]
        if turn.maybe("saved", bool) is not False:
            events.append(OrchestratorCompleted(at_us=now_us))
        waits = cast("list[object] | None", turn.maybe("waits", list))
        self._waits[number] = tuple(map(str, waits or ()))
        return events

    def _at(self, item: _Node, now_us: int) -> int:
        offset = item.offset("at")
        return now_us if offset is None else self._start_us + offset

    def _due(self, item: _Node, key: str) -> int:
        offset = item.offset(key)
        if offset is None:
            raise item.wrong(f"{key!r} is missing")
        return self._start_us + offset

    def _came(self, item: _Node, at_us: int) -> HistoryEvent:
        match next(iter(item.data), ""):
            case "started":
                return self._started(at_us)
            case "result_of":
                number = int(item.need("result_of", int))
                return self._result(number, raw_plain(item.data, "value"), at_us)
            case "failure_of":
                return self._failure(item, at_us)
            case "timer_of":
                number = int(item.need("timer_of", int))
                return TimerFired(at_us=at_us, timer_id=number, fire_at_us=self._due(item, "due"))
            case "answer_to":
                name = self._request_id(int(item.need("answer_to", int)))
                return EventRaised(at_us=at_us, name=name, input=raw_plain(item.data, "value"))
            case "event":
                name, data = str(item.need("event", str)), raw_plain(item.data, "data")
                return EventRaised(at_us=at_us, name=name, input=data)
            case "terminated":
                return ExecutionTerminated(at_us=at_us, reason=item.maybe("terminated", str))
            case "suspended":
                return ExecutionSuspended(at_us=at_us, reason=item.maybe("suspended", str))
            case "resumed":
                return ExecutionResumed(at_us=at_us, reason=item.maybe("resumed", str))
            case "generic":
                data, number = item.maybe("generic", str), int(item.maybe("step", int) or -1)
                return GenericEvent(at_us=at_us, data=data, event_id=number)
            case other:
                raise item.wrong(
                    f"nothing that comes in is called {other!r}.{nearest(other, _CAME)}"
                )

    def _started(self, at_us: int) -> ExecutionStarted:
        document = self._document
        parent = document.inner("parent")
        return ExecutionStarted(
            at_us=at_us,
            instance_id=self._instance,
            execution_id=_made_up(self._instance, "execution"),
            name=str(document.need("orchestrator", str)),
            version=str(document.maybe("version", str) or ""),
            input=raw_given(document.data, "input"),
            parent=None
            if parent is None
            else ParentInstance(
                name=str(parent.need("orchestrator", str)),
                instance_id=str(parent.need("instance", str)),
                execution_id=_made_up(str(parent.need("instance", str)), "execution"),
                task_id=int(parent.need("step", int)),
            ),
        )

    def _result(self, number: int, text: str | None, at_us: int) -> HistoryEvent:
        kind = SubOrchestrationInstanceCompleted if number in self._children else TaskCompleted
        return kind(at_us=at_us, task_id=number, result=text)

    def _failure(self, item: _Node, at_us: int) -> HistoryEvent:
        number = int(item.need("failure_of", int))
        if "error" in item.data:
            error = str(item.need("error", str))
            reason, details = failure_of(self._names.get(number, ""), error)
            return TaskFailed(at_us=at_us, task_id=number, reason=reason, details=details)
        kind = SubOrchestrationInstanceFailed if number in self._children else TaskFailed
        reason, details = str(item.need("reason", str)), item.maybe("details", str)
        return kind(at_us=at_us, task_id=number, reason=reason, details=details)

    def _did(self, item: _Node, at_us: int) -> HistoryEvent:
        number = int(item.need("step", int))
        if item.maybe("retry", str):
            self._retries[number] = str(item.data["retry"])
        keys = [key for key in item.data if key in _DID]
        match keys[0] if keys else "":
            case "call_activity":
                text = raw_given(item.data, "input", is_activity=True)
                name = self._names[number] = str(item.need("call_activity", str))
                return TaskScheduled(at_us=at_us, event_id=number, name=name, input=text)
            case "create_timer":
                due_us = self._due(item, "create_timer")
                return TimerCreated(at_us=at_us, event_id=number, fire_at_us=due_us)
            case "call_sub_orchestrator":
                self._children.add(number)
                return self._child(item, number, at_us)
            case "call_entity" | "signal_entity" as call:
                return self._sent(item, number, call, at_us)
            case "send":
                return EventSent(
                    at_us=at_us,
                    event_id=number,
                    instance_id=str(item.need("to", str)),
                    name=str(item.need("send", str)),
                    input=raw_plain(item.data, "input"),
                )
            case "ends":
                return self._ended(item, number, at_us)
            case _:
                keys = [key for key in item.data if key not in {"step", "at"}] or [""]
                raise item.wrong(f"no step is called {keys[0]!r}.{nearest(keys[0], _DID)}")

    def _child(self, item: _Node, number: int, at_us: int) -> HistoryEvent:
        made_up = f"{_made_up(self._instance, 'execution')}:{number}"
        return SubOrchestrationInstanceCreated(
            at_us=at_us,
            event_id=number,
            name=str(item.need("call_sub_orchestrator", str)),
            instance_id=str(item.maybe("instance", str) or made_up),
            version=str(item.maybe("version", str) or ""),
            input=raw_given(item.data, "input"),
        )

    def _sent(self, item: _Node, number: int, call: str, at_us: int) -> HistoryEvent:
        message: dict[str, JsonValue] = {
            "op": str(item.need("operation", str)),
            **({"signal": True} if call == "signal_entity" else {}),
            "input": raw_given(item.data, "input"),
            "id": self._request_id(number),
        }
        return EventSent(
            at_us=at_us,
            event_id=number,
            instance_id=str(item.need(call, str)),
            name="op",
            input=write(message),
        )

    def _ended(self, item: _Node, number: int, at_us: int) -> HistoryEvent:
        status = RuntimeStatus(_known_status(item, "ends"))
        is_text = "text" in item.data
        result = item.maybe("text", str) if is_text else raw_plain(item.data, "output")
        return ExecutionCompleted(at_us=at_us, event_id=number, status=status, result=result)

    def _request_id(self, number: int) -> str:
        return _made_up(self._instance, str(number))


_CAME: Final = (
    *("started", "result_of", "failure_of", "timer_of", "answer_to", "event"),
    *("terminated", "suspended", "resumed", "generic"),
)
_DID: Final = (
    *("call_activity", "create_timer", "call_sub_orchestrator", "call_entity", "signal_entity"),
    *("send", "ends"),
)


def _made_up(instance_id: str, what: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{instance_id} {what}"))


def _known_status(node: _Node, key: str) -> str:
    status = str(node.need(key, str))
    names = [str(known) for known in RuntimeStatus]
    if status not in names:
        raise node.wrong(f"there is no status {status!r}.{nearest(status, names)}", key)
    return status

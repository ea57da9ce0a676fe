"""The status JSON of the HTTP API, asked for with `showHistory=true&showHistoryOutput=true`.

What it shows is not the stored history (semantics 6.3): numbers are dropped, a decision and its
answer are one item, turns are left out. All of that is put together again from the times of events.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from wfsim.history import (
    ExecutionStarted,
    HistoryEvent,
    RuntimeStatus,
    SubOrchestrationInstanceCreated,
    TaskScheduled,
    TimerCreated,
)
from wfsim.history.jsontext import write
from wfsim.replay.formats.build import built
from wfsim.replay.formats.events import event_of, kind_of
from wfsim.replay.formats.fields import Damaged, Fields, as_object
from wfsim.replay.formats.laying import in_turns, parts_of
from wfsim.replay.records import Gap, RecordedHistory, Source

__all__ = ["is_status", "status_history"]

_QUERY: Final = "showInput=true&showHistory=true&showHistoryOutput=true"
_ENDS: Final = {
    "TaskCompleted": "TaskScheduled",
    "TaskFailed": "TaskScheduled",
    "SubOrchestrationInstanceCompleted": "SubOrchestrationInstanceCreated",
    "SubOrchestrationInstanceFailed": "SubOrchestrationInstanceCreated",
}
_WITH_RESULT: Final = ("TaskCompleted", "SubOrchestrationInstanceCompleted")


def is_status(values: Mapping[str, object]) -> bool:
    """Whether an object is the status of an instance."""
    return "runtimeStatus" in values and ("instanceId" in values or "historyEvents" in values)


def status_history(values: Mapping[str, object], source: Source) -> RecordedHistory:
    """Return the history that the status of an instance shows.

    Raises:
        Damaged: it shows none, or one that cannot be put together.
    """
    head = Fields(values, "")
    status = RuntimeStatus(head.one_of("RuntimeStatus", list(RuntimeStatus)))
    items = values.get("historyEvents")
    if not isinstance(items, list):
        raise Damaged(f"it shows no history. Ask for it with {_QUERY}")
    listed = cast("list[object]", items)
    if not listed:
        raise Damaged("its history is empty: the instance has not started")
    reader = _Reader()
    for number, item in enumerate(listed):
        where = f"historyEvents[{number}]"
        reader.read(Fields(as_object(item, where), where))
    events = in_turns(parts_of(reader.events))
    return built(
        events,
        source=source,
        instance_id=str(values.get("instanceId") or ""),
        status=status,
        gaps={Gap.TURNS, Gap.PARENT, *reader.gaps},
    )


@dataclass(slots=True)
class _Reader:
    """Reads the items of `historyEvents`; gives decisions numbers of their own."""

    events: list[HistoryEvent] = field(default_factory=list[HistoryEvent])
    gaps: set[Gap] = field(default_factory=set[Gap])
    _timers: list[TimerCreated] = field(default_factory=list[TimerCreated])
    _count: int = 0

    def read(self, fields: Fields) -> None:
        """Take one item."""
        kind = kind_of(fields)
        if kind == "ExecutionStarted" and any(
            isinstance(event, ExecutionStarted) for event in self.events
        ):
            raise fields.damaged("a history has one ExecutionStarted, and this is another one")
        if not self.events and kind != "ExecutionStarted":
            raise fields.damaged(f"a history begins with ExecutionStarted, not with {kind}")
        number = self._count
        values: dict[str, object] = {"EventId": number}
        if kind == "ExecutionStarted":
            values["Name"] = fields.text("FunctionName")
            if not fields.has("Input"):
                raise fields.damaged(f"it has no Input. Ask for the history again with {_QUERY}")
        if kind in _ENDS:
            self._decide(kind, fields, number)
            values["TaskScheduledId"] = number
        if kind == "TimerFired":
            values["TimerId"] = self._timer(fields)
        if kind in _WITH_RESULT or kind == "ExecutionCompleted":
            values["Result"] = _result(kind, fields)
        event = event_of(fields.with_values(values))
        if isinstance(event, TimerCreated):
            self._timers.append(event)
        if event is not None:
            self.events.append(event)
            self._count += 1

    def _decide(self, kind: str, fields: Fields, number: int) -> None:
        """Add the decision that an item about its answer has swallowed."""
        at_us, name = fields.instant("ScheduledTime"), fields.text("FunctionName")
        given = fields.maybe_text("Input")
        if _ENDS[kind] == "TaskScheduled":
            event: HistoryEvent = TaskScheduled(
                at_us=at_us, event_id=number, name=name, input=given
            )
        else:
            child = fields.maybe_text("InstanceId") or ""
            if not child:
                self.gaps.add(Gap.CHILD_IDS)
            event = SubOrchestrationInstanceCreated(
                at_us=at_us, event_id=number, name=name, instance_id=child, input=given
            )
        self.events.append(event)

    def _timer(self, fields: Fields) -> int:
        """Return the number of the timer that fired: the first that is due then."""
        due_us = fields.instant("FireAt")
        for timer in self._timers:
            if timer.fire_at_us == due_us:
                self._timers.remove(timer)
                return timer.event_id
        raise fields.damaged(f"no timer was set that is due at {fields.get('FireAt')}")


def _result(kind: str, fields: Fields) -> str | None:
    """Return a result as the JSON text that the host stores."""
    if not fields.has("Result"):
        if kind == "ExecutionCompleted":
            return None
        raise fields.damaged(f"it has no Result. Ask for the history again with {_QUERY}")
    value = fields.get("Result")
    is_failure = kind == "ExecutionCompleted" and fields.get("OrchestrationStatus") != "Completed"
    if value is None or (is_failure and isinstance(value, str)):
        return value
    return write(value)

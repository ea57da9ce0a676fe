"""The orchestrator context as the host sends it: JSON text (semantics 1.1, 1.3)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, assert_never

from wfsim.clock import iso
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
    SubOrchestrationInstanceCompleted,
    SubOrchestrationInstanceCreated,
    SubOrchestrationInstanceFailed,
    TaskCompleted,
    TaskFailed,
    TaskScheduled,
    TimerCreated,
    TimerFired,
)
from wfsim.history.jsontext import parse
from wfsim.hub.settings import HostSettings
from wfsim.hub.worker import Episode
from wfsim.workers.azure_functions.reply import Reply, from_text

__all__ = ["ContextWriter", "event_json", "fields_of", "is_played_later", "over_wire", "tail_of"]

_SCHEMA, _NEW_SCHEMA = 1, 2
"""What the host always offers; the SDK then answers in schema V3 (semantics 2.1)."""

_NEVER_PLAYED: Final[frozenset[type]] = frozenset(
    {
        OrchestratorStarted,
        OrchestratorCompleted,
        TaskScheduled,
        TimerCreated,
        SubOrchestrationInstanceCreated,
        EventSent,
    }
)
"""Stored after the replay that would have marked them (semantics 1.3)."""


def event_json(
    event: HistoryEvent, *, is_played: bool, store_inputs: bool = False
) -> dict[str, Any]:
    """Return one history event as the host writes it."""
    common = {
        "EventType": event.type,
        "EventId": getattr(event, "event_id", -1),
        "IsPlayed": is_played and is_played_later(event),
        "Timestamp": iso(event.at_us),
    }
    return common | fields_of(event, store_inputs=store_inputs)


def is_played_later(event: HistoryEvent) -> bool:
    """Whether the host marks an event as played once it is past."""
    return type(event) not in _NEVER_PLAYED


def fields_of(event: HistoryEvent, *, store_inputs: bool = False) -> dict[str, Any]:
    """Return what the host writes of one event besides its type, id, time and mark."""
    match event:  # the most frequent ones first
        case TaskCompleted() | SubOrchestrationInstanceCompleted():
            return {"TaskScheduledId": event.task_id, "Result": event.result}
        case OrchestratorStarted() | OrchestratorCompleted():
            return {}
        case ExecutionStarted():
            return _started(event)
        case TaskScheduled():
            stored = event.input if store_inputs else None
            return {"Name": event.name, "Version": "", "Input": stored, "Tags": None}
        case TaskFailed() | SubOrchestrationInstanceFailed():
            return {
                "TaskScheduledId": event.task_id,
                "Reason": event.reason,
                "Details": event.details,
                "FailureDetails": None,
            }
        case SubOrchestrationInstanceCreated():
            return {
                "Name": event.name,
                "Version": event.version,
                "InstanceId": event.instance_id,
                "Input": event.input if store_inputs else None,
                "Tags": None,
            }
        case TimerCreated():
            return {"FireAt": iso(event.fire_at_us)}
        case TimerFired():
            return {"TimerId": event.timer_id, "FireAt": iso(event.fire_at_us)}
        case EventSent():
            return {"InstanceId": event.instance_id, "Name": event.name, "Input": event.input}
        case EventRaised():
            return {"Name": event.name, "Input": event.input}
        case ExecutionCompleted():
            return {
                "OrchestrationStatus": event.status.number,
                "Result": event.result,
                "FailureDetails": None,
            }
        case ExecutionTerminated():
            return {"Input": event.reason}
        case ExecutionSuspended() | ExecutionResumed():
            return {"Reason": event.reason}
        case GenericEvent():
            return {"Data": event.data}
        case _:
            assert_never(event)


def _started(event: ExecutionStarted) -> dict[str, Any]:
    return {
        "OrchestrationInstance": {
            "InstanceId": event.instance_id,
            "ExecutionId": event.execution_id,
        },
        "ParentInstance": None if event.parent is None else _parent(event.parent),
        "Name": event.name,
        "Version": event.version,
        "Input": event.input,
        "Tags": None,
    }


def _parent(parent: ParentInstance) -> dict[str, Any]:
    return {
        "Name": parent.name,
        "OrchestrationInstance": {
            "InstanceId": parent.instance_id,
            "ExecutionId": parent.execution_id,
        },
        "TaskScheduleId": parent.task_id,
        "Version": parent.version,
    }


def tail_of(settings: HostSettings) -> Mapping[str, Any]:
    """Return what the host sends of its settings."""
    return {
        "upperSchemaVersion": _SCHEMA,
        "upperSchemaVersionNew": _NEW_SCHEMA,
        "longRunningTimerIntervalDuration": _timespan(settings.long_timer_interval_us),
        "maximumShortTimerDuration": _timespan(settings.max_short_timer_us),
        "defaultHttpAsyncRequestSleepTimeMillseconds": settings.http_sleep_ms,
    }


class ContextWriter:
    """Writes contexts; remembers the text of past events, which never change.

    Args:
        settings: The host's settings.
    """

    def __init__(self, settings: HostSettings) -> None:
        self._settings = settings
        self._past: dict[str, list[str]] = {}
        """Per generation: the text of its events once they are past."""

    def context(self, episode: Episode) -> str:
        """Return the context of an episode."""
        past = self._texts(episode, episode.new_from)
        new = [self._text(event, is_played=False) for event in episode.history[episode.new_from :]]
        return self._write(episode, [*past, *new], is_replaying=bool(past))

    def forget(self, execution_id: str) -> None:
        """Drop what is remembered of a generation."""
        self._past.pop(execution_id, None)

    def _texts(self, episode: Episode, count: int) -> Sequence[str]:
        known = self._past.setdefault(episode.execution_id, [])
        if len(known) > count:  # rewound meanwhile, or an episode that was not the last one
            known.clear()
        known.extend(
            self._text(event, is_played=True) for event in episode.history[len(known) : count]
        )
        return known

    def _text(self, event: HistoryEvent, *, is_played: bool) -> str:
        return json.dumps(
            event_json(event, is_played=is_played, store_inputs=self._settings.store_inputs)
        )

    def _write(self, episode: Episode, events: Sequence[str], *, is_replaying: bool) -> str:
        started, parent = episode.started, episode.started.parent
        head = json.dumps(
            {
                "input": parse(started.input),
                "instanceId": episode.instance_id,
                "isReplaying": is_replaying,
                "parentInstanceId": None if parent is None else parent.instance_id,
            }
        )[1:-1]
        tail = json.dumps(tail_of(self._settings))[1:]
        return f'{{"history": [{", ".join(events)}], {head}, {tail}'


def _timespan(us: int | None) -> str | None:
    """Return .NET's constant format of a time span, which the SDK parses strictly."""
    if us is None:
        return None
    delta = timedelta(microseconds=us)
    hours, rest = divmod(delta.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{delta.microseconds * 10:07}" if delta.microseconds else ""
    return f"{delta.days}.{hours:02}:{minutes:02}:{seconds:02}{fraction}"


def over_wire(handle: Callable[[str], str], writer: ContextWriter, episode: Episode) -> Reply:
    """Call an orchestrator as the host does, JSON text in and out."""
    return from_text(handle(writer.context(episode)))

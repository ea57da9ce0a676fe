"""Makes a history of the events that were read, and refuses what is none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from wfsim.history import (
    ExecutionCompleted,
    ExecutionResumed,
    ExecutionStarted,
    ExecutionSuspended,
    HistoryEvent,
    OrchestratorStarted,
    RuntimeStatus,
    SubOrchestrationInstanceCompleted,
    SubOrchestrationInstanceCreated,
    SubOrchestrationInstanceFailed,
    TaskCompleted,
    TaskFailed,
    TaskScheduled,
    TimerFired,
)
from wfsim.replay.formats.fields import Damaged
from wfsim.replay.records import Gap, RecordedHistory, Source
from wfsim.replay.turns import Recorded

__all__ = ["built"]


def built(
    events: Sequence[HistoryEvent],
    *,
    source: Source,
    instance_id: str = "",
    execution_id: str = "",
    status: RuntimeStatus | None = None,
    gaps: Iterable[Gap] = (),
) -> RecordedHistory:
    """Return the history of one generation.

    Args:
        events: Its events in stored order.
        source: Where they were read.
        instance_id: Whose they are, where the events do not say so.
        execution_id: Of which generation, where the events do not say so.
        status: How it stands, where that is known better than from its events.
        gaps: What the format cannot tell.

    Raises:
        Damaged: events are missing, or do not fit together.
    """
    starts = [event for event in events if isinstance(event, ExecutionStarted)]
    if len(starts) != 1:
        raise Damaged(
            f"a history has one ExecutionStarted, and this one has {len(starts)}. Export the "
            "whole history of one execution"
        )
    started = replace(
        starts[0],
        instance_id=starts[0].instance_id or instance_id,
        execution_id=starts[0].execution_id or execution_id,
    )
    whole = [started if event is starts[0] else event for event in events]
    if not isinstance(whole[0], OrchestratorStarted):
        whole.insert(0, OrchestratorStarted(at_us=whole[0].at_us))
    _require_that_answers_fit(whole)
    found = set(gaps)
    if any(_has_lost_its_input(event) for event in whole):
        found.add(Gap.INPUTS)
    return RecordedHistory(
        source=source,
        started=started,
        events=tuple(whole),
        status=_status(whole) if status is None else status,
        gaps=frozenset(found),
    )


def _has_lost_its_input(event: HistoryEvent) -> bool:
    """Whether a decision has no input: Python always sends one, be it null."""
    if isinstance(event, TaskScheduled | SubOrchestrationInstanceCreated):
        return event.input is None
    return False


def _require_that_answers_fit(events: Sequence[HistoryEvent]) -> None:
    asked: set[int] = set()
    for event in events:
        match event:
            case TaskCompleted() | TaskFailed():
                number = event.task_id
            case SubOrchestrationInstanceCompleted() | SubOrchestrationInstanceFailed():
                number = event.task_id
            case TimerFired():
                number = event.timer_id
            case _:
                if isinstance(event, Recorded):
                    if event.event_id in asked:
                        raise Damaged(f"two decisions have the number {event.event_id}")
                    asked.add(event.event_id)
                continue
        if number not in asked:
            raise Damaged(
                f"{type(event).__name__} answers the decision {number}, which the history does "
                "not hold before it: rows or lines are missing"
            )


def _status(events: Sequence[HistoryEvent]) -> RuntimeStatus:
    status = RuntimeStatus.RUNNING
    for event in events:
        match event:
            case ExecutionCompleted():
                status = event.status
            case ExecutionSuspended():
                status = RuntimeStatus.SUSPENDED
            case ExecutionResumed():
                status = RuntimeStatus.RUNNING
            case _:
                pass
    return status

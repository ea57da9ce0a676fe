"""The effect ledger: which activities did their work more than once for one request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from wfsim.history import ExecutionStarted
from wfsim.trace import ActivityStarted, HistoryAppended, Record

__all__ = ["RepeatedEffect", "repeated_effects"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedEffect:
    """One call of an activity that was executed more than once."""

    name: str
    instance_id: str
    task_id: int
    input: str
    """The same for all executions, as JSON text."""
    at_us: tuple[int, ...]
    """When each execution began."""


def repeated_effects(records: Iterable[Record]) -> tuple[RepeatedEffect, ...]:
    """Return the calls that were executed again, in order of their first execution.

    A retry is another call. What an instance calls after it has continued as new, or has been
    started again, is another call too, whatever its number.

    Args:
        records: What was recorded.
    """
    lives: Counter[str] = Counter()
    calls: dict[tuple[str, int, int], list[ActivityStarted]] = {}
    for record in records:
        if isinstance(record, HistoryAppended) and isinstance(record.event, ExecutionStarted):
            lives[record.instance_id] += 1
        elif isinstance(record, ActivityStarted):
            key = record.instance_id, lives[record.instance_id], record.task_id
            calls.setdefault(key, []).append(record)
    return tuple(
        RepeatedEffect(
            name=first.name,
            instance_id=first.instance_id,
            task_id=first.task_id,
            input=first.input,
            at_us=tuple(item.at_us for item in executions),
        )
        for executions in calls.values()
        if len(executions) > 1
        for first in executions[:1]
    )

"""A history as the extension shows it to clients: `historyEvents` (semantics 6.3).

Not the history that orchestrators get: types are names, decisions and their outcomes are one item,
and the events that frame an episode are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wfsim.history import (
    EventRaised,
    ExecutionCompleted,
    ExecutionStarted,
    HistoryEvent,
    OrchestratorCompleted,
    OrchestratorStarted,
    SubOrchestrationInstanceCompleted,
    SubOrchestrationInstanceCreated,
    SubOrchestrationInstanceFailed,
    TaskCompleted,
    TaskFailed,
    TaskScheduled,
)
from wfsim.workers.azure_functions.webhooks.bodies import forgiving
from wfsim.workers.azure_functions.wire import event_json

__all__ = ["history_events"]

_FRAME = OrchestratorStarted | OrchestratorCompleted
_DECISION = TaskScheduled | SubOrchestrationInstanceCreated
_TASK_END = TaskCompleted | TaskFailed
_CHILD_END = SubOrchestrationInstanceCompleted | SubOrchestrationInstanceFailed
_OUTPUT = TaskCompleted | SubOrchestrationInstanceCompleted | ExecutionCompleted

_DROPPED = ("EventId", "IsPlayed", "TimerId", "TaskScheduledId")
_DROPPED_AT_START = ("OrchestrationInstance", "ParentInstance", "Tags")

# Members that this host stores and never fills, so its contexts leave them out.
_EMPTY: dict[type[HistoryEvent], tuple[str, ...]] = {
    ExecutionStarted: ("ParentTraceContext", "Correlation", "ScheduledStartTime", "Generation"),
    TaskScheduled: ("ParentTraceContext",),
    SubOrchestrationInstanceCreated: ("ClientSpanId",),
    EventRaised: ("ParentTraceContext",),
}


def history_events(
    events: Sequence[HistoryEvent], *, show_input: bool, show_output: bool, store_inputs: bool
) -> list[dict[str, Any]]:
    """Return the items for the events of one generation.

    Args:
        events: In the order in which they are stored.
        show_input: Whether items have their `Input`.
        show_output: Whether those that have an outcome have their `Result`.
        store_inputs: Whether the host stores the inputs of decisions.
    """
    items: dict[int, dict[str, Any]] = {}
    open_decisions: dict[tuple[bool, int], int] = {}
    for index, event in enumerate(events):
        if isinstance(event, _FRAME):
            continue
        item = _item(event, show_output=show_output, store_inputs=store_inputs)
        if isinstance(event, _DECISION):
            open_decisions[isinstance(event, TaskScheduled), event.event_id] = index
        elif isinstance(event, _TASK_END | _CHILD_END):
            place = open_decisions.get((isinstance(event, _TASK_END), event.task_id))
            decision = None if place is None else items.pop(place, None)
            if decision is not None:
                item["ScheduledTime"] = decision["Timestamp"]
                item["FunctionName"] = decision["Name"]
                item["Input"] = decision["Input"]
        items[index] = item
    if not show_input:
        for item in items.values():
            item.pop("Input", None)
    return list(items.values())


def _item(event: HistoryEvent, *, show_output: bool, store_inputs: bool) -> dict[str, Any]:
    kind = type(event)
    item = event_json(event, is_played=False, store_inputs=store_inputs)
    item["EventType"] = kind.__name__
    item |= dict.fromkeys(_EMPTY.get(kind, ()))
    dropped: tuple[str, ...] = _DROPPED
    if isinstance(event, ExecutionStarted):
        dropped += _DROPPED_AT_START
        item["FunctionName"] = item.pop("Name")
    if isinstance(event, ExecutionStarted | _DECISION):
        item.pop("Version", None)
    if isinstance(event, ExecutionCompleted):
        item["OrchestrationStatus"] = str(event.status)
    if isinstance(event, _OUTPUT):
        del item["Result"]
        if show_output:
            item["Result"] = forgiving(event.result)
    for name in dropped:
        item.pop(name, None)
    return item

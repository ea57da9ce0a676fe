"""The floor: the SDK's executor alone, kept alive and given events that were prepared before."""

from __future__ import annotations

import json
import time
from typing import Any, Final

from azure.durable_functions.models.DurableOrchestrationContext import DurableOrchestrationContext
from azure.durable_functions.models.history import HistoryEvent
from azure.durable_functions.models.TaskOrchestrationExecutor import TaskOrchestrationExecutor

from tests.benchmarks.ours import chain
from tests.benchmarks.stopwatch import stopwatch

__all__ = ["floor"]

_NOW: Final = "2000-01-01T00:00:00Z"
_TASK_SCHEDULED, _TASK_COMPLETED = 4, 5
_ORCHESTRATOR_STARTED, _ORCHESTRATOR_COMPLETED, _EXECUTION_STARTED = 12, 13, 0


def floor(length: int) -> float:
    """Return how many seconds of the processor the SDK takes for a chain of so many activities.

    Nothing is stored, scheduled or checked; activities are not run, their results are known.
    """
    events = [event for number in range(length) for event in _episode(number)]
    start = _fields(_EXECUTION_STARTED, Name="chain", Version="", Input=None)
    body = {
        "history": [_fields(_ORCHESTRATOR_STARTED), start],
        "input": str(length),
        "instanceId": "one",
        "isReplaying": False,
        "parentInstanceId": None,
        "upperSchemaVersion": 1,
        "upperSchemaVersionNew": 2,
    }
    context: Any = DurableOrchestrationContext.from_json(json.dumps(body))
    executor: Any = TaskOrchestrationExecutor()
    function: Any = chain
    code = function._function._func.orchestrator_function
    watch = stopwatch(time.process_time_ns)
    executor.execute(context, context.histories, code)
    for event in events:
        executor.process_event(event)
    seconds = watch()
    assert executor.output == length
    return seconds


def _episode(number: int) -> list[HistoryEvent]:
    return [
        HistoryEvent(**fields)
        for fields in (
            _fields(_TASK_SCHEDULED, EventId=number, Name="increment"),
            _fields(_ORCHESTRATOR_COMPLETED),
            _fields(_ORCHESTRATOR_STARTED),
            _fields(_TASK_COMPLETED, TaskScheduledId=number, Result=str(number + 1)),
        )
    ]


def _fields(kind: int, **fields: object) -> dict[str, Any]:
    return {"EventType": kind, "EventId": -1, "IsPlayed": False, "Timestamp": _NOW} | fields

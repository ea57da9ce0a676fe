"""The peer of replaying: Temporal's `Replayer` on a history of eleven events."""

from __future__ import annotations

import asyncio
import base64
import importlib
import json
from collections.abc import Mapping
from typing import Any

__all__ = ["temporal_replays"]

_QUEUE = {"name": "orders", "kind": "TASK_QUEUE_KIND_NORMAL"}


def _payloads(value: object) -> dict[str, Any]:
    def text(content: str) -> str:
        return base64.b64encode(content.encode()).decode()

    encoding = {"encoding": text("json/plain")}
    return {"payloads": [{"metadata": encoding, "data": text(json.dumps(value))}]}


def _history() -> dict[str, Any]:
    """Return one activity's history: as many events as two activities make in a durable one."""
    events: list[tuple[str, Mapping[str, Any]]] = [
        (
            "WorkflowExecutionStarted",
            {
                "workflowType": {"name": "Order"},
                "taskQueue": _QUEUE,
                "input": _payloads({"id": 1}),
                "originalExecutionRunId": "11111111-1111-1111-1111-111111111111",
                "attempt": 1,
            },
        ),
        ("WorkflowTaskScheduled", {"taskQueue": _QUEUE, "attempt": 1}),
        ("WorkflowTaskStarted", {"scheduledEventId": "2"}),
        ("WorkflowTaskCompleted", {"scheduledEventId": "2", "startedEventId": "3"}),
        (
            "ActivityTaskScheduled",
            {
                "activityId": "1",
                "activityType": {"name": "reserve"},
                "taskQueue": _QUEUE,
                "input": _payloads({"id": 1}),
                "startToCloseTimeout": "10s",
                "workflowTaskCompletedEventId": "4",
            },
        ),
        ("ActivityTaskStarted", {"scheduledEventId": "5", "attempt": 1}),
        (
            "ActivityTaskCompleted",
            {"scheduledEventId": "5", "startedEventId": "6", "result": _payloads("reserved")},
        ),
        ("WorkflowTaskScheduled", {"taskQueue": _QUEUE, "attempt": 1}),
        ("WorkflowTaskStarted", {"scheduledEventId": "8"}),
        ("WorkflowTaskCompleted", {"scheduledEventId": "8", "startedEventId": "9"}),
        (
            "WorkflowExecutionCompleted",
            {"workflowTaskCompletedEventId": "10", "result": _payloads("reserved")},
        ),
    ]
    return {
        "events": [
            {
                "eventId": str(number),
                "eventTime": "2024-01-01T00:00:00Z",
                "eventType": name,
                f"{name[0].lower()}{name[1:]}EventAttributes": dict(attributes),
            }
            for number, (name, attributes) in enumerate(events, 1)
        ]
    }


def temporal_replays(times: int) -> bool:
    """Replay so often, unsandboxed; False where temporalio is not installed."""
    try:
        importlib.import_module("temporalio")
    except ModuleNotFoundError:
        return False
    asyncio.run(_replay(times))
    return True


async def _replay(times: int) -> None:
    client: Any = importlib.import_module("temporalio.client")
    worker: Any = importlib.import_module("temporalio.worker")
    order: Any = importlib.import_module("tests.benchmarks.temporal_workflow")
    replayer = worker.Replayer(
        workflows=[order.Order], workflow_runner=worker.UnsandboxedWorkflowRunner()
    )
    history = client.WorkflowHistory.from_json("order-1", _history())

    async def histories() -> Any:
        for _ in range(times):
            yield history

    async with replayer.workflow_replay_iterator(histories()) as results:
        async for result in results:
            assert result.replay_failure is None, result.replay_failure

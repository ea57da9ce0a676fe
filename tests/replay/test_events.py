"""Events as host, storage and durabletask write them: same fields, other cases and types."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from wfsim.history import (
    EventSent,
    ExecutionCompleted,
    ExecutionResumed,
    ExecutionStarted,
    ExecutionSuspended,
    ExecutionTerminated,
    GenericEvent,
    OrchestratorCompleted,
    OrchestratorStarted,
    ParentInstance,
    RuntimeStatus,
    SubOrchestrationInstanceCompleted,
    SubOrchestrationInstanceCreated,
    SubOrchestrationInstanceFailed,
    TaskFailed,
    TimerCreated,
)
from wfsim.replay.formats.events import event_of
from wfsim.replay.formats.fields import Damaged, Fields

AT = "2024-01-01T00:00:05.1234567Z"
AT_US = 1_704_067_205_123_456


def _event(kind: object, **fields: Any) -> object:
    return event_of(Fields({"EventType": kind, "Timestamp": AT, **fields}, "line 1"))


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (_event(12), OrchestratorStarted(at_us=AT_US)),
        (_event("OrchestratorCompletedEvent"), OrchestratorCompleted(at_us=AT_US)),
        (_event("ContinueAsNew", EventId=3), None),
        (
            _event("executionsuspended", Reason="lunch"),
            ExecutionSuspended(at_us=AT_US, reason="lunch"),
        ),
        (_event("ExecutionResumed", Reason=None), ExecutionResumed(at_us=AT_US, reason=None)),
        (
            _event("ExecutionTerminated", Input="too late"),
            ExecutionTerminated(at_us=AT_US, reason="too late"),
        ),
        (_event("GenericEvent", Data="x"), GenericEvent(at_us=AT_US, data="x")),
        (
            _event("ExecutionCompleted", EventId="4", OrchestrationStatus=1, Result='"done"'),
            ExecutionCompleted(
                at_us=AT_US, event_id=4, status=RuntimeStatus.COMPLETED, result='"done"'
            ),
        ),
        (
            _event(
                "ExecutionCompleted",
                EventId=4,
                OrchestrationStatus="failed",
                FailureDetails='{"ErrorType": "ValueError", "ErrorMessage": "no"}',
            ),
            ExecutionCompleted(
                at_us=AT_US, event_id=4, status=RuntimeStatus.FAILED, result="ValueError: no"
            ),
        ),
        (
            _event("TaskFailed", TaskScheduledId=0, FailureDetails={"message": "no"}),
            TaskFailed(at_us=AT_US, task_id=0, reason="no", details=None),
        ),
        (
            _event("SubOrchestrationInstanceCompleted", TaskScheduledId=2, Result="1"),
            SubOrchestrationInstanceCompleted(at_us=AT_US, task_id=2, result="1"),
        ),
        (
            _event("SubOrchestrationInstanceFailed", TaskScheduledId=2, Reason="r", Details="d"),
            SubOrchestrationInstanceFailed(at_us=AT_US, task_id=2, reason="r", details="d"),
        ),
        (
            _event("SubOrchestrationInstanceCreated", EventId=1, Name="pay", InstanceId="p-1"),
            SubOrchestrationInstanceCreated(at_us=AT_US, event_id=1, name="pay", instance_id="p-1"),
        ),
        (
            _event("TimerCreated", EventId=1, FireAt=datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)),
            TimerCreated(at_us=AT_US, event_id=1, fire_at_us=1_000_000),
        ),
        (
            _event("EventSent", EventId=1, InstanceId="@counter@a", Name="op", Input="{}"),
            EventSent(at_us=AT_US, event_id=1, instance_id="@counter@a", name="op", input="{}"),
        ),
        (
            _event(
                "ExecutionStarted",
                Name="pay",
                OrchestrationInstance='{"InstanceId": "p-1", "ExecutionId": "e"}',
                ParentInstance={
                    "Name": "order",
                    "OrchestrationInstance": {"InstanceId": "o-1"},
                    "TaskScheduledId": 7,
                },
            ),
            ExecutionStarted(
                at_us=AT_US,
                instance_id="p-1",
                execution_id="e",
                name="pay",
                parent=ParentInstance(name="order", instance_id="o-1", execution_id="", task_id=7),
            ),
        ),
    ],
)
def test_each_spelling_is_the_same_event(given: object, wanted: object) -> None:
    """Types by name or number, nested objects as JSON text, failures as objects."""
    assert given == wanted


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"EventType": 99}, "there is no EventType 99"),
        ({"EventType": "TaskScheduled", "EventId": "x", "Name": "a"}, "must be a whole number"),
        ({"EventType": "TaskScheduled", "EventId": True, "Name": "a"}, "must be a whole number"),
        ({"EventType": "TaskScheduled", "EventId": 0, "Name": 7}, "'Name' must be text, not 7"),
        ({"EventType": "TaskCompleted", "TaskScheduledId": 0, "Result": {}}, "'Result' must be te"),
        ({"EventType": "ExecutionStarted", "Name": "a", "ParentInstance": "{"}, "a JSON object"),
        ({"EventType": "ExecutionStarted", "Name": "a", "ParentInstance": [1]}, "object is wanted"),
        ({"EventType": "TimerCreated", "EventId": 0, "FireAt": "soon"}, "must be an instant"),
        (
            {"EventType": "ExecutionCompleted", "EventId": 0, "OrchestrationStatus": "x" * 90},
            "there is no OrchestrationStatus",
        ),
    ],
)
def test_a_field_that_is_wrong_is_named(fields: dict[str, Any], why: str) -> None:
    """The field, what stands there, and what is wanted."""
    with pytest.raises(Damaged, match=why) as caught:
        event_of(Fields({"Timestamp": AT, **fields}, "line 7"))
    assert caught.value.where == "line 7"

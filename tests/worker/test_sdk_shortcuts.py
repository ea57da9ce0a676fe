"""What the SDK does once instead of in each episode: the same comes out."""

from __future__ import annotations

from typing import Any

import pytest
from azure.durable_functions.models.history import HistoryEvent
from azure.durable_functions.models.TaskOrchestrationExecutor import TaskOrchestrationExecutor

from wfsim.workers.azure_functions import _sdk


@pytest.mark.parametrize(
    "text", ["2000-01-01T00:00:00Z", "2024-02-29T23:59:59.1234567Z", "2024-05-01T12:00:00.5Z"]
)
def test_dates_that_are_remembered_are_the_dates_that_the_sdk_parses(text: str) -> None:
    """`shortcuts` gives what the SDK's own parser gives, offset included."""
    event: dict[str, Any] = {"EventType": 12, "EventId": -1, "IsPlayed": False, "Timestamp": text}
    plain = HistoryEvent(**event)
    with _sdk.shortcuts():
        remembered = [HistoryEvent(**event) for _ in range(2)]
    for made in remembered:
        assert made.timestamp == plain.timestamp, "shortcuts: HistoryEvent.dt_parse moved"
        assert made.timestamp.utcoffset() == plain.timestamp.utcoffset()
    assert remembered[0].timestamp is remembered[1].timestamp, "shortcuts: dt_parse not in use"


def test_the_class_that_is_remembered_is_the_one_that_the_sdk_makes() -> None:
    """`shortcuts` lets the executor make one class for all episodes, with the same values in it."""
    plain = TaskOrchestrationExecutor().event_to_SetTaskValuePayload
    with _sdk.shortcuts():
        first, second = (TaskOrchestrationExecutor() for _ in range(2))
    assert first.event_to_SetTaskValuePayload == plain
    classes = {
        type(payload)
        for executor in (first, second)
        for payload in executor.event_to_SetTaskValuePayload.values()
    }
    assert len(classes) == 1, "shortcuts: TaskOrchestrationExecutor.namedtuple not in use"


def test_the_sdk_gets_its_own_names_back() -> None:
    """After `shortcuts` the SDK parses dates and makes classes by itself, also after an error."""
    before = [getattr(module, name) for module, name, _ in _sdk._SHORTCUTS]
    with pytest.raises(ZeroDivisionError), _sdk.shortcuts():
        raise ZeroDivisionError
    assert [getattr(module, name) for module, name, _ in _sdk._SHORTCUTS] == before

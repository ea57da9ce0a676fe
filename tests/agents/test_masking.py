"""Which differences between two replays are the framework's own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wfsim.agents import mask_agent_request

REQUEST = {"message": "hi", "correlationId": "c", "created_at": "2000-01-01T00:00:00+00:00"}


def call(target: str, payload: object) -> dict[str, Any]:
    """An orchestrator's call of an entity."""
    return {"actionType": 7, "instanceId": target, "operation": "run", "input": payload}


def test_the_wall_time_of_a_request_is_no_decision() -> None:
    """Two requests to an agent that differ in their wall time only are the same request."""
    later = {**REQUEST, "created_at": "2000-01-09T00:00:00+00:00"}
    one = mask_agent_request(call("@dafx-writer@s", json.dumps(REQUEST)))
    other = mask_agent_request(call("@dafx-writer@s", json.dumps(later)))
    assert one == other


def test_everything_else_in_a_request_is() -> None:
    """Two requests to an agent with other words differ."""
    other = {**REQUEST, "message": "ho"}
    one = mask_agent_request(call("@dafx-writer@s", json.dumps(REQUEST)))
    assert one != mask_agent_request(call("@dafx-writer@s", json.dumps(other)))


@pytest.mark.parametrize(
    "action",
    [
        call("@counter@s", json.dumps(REQUEST)),
        call("@dafx-writer@s", "not JSON"),
        call("@dafx-writer@s", "[1]"),
        call("@dafx-writer@s", '{"message": "hi"}'),
        call("@dafx-writer@s", None),
        {"actionType": 0, "functionName": "say", "input": json.dumps(REQUEST)},
    ],
    ids=["another entity", "no JSON", "no mapping", "no clock", "no input", "no entity"],
)
def test_other_actions_stay_as_they_are(action: dict[str, Any]) -> None:
    """What is no request to an agent is not touched."""
    assert mask_agent_request(action) is action

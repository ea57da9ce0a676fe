"""`historyEvents`: the history as clients see it (semantics 6.3)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.webhooks.app import Client, example, webhooks_app
from wfsim import HostSettings, Simulation


def items(client: Client, instance_id: str, **params: object) -> list[dict[str, Any]]:
    """Return the items of an instance's history."""
    answer = client.get(f"instances/{instance_id}", showHistory="true", **params)
    found: list[dict[str, Any]] = answer.json()["historyEvents"]
    return found


@pytest.fixture
def ordered(client: Client) -> Client:
    """A client of a simulation in which "order-1" has completed."""
    client.start("order", "order-1", {"city": "Tokyo"})
    client.send("order-1", "approve", {"ok": True})
    return client


def test_items_have_the_members_of_the_example(ordered: Client) -> None:
    """For every type of the recorded answer, names and constant values agree."""
    found = {
        item["EventType"]: item for item in items(ordered, "order-1", showHistoryOutput="true")
    }
    for expected in example("http_status_completed_history")["historyEvents"]:
        item = found[expected["EventType"]]
        assert set(item) == set(expected)
        constant = {key: value for key, value in expected.items() if value is None}
        assert {key: item[key] for key in constant} == constant
    assert found["ExecutionStarted"]["FunctionName"] == "order"
    assert found["ExecutionCompleted"]["OrchestrationStatus"] == "Completed"
    assert found["ExecutionCompleted"]["Result"] == ["Hello Tokyo", {"n": 1}]


def test_decisions_and_their_outcomes_are_one_item(ordered: Client) -> None:
    """Episodes have no frames, timers stay on their own."""
    types = [item["EventType"] for item in items(ordered, "order-1")]
    assert types == [
        "ExecutionStarted",
        "TaskCompleted",
        "SubOrchestrationInstanceCompleted",
        "TimerCreated",
        "EventRaised",
        "ExecutionCompleted",
    ]


def test_results_are_shown_on_demand(ordered: Client) -> None:
    """Without `showHistoryOutput` no item has a result."""
    assert not [item for item in items(ordered, "order-1") if "Result" in item]
    shown = items(ordered, "order-1", showHistoryOutput="true")
    results = [item["Result"] for item in shown if "Result" in item]
    assert results == ["Hello Tokyo", {"n": 1}, ["Hello Tokyo", {"n": 1}]]


def test_inputs_go_with_the_input(ordered: Client) -> None:
    """Without `showInput` no item has one."""
    with_input = items(ordered, "order-1")
    assert with_input[0]["Input"] == '"{\\"city\\": \\"Tokyo\\"}"'
    assert with_input[4]["Input"] == '{"ok":true}'
    assert not [item for item in items(ordered, "order-1", showInput="false") if "Input" in item]


def test_stored_inputs_are_shown() -> None:
    """`storeInputsInOrchestrationHistory` fills the inputs of decisions."""
    settings = HostSettings(store_inputs=True)
    with Simulation(webhooks_app(), findings="ignore", settings=settings) as sim:
        client = Client(sim)
        client.start("order", "i")
        assert items(client, "i")[1]["Input"] == '["\\"Hello Tokyo\\""]'


def test_what_is_under_way_stays_as_scheduled(client: Client) -> None:
    """A decision without an outcome keeps its name."""
    client.start("order", "i")
    client.start("broken", "b")
    open_timer = items(client, "i")[-1]
    assert open_timer["EventType"] == "TimerCreated"
    failed = items(client, "b")[1]
    assert (failed["EventType"], failed["FunctionName"]) == ("TaskFailed", "boom")
    assert failed["Reason"].startswith("Activity function 'boom' failed")
    assert {"Details", "FailureDetails", "ScheduledTime"} <= set(failed)


def test_an_activity_under_way_is_an_item(client: Client) -> None:
    """It has a name, and no function's name yet."""
    client.sim.stub_activity("say", returns=1, takes="1h")
    client.start("order", "i")
    item = items(client, "i")[-1]
    assert (item["EventType"], item["Name"]) == ("TaskScheduled", "say")
    assert {"EventId", "IsPlayed", "Version", "FunctionName"}.isdisjoint(item)


def test_a_fired_timer_has_no_number(client: Client) -> None:
    """It says when it was to fire."""
    client.start("order", "i")
    client.sim.advance("1h")
    fired = items(client, "i")[-2]
    assert set(fired) == {"EventType", "Timestamp", "FireAt"}


def test_what_managers_did_is_in_the_history(client: Client) -> None:
    """Reasons stand where the host puts them."""
    client.reach("Suspended")
    client.post("instances/i/resume", reason="go on")
    client.post("instances/i/terminate", reason="enough")
    client.sim.run_until_idle()
    reasons = {
        item["EventType"]: item.get("Reason", item.get("Input")) for item in items(client, "i")
    }
    assert reasons["ExecutionSuspended"] == "pause"
    assert reasons["ExecutionResumed"] == "go on"
    assert reasons["ExecutionTerminated"] == "enough"
    assert items(client, "i")[-1]["OrchestrationStatus"] == "Terminated"


def test_a_pending_instance_has_no_history_events(client: Client) -> None:
    """The member is absent, not empty."""
    client.reach("Pending")
    assert "historyEvents" not in client.get("instances/i", showHistory="true").json()


def test_rewound_events_are_generic(client: Client) -> None:
    """What rewind erased shows as a generic event."""
    client.start("broken", "i")
    client.post("instances/i/rewind", reason="try again")
    client.sim.run_until_idle()
    generic = [item for item in items(client, "i") if item["EventType"] == "GenericEvent"]
    assert {"Rewound: try again", "Rewind: try again"} <= {item["Data"] for item in generic}

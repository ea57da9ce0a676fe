"""Entities over HTTP (semantics 6.3, 7.1, 7.5)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.webhooks.app import Client

JSON = {"Content-Type": "application/json"}


def signal(client: Client, route: str, value: object = None, **params: object) -> Any:
    """Signal an entity as Python's client does, and let it run."""
    body = json.dumps(json.dumps(value)) if value else None
    headers = JSON if value else {}
    answer = client.call("POST", route, body=body, headers=headers, params=params)
    client.sim.run_until_idle()
    return answer


def test_a_signal_is_accepted_and_changes_the_state(client: Client) -> None:
    """Names are compared without their case, keys with it."""
    assert signal(client, "entities/Counter/k", 5, op="add").status_code == 202
    assert signal(client, "entities/COUNTER/k", 2, OP="add").content == b""
    answer = client.get("entities/counter/k")
    assert (answer.status_code, answer.json()) == (200, 7)
    assert client.get("entities/counter/K").status_code == 404


def test_deleting_is_an_operation(client: Client) -> None:
    """The app has to write it."""
    signal(client, "entities/Counter/k", 5, op="add")
    assert client.call("DELETE", "entities/Counter/k").status_code == 202
    client.sim.run_until_idle()
    assert client.get("entities/Counter/k").status_code == 404


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_an_unknown_entity_is_refused_in_the_hosts_words(client: Client, method: str) -> None:
    """The body has a message only."""
    answer = client.call(method, "entities/Nope/k")
    assert answer.status_code == 400
    message = (
        "The function 'nope' doesn't exist, is disabled, or is not an entity function. "
        "Additional info: The following are the known entity functions: "
    )
    assert list(answer.json()) == ["Message"]
    assert answer.json()["Message"].startswith(message)
    assert client.get("entities/Nope/k").status_code == 404


@pytest.mark.parametrize("body", ["{", "", "[" * 70 + "]" * 70, b"\xff"])
def test_a_signal_whose_body_is_not_json_is_refused(client: Client, body: str | bytes) -> None:
    """An empty one is no input instead."""
    answer = client.call("POST", "entities/box/k", body=body, headers=JSON)
    assert answer.status_code == (400 if body else 202)
    if body:
        assert answer.json()["Message"].startswith("Could not parse JSON content: ")


def test_a_signal_that_is_not_said_to_be_json_is_a_text(client: Client) -> None:
    """The entity gets it as Python text that holds what was sent."""
    client.call("POST", "entities/box/k", body="[1]", headers={"Content-Type": "text/plain"})
    client.sim.run_until_idle()
    assert client.get("entities/box/k").json() == [1]


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_signal_to_nobody_is_a_bad_request(client: Client, method: str) -> None:
    """An entity has a name."""
    answer = client.call(method, "entities")
    assert (answer.status_code, list(answer.json())) == (400, ["Message"])


def test_the_empty_key_is_written_as_a_dollar(client: Client) -> None:
    """Only when reading, and left out when signalling."""
    signal(client, "entities/box", "x", op="set")
    assert client.get("entities/box/$").json() == "x"


@pytest.fixture
def stocked(client: Client) -> Client:
    """A client of a simulation with three entities that exist, and one that does not."""
    signal(client, "entities/Counter/a", 1, op="add")
    client.sim.advance("1500ms")
    signal(client, "entities/Counter/b", 2, op="add")
    signal(client, "entities/Box/a", {"x": 1}, op="set")
    signal(client, "entities/Counter/c", 2, op="delete")
    return client


def keys(client: Client, route: str, **params: object) -> list[tuple[str, str]]:
    """Return names and keys that a list shows."""
    items = client.get(route, **params).json()
    return [(item["entityId"]["name"], item["entityId"]["key"]) for item in items]


def test_a_list_shows_the_entities_that_exist(stocked: Client) -> None:
    """All of them, or those of one name, by the time of their last operation."""
    assert keys(stocked, "entities/") == [("box", "a"), ("counter", "a"), ("counter", "b")]
    assert keys(stocked, "entities/COUNTER") == [("counter", "a"), ("counter", "b")]
    assert keys(stocked, "entities/count") == []
    early = "2000-01-01T00:00:01Z"
    assert keys(stocked, "entities", lastOperationTimeTo=early) == [("counter", "a")]
    assert keys(stocked, "entities/counter", lastOperationTimeFrom=early) == [("counter", "b")]
    assert keys(stocked, "entities", top=1) == [("box", "a")]


def test_each_operation_counts_as_the_last_one(stocked: Client) -> None:
    """An entity that is asked again moves behind the instant at which it was."""
    stocked.sim.advance("2s")
    signal(stocked, "entities/Counter/a", 1, op="add")
    late = "2000-01-01T00:00:03Z"
    assert keys(stocked, "entities", lastOperationTimeFrom=late) == [("counter", "a")]


def test_a_list_shows_states_on_demand(stocked: Client) -> None:
    """Each item says when its last operation was."""
    item = stocked.get("entities/box").json()[0]
    assert item == {
        "entityId": {"name": "box", "key": "a"},
        "lastOperationTime": "2000-01-01T00:00:01.5Z",
        "state": None,
    }
    assert stocked.get("entities/box", fetchState="true").json()[0]["state"] == {"x": 1}


def test_an_entity_is_an_instance_too(stocked: Client) -> None:
    """It is always running, and its custom status says that it exists."""
    body = stocked.get("instances/@counter@a").json()
    assert (body["name"], body["instanceId"]) == ("@counter@a", "@counter@a")
    assert (body["runtimeStatus"], body["output"]) == ("Running", None)
    assert body["customStatus"] == {"entityExists": True}
    assert body["input"]["state"] == "1"
    assert body in stocked.get("instances/", instanceIdPrefix="@counter").json()
    history = stocked.get("instances/@counter@a", showHistory="true").json()["historyEvents"]
    assert [item["EventType"] for item in history] == ["ExecutionStarted"]


def test_an_entity_with_a_queue_says_so(client: Client) -> None:
    """One that does not exist yet has nothing else to say."""
    client.post("entities/counter/k", op="rest")
    client.post("entities/counter/k", op="rest")
    client.post("entities/counter/k", op="rest")
    body = client.get("instances/@counter@k").json()
    assert body["customStatus"] == {"queueSize": 2}
    assert [item["op"] for item in body["input"]["queue"]] == ["rest", "rest"]


def test_an_entity_can_be_purged(stocked: Client) -> None:
    """By its id, or with everything else of a time."""
    assert stocked.call("DELETE", "instances/@counter@a").json() == {"instancesDeleted": 1}
    assert stocked.get("entities/counter/a").status_code == 404
    window = {"createdTimeFrom": "2000-01-01"}
    assert stocked.call("DELETE", "instances/", params=window).json()["instancesDeleted"] >= 2
    assert stocked.get("entities").json() == []


@pytest.mark.parametrize(
    ("operation", "status"),
    [("raiseEvent/x", 202), ("terminate", 202), ("restart", 400), ("nonsense", 404)],
)
def test_operations_of_instances_do_an_entity_no_harm(
    stocked: Client, operation: str, status: int
) -> None:
    """It goes on as it was."""
    answer = stocked.call("POST", f"instances/@counter@a/{operation}", json=1)
    assert answer.status_code == status
    stocked.sim.run_until_idle()
    assert stocked.get("entities/counter/a").json() == 1

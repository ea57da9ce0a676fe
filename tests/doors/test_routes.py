"""Each route of the extension's HTTP API through both doors (semantics 6.3)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.doors.doors import RPC, WEBHOOKS, Door
from tests.webhooks.app import example

UNKNOWN = (
    "The function 'nope' doesn't exist, is disabled, or is not an orchestrator function. "
    "Additional info: The following are the known orchestrator functions: "
    "'waiting', 'echo', 'tired', 'broken', 'trip'."
)
STATUS_KEYS = list(example("http_status_running"))


def start(door: Door, name: str, instance_id: str, value: Any = None) -> None:
    """Start an orchestration as Python's client does, and let it run."""
    body = "" if value is None else json.dumps(json.dumps(value))
    assert door.request("POST", f"orchestrators/{name}/{instance_id}", body=body).status == 202
    door.settle()


def status(door: Door, instance_id: str, query: str = "") -> Any:
    """Return an instance's status."""
    return door.request("GET", f"instances/{instance_id}{query}").json()


@pytest.mark.parametrize("base", [WEBHOOKS, RPC])
@pytest.mark.parametrize("wanted", ["/mine", ""])
def test_a_start_answers_with_links(door: Door, base: str, wanted: str) -> None:
    """Keys in the host's order, each below the address that clients know, and two headers."""
    answer = door.request("POST", f"{base}/orchestrators/ECHO{wanted}", body='"{}"')
    links = answer.json()
    assert answer.status == 202
    assert list(links) == list(example("http_start_response"))
    assert links.pop("id") == "mine" if wanted else len(links.pop("id")) == 32
    assert all(link.startswith(f"{door.origin}{WEBHOOKS}/instances/") for link in links.values())
    assert answer.headers["location"] == links["statusQueryGetUri"]
    assert answer.headers["retry-after"] == "10"
    assert answer.headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    ("path", "body", "message", "text"),
    [
        (
            "orchestrators/nope",
            "1",
            "One or more of the arguments submitted is incorrect",
            UNKNOWN,
        ),
        (
            "orchestrators/echo/@mine",
            "1",
            "One or more of the arguments submitted is incorrect",
            "instanceId (Parameter 'Orchestration instance ids must not start with @.')",
        ),
        (
            f"orchestrators/echo/{'x' * 257}",
            "1",
            "One or more of the arguments submitted is incorrect",
            "Instance ID lengths must not exceed 256 characters.",
        ),
        ("orchestrators/echo/mine", "{", "Invalid JSON content", None),
    ],
    ids=["unknown", "entity", "long", "broken"],
)
def test_a_start_that_makes_no_sense_is_refused(
    door: Door, path: str, body: str, message: str, text: str | None
) -> None:
    """400 in the host's words, and nothing is started."""
    answer = door.request("POST", path, body=body)
    assert answer.status == 400
    assert list(answer.json()) == list(example("http_error"))
    assert answer.json()["Message"] == message
    assert text is None or answer.json()["ExceptionMessage"] == text
    assert door.request("GET", "instances/").json() == []


@pytest.mark.parametrize(
    ("seconds", "code", "shown"), [(3, 200, "rested"), (99, 202, None)], ids=["ends", "goes on"]
)
def test_create_and_wait(door: Door, seconds: int, code: int, shown: str | None) -> None:
    """The answer is the output, or the links if the time was up."""
    path = "orchestrators/tired/i?timeout=9&pollingInterval=1"
    answer = door.wait_through("POST", path, body=f'"{seconds}"')
    assert answer.status == code
    if shown is None:
        assert list(answer.json()) == list(example("http_start_response"))
    else:
        assert answer.json() == shown


def test_status_of_a_running_instance(door: Door) -> None:
    """202, where to look again and when, and every key in its place."""
    start(door, "waiting", "i", {"n": 1})
    answer = door.request("GET", "instances/i?showInput=true")
    assert (answer.status, answer.headers["retry-after"]) == (202, "5")
    assert answer.headers["location"] == f"{door.origin}{WEBHOOKS}/instances/i?showInput=true"
    assert list(answer.json()) == STATUS_KEYS
    assert answer.json() == {
        "name": "waiting",
        "instanceId": "i",
        "runtimeStatus": "Running",
        "input": '{"n": 1}',
        "customStatus": None,
        "output": None,
        "createdTime": "2000-01-01T00:00:00Z",
        "lastUpdatedTime": "2000-01-01T00:00:00Z",
    }
    assert status(door, "i", "?SHOWINPUT=False")["input"] is None


def test_status_of_ended_instances(door: Door) -> None:
    """200 without a way to look again; a failure is a 500 only for who asks for that."""
    start(door, "echo", "done", [1])
    start(door, "broken", "failed")
    answer = door.request("GET", "instances/done")
    assert answer.status == 200
    assert not {"location", "retry-after"} & set(answer.headers)
    assert (answer.json()["output"], answer.json()["runtimeStatus"]) == ([1], "Completed")
    failed = door.request("GET", "instances/failed")
    assert (failed.status, failed.json()["runtimeStatus"]) == (200, "Failed")
    assert failed.json()["output"].startswith(
        "Orchestrator function 'broken' failed: Activity function 'boom' failed:  ValueError: boom"
    )
    strict = door.request("GET", "instances/failed?returnInternalServerErrorOnFailure=true")
    assert (strict.status, strict.json()) == (500, failed.json())
    missing = door.request("GET", "instances/nobody")
    assert (missing.status, missing.body) == (404, b"")


def test_status_with_its_history(door: Door) -> None:
    """Decisions and their outcomes are one item, inputs and results come when asked for."""
    start(door, "trip", "i")
    assert "historyEvents" not in status(door, "i")
    events = status(door, "i", "?showHistory=true")["historyEvents"]
    kinds = ["ExecutionStarted", "TaskCompleted", "TaskFailed", "ExecutionCompleted"]
    assert [event["EventType"] for event in events] == kinds
    assert not any("Result" in event or "EventId" in event for event in events)
    assert [event.get("FunctionName") for event in events] == ["trip", "say", "fly", None]
    query = "?showHistory=true&showHistoryOutput=true&showInput=false"
    full = status(door, "i", query)["historyEvents"]
    assert full[1]["Result"] == "packed"
    assert full[2]["Reason"] == "Activity function 'fly' failed:  OSError: storm"
    assert full[3]["OrchestrationStatus"] == "Failed"
    assert not any("Input" in event for event in full)


def test_lists_are_filtered_and_paged(door: Door) -> None:
    """By prefix, status and time; a header leads from page to page."""
    for name in ("a1", "a2", "b1"):
        start(door, "waiting", name)
    door.advance(60)
    start(door, "echo", "a3")
    queries = {
        "": ["a1", "a2", "a3", "b1"],
        "?instanceIdPrefix=a": ["a1", "a2", "a3"],
        "?runtimeStatus=Completed,Failed": ["a3"],
        "?runtimeStatus=Nonsense": ["a1", "a2", "a3", "b1"],
        "?createdTimeFrom=2000-01-01T00:00:30Z": ["a3"],
        "?createdTimeTo=2000-01-01T00:00:00Z": ["a1", "a2", "b1"],
    }
    for query, expected in queries.items():
        answer = door.request("GET", f"instances/{query}")
        assert answer.status == 200
        assert [item["instanceId"] for item in answer.json()] == expected, query
        assert all(list(item) == STATUS_KEYS for item in answer.json())
    page = door.request("GET", "instances?top=3")
    assert len(page.json()) == 3
    assert page.headers["x-ms-continuation-token"]
    assert door.request("GET", "instances/").headers["x-ms-continuation-token"] == ""


def test_purge(door: Door) -> None:
    """One by its id, many by their time, which must be given."""
    for name in ("a", "b", "c"):
        start(door, "echo", name)
    one = door.request("DELETE", "instances/a")
    assert (one.status, one.json()) == (200, {"instancesDeleted": 1})
    again = door.request("DELETE", "instances/a")
    assert (again.status, again.body) == (404, b"")
    refused = door.request("DELETE", "instances/")
    assert refused.status == 400
    assert refused.json() == "Please provide value for 'createdTimeFrom' parameter."
    window = "instances/?createdTimeFrom=2000-01-01T00:00:00Z&createdTimeTo=2000-01-02T00:00:00Z"
    none = door.request("DELETE", f"{window}&runtimeStatus=Failed")
    assert (none.status, none.body) == (404, b"")
    rest = door.request("DELETE", f"{window}&runtimeStatus=Completed")
    assert (rest.status, rest.json()) == (200, {"instancesDeleted": 2})
    assert door.request("GET", "instances/").json() == []

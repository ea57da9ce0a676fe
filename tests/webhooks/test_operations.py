"""What one may ask of an instance over HTTP, by its state (semantics 6.2)."""

from __future__ import annotations

import pytest

from tests.webhooks.app import Client, example

STATES = ("missing", "Pending", "Running", "Suspended", "Completed", "Terminated", "Failed")

TABLE = {
    # route: missing, Pending, Running, Suspended, Completed, Terminated, Failed
    "POST instances/i/raiseEvent/other": (404, 202, 202, 202, 410, 410, 410),
    "POST instances/i/terminate": (404, 202, 202, 202, 410, 410, 410),
    "POST instances/i/suspend": (404, 202, 202, 500, 410, 410, 410),
    "POST instances/i/resume": (404, 500, 500, 202, 410, 410, 410),
    "POST instances/i/rewind": (404, 500, 500, 500, 410, 410, 202),
    "POST instances/i/restart": (400, 202, 202, 202, 202, 202, 202),
    "POST instances/i/restart?restartWithNewInstanceId=false": (400, 500, 500, 500, 202, 202, 202),
    "DELETE instances/i": (404, 200, 200, 200, 200, 200, 200),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("route", TABLE)
def test_each_route_answers_by_state(client: Client, route: str, state: str) -> None:
    """Status codes are those of the table, and only errors and restarts have bodies."""
    client.reach(state)
    method, _, path = route.partition(" ")
    headers = {"Content-Type": "application/json"} if "raiseEvent" in route else {}
    body = "1" if "raiseEvent" in route else None
    answer = client.call(method, path, headers=headers, body=body)
    assert answer.status_code == TABLE[route][STATES.index(state)]
    if answer.status_code in {400, 500}:
        assert list(answer.json()) == list(example("http_error"))
    elif "restart" in route:
        assert list(answer.json()) == list(example("http_start_response"))
    elif method == "DELETE" and answer.status_code == 200:
        assert answer.json() == example("http_purge_response")
    else:
        assert answer.content == b""


@pytest.mark.parametrize(
    ("state", "operation", "text"),
    [
        (
            "Suspended",
            "suspend",
            "Cannot suspend the orchestration instance i because instance is in the {state} state.",
        ),
        (
            "Running",
            "resume",
            "Cannot resume the orchestration instance i because instance is in the {state} state.",
        ),
        (
            "Running",
            "rewind",
            "The rewind operation is only supported on failed orchestration instances.",
        ),
    ],
)
def test_a_state_that_does_not_fit_is_refused_in_the_hosts_words(
    client: Client, state: str, operation: str, text: str
) -> None:
    """The exception behind the server error is in its body."""
    client.reach(state)
    body = client.post(f"instances/i/{operation}").json()
    assert body["Message"] == "Something went wrong while processing your request"
    assert body["ExceptionMessage"] == text.format(state=state)
    assert body["ExceptionType"] == "System.InvalidOperationException"


def test_restart_of_a_missing_instance_is_refused_in_the_hosts_words(client: Client) -> None:
    """Its slip of the pen included."""
    body = client.post("instances/nobody/restart").json()
    assert body["Message"] == "InstanceId does not match a valid orchestration instance."
    assert body["ExceptionMessage"] == "An orchestrastion with the instanceId nobody was not found."


def test_restart_keeps_name_and_input(client: Client) -> None:
    """It makes up a new id unless it is told not to."""
    client.start("echo", "i", {"a": 1})
    copy = client.post("instances/i/restart").json()["id"]
    assert copy != "i"
    client.sim.run_until_idle()
    assert client.get(f"instances/{copy}").json()["output"] == {"a": 1}
    kept = client.post("instances/i/restart", restartWithNewInstanceId="FALSE").json()["id"]
    assert kept == "i"


@pytest.mark.parametrize(
    ("sent", "heard"),
    [
        ('{"a": [1, "é"]}', {"a": [1, "é"]}),
        ('"{\\"a\\": 1}"', '{"a": 1}'),
        ("null", None),
        ('"\\ud800"', "\ufffd"),
    ],
)
def test_an_event_carries_its_body(client: Client, sent: str, heard: object) -> None:
    """The orchestrator gets what the JSON text says, decoded once."""
    client.reach("Running")
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    route = "instances/i/RaiseEvent/go"
    assert client.call("POST", route, body=sent, headers=headers).status_code == 202
    client.sim.run_until_idle()
    assert client.sim.run("i").output == heard


@pytest.mark.parametrize("kind", ["", "text/plain", "application/json+x", "application/jsonx"])
def test_an_event_that_is_not_said_to_be_json_is_refused(client: Client, kind: str) -> None:
    """The body is not looked at."""
    client.reach("Running")
    headers = {"Content-Type": kind} if kind else {}
    answer = client.call("POST", "instances/i/raiseEvent/go", body="1", headers=headers)
    message = "Only application/json request content is supported"
    assert (answer.status_code, answer.json()) == (400, {"Message": message})


@pytest.mark.parametrize("body", ["", "{", "[" * 3000, '{"a":}', b"\xfe\xff"])
def test_an_event_whose_body_is_not_json_is_refused(client: Client, body: str | bytes) -> None:
    """An empty body is none either."""
    client.reach("Running")
    headers = {"Content-Type": "application/json"}
    answer = client.call("POST", "instances/i/raiseEvent/go", body=body, headers=headers)
    assert (answer.status_code, answer.json()["Message"]) == (400, "Invalid JSON content")
    assert client.sim.run("i").status == "Running"


def test_rewind_runs_what_failed_again(client: Client) -> None:
    """The run goes on from where it failed."""
    client.start("broken", "i")
    client.sim.stub_activity("boom", returns="fine")
    assert client.post("instances/i/rewind", reason="mended").status_code == 202
    client.sim.run_until_idle()
    assert client.get("instances/i").json()["runtimeStatus"] == "Completed"

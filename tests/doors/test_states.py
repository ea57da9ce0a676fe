"""What one may ask of an instance, by its state, through both doors (semantics 6.2)."""

from __future__ import annotations

import pytest

from tests.doors.doors import Answer, Door
from tests.webhooks.app import example

STATES = ("missing", "Pending", "Running", "Suspended", "Completed", "Terminated", "Failed")

TABLE = {
    # missing, Pending, Running, Suspended, Completed, Terminated, Failed
    "POST orchestrators/waiting/i": (202, 500, 500, 500, 202, 202, 202),
    "POST instances/i/raiseEvent/other": (404, 202, 202, 202, 410, 410, 410),
    "POST instances/i/terminate": (404, 202, 202, 202, 410, 410, 410),
    "POST instances/i/suspend": (404, 202, 202, 500, 410, 410, 410),
    "POST instances/i/resume": (404, 500, 500, 202, 410, 410, 410),
    "POST instances/i/rewind": (404, 500, 500, 500, 410, 410, 202),
    "POST instances/i/restart": (400, 202, 202, 202, 202, 202, 202),
    "POST instances/i/restart?restartWithNewInstanceId=false": (400, 500, 500, 500, 202, 202, 202),
    "DELETE instances/i": (404, 200, 200, 200, 200, 200, 200),
}

WORDS = {
    # operation: the exception's text behind a server error
    "orchestrators": "An Orchestration instance with the status {state} already exists.",
    "suspend": "Cannot suspend the orchestration instance i because instance is in the {state} "
    "state.",
    "resume": "Cannot resume the orchestration instance i because instance is in the {state} "
    "state.",
    "rewind": "The rewind operation is only supported on failed orchestration instances.",
    "restart?restartWithNewInstanceId=false": "An Orchestration instance with the status {state} "
    "already exists.",
}


def reach(door: Door, state: str) -> None:
    """Bring the instance "i" into a state by HTTP alone."""
    if state == "missing":
        return
    # A version of the future waits for a host that runs it.
    version = "?version=9" if state == "Pending" else ""
    assert door.request("POST", f"orchestrators/waiting/i{version}").status == 202
    door.settle()
    asked = {
        "Suspended": ("suspend", ""),
        "Completed": ("raiseEvent/go", '"ok"'),
        "Failed": ("raiseEvent/go", '"fail"'),
        "Terminated": ("terminate", ""),
    }
    if state in asked:
        operation, body = asked[state]
        assert door.request("POST", f"instances/i/{operation}", body=body).status == 202
        door.settle()
    assert door.request("GET", "instances/i").json()["runtimeStatus"] == state


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("route", TABLE)
def test_each_operation_answers_by_state(door: Door, route: str, state: str) -> None:
    """Status codes and bodies are those of the table, and afterwards the host still answers."""
    reach(door, state)
    method, _, path = route.partition(" ")
    answer = door.request(method, path, body="1" if "raiseEvent" in path else "")
    assert answer.status == TABLE[route][STATES.index(state)]
    check_body(answer, path, state)
    door.settle()
    assert door.request("GET", "instances/").status == 200


def check_body(answer: Answer, path: str, state: str) -> None:
    """Compare an answer's body and headers with semantics."""
    if answer.status == 500:
        words = next(text for operation, text in WORDS.items() if operation in path)
        assert list(answer.json()) == list(example("http_error"))
        assert answer.json()["Message"] == "Something went wrong while processing your request"
        assert answer.json()["ExceptionMessage"] == words.format(state=state)
    elif answer.status == 400:
        message = "InstanceId does not match a valid orchestration instance."
        text = "An orchestrastion with the instanceId i was not found."
        assert answer.json()["Message"] == message
        assert answer.json()["ExceptionMessage"] == text
    elif answer.status == 202 and ("restart" in path or "orchestrators" in path):
        assert list(answer.json()) == list(example("http_start_response"))
        assert answer.headers["location"] == answer.json()["statusQueryGetUri"]
        assert answer.headers["retry-after"] == "10"
    elif answer.status == 200:
        assert answer.json() == example("http_purge_response")
    else:
        assert answer.body == b""
        assert "content-type" not in answer.headers


NONE = "No instance with ID 'i' found."
ODD = "The operation failed with an unexpected status code 500"
ONLY_FAILED = "The rewind operation is only supported on failed orchestration instances."
GONE = "Instance with ID i is gone: either completed or failed"
NOBODY = "No instance with ID i found."
UNEXPECTED = (
    "Received unexpected payload from the durable-extension: [500, {{'Message': 'Something "
)
EXISTS = "An Orchestration instance with the status {state} already exists."

TEXTS: dict[str, tuple[str | None, ...]] = {
    # missing, Pending, Running, Suspended, Completed, Terminated, Failed
    "raise_event": (NOBODY, None, None, None, GONE, GONE, GONE),
    "terminate": (NONE, None, None, None, None, None, None),
    "suspend": (NONE, None, None, ODD, None, None, None),
    "resume": (NONE, ODD, ODD, None, None, None, None),
    "rewind": (NOBODY, UNEXPECTED, UNEXPECTED, UNEXPECTED, ONLY_FAILED, ONLY_FAILED, None),
    "start_new": (None, EXISTS, EXISTS, EXISTS, None, None, None),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("method", TEXTS)
def test_the_client_says_what_the_state_forbids(door: Door, method: str, state: str) -> None:
    """The real client turns each of the host's answers into its own words (semantics 6.5)."""
    reach(door, state)
    arguments = ("waiting", "i") if method == "start_new" else ("i", "go")
    said = None
    try:
        door.wait(getattr(door.client(), method)(*arguments))
    except Exception as error:
        said = str(error)
    expected = TEXTS[method][STATES.index(state)]
    if expected is None or said is None:
        assert said is expected
    else:
        assert expected.format(state=state) in said

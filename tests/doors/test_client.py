"""Each method of the real durable client through both doors (semantics 6.5)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import azure.functions as func
import pytest
from azure.durable_functions import EntityId, OrchestrationRuntimeStatus

from tests.doors.doors import WEBHOOKS, Door
from tests.webhooks.app import example

START = datetime(2000, 1, 1)
LINKS = list(example("client_binding")["managementUrls"])


def start(door: Door, name: str, instance_id: str, value: Any = None) -> None:
    """Start an orchestration by the client, and let it run."""
    assert door.wait(door.client().start_new(name, instance_id, value)) == instance_id
    door.settle()


def status(door: Door, instance_id: str, **options: bool) -> Any:
    """Return what `get_status` says, as JSON."""
    return door.wait(door.client().get_status(instance_id, **options)).to_json()


@pytest.mark.parametrize("base", [WEBHOOKS, "/durabletask"])
def test_start_new(door: Door, base: str) -> None:
    """It returns the id, given or made up, and input goes through the SDK's double JSON."""
    client = door.client(base)
    assert door.wait(client.start_new("echo", "mine", {"n": [1, "é"]})) == "mine"
    made = door.wait(client.start_new("echo"))
    assert len(made) == 32
    door.settle()
    assert status(door, "mine")["output"] == {"n": [1, "é"]}
    assert status(door, made)["output"] is None


def test_start_new_of_an_unknown_function(door: Door) -> None:
    """The host's words, alone, are the error."""
    words = "^The function 'nope' doesn't exist, is disabled, or is not an orchestrator function. "
    with pytest.raises(Exception, match=words):
        door.wait(door.client().start_new("nope"))


def test_get_status(door: Door) -> None:
    """A status as the SDK parses it; what is not there is falsy."""
    start(door, "waiting", "i", {"n": 1})
    found = door.wait(door.client().get_status("i", show_input=True))
    assert (found.name, found.instance_id) == ("waiting", "i")
    assert found.runtime_status is OrchestrationRuntimeStatus.Running
    assert found.input_ == '{"n": 1}'
    assert found.created_time.replace(tzinfo=None) == START
    assert not door.wait(door.client().get_status("nobody"))


def test_get_status_with_its_history(door: Door) -> None:
    """Each flag shows what it names; inputs are shown with and without theirs."""
    start(door, "trip", "i", {"n": 1})
    client = door.client()
    assert not hasattr(door.wait(client.get_status("i")), "historyEvents")
    events = door.wait(client.get_status("i", show_history=True)).historyEvents
    kinds = ["ExecutionStarted", "TaskCompleted", "TaskFailed", "ExecutionCompleted"]
    assert [event["EventType"] for event in events] == kinds
    assert "Result" not in events[1]
    found = door.wait(client.get_status("i", show_history=True, show_history_output=True))
    assert found.historyEvents[1]["Result"] == "packed"
    # The SDK leaves show_input=False out, and the host shows inputs unless told otherwise.
    assert json.loads(found.historyEvents[0]["Input"]) == '{"n": 1}'
    assert found.custom_status == "packing"


def test_get_status_all_and_by(door: Door) -> None:
    """Lists of statuses: all, or by time, status and prefix."""
    start(door, "waiting", "a1")
    start(door, "waiting", "b1")
    door.advance(60)
    start(door, "echo", "a2")
    client = door.client()

    def ids(found: Any) -> list[str]:
        return [item.instance_id for item in door.wait(found)]

    assert ids(client.get_status_all()) == ["a1", "a2", "b1"]
    late, early = START + timedelta(seconds=30), START + timedelta(seconds=1)
    assert ids(client.get_status_by(created_time_from=late)) == ["a2"]
    assert ids(client.get_status_by(START, early)) == ["a1", "b1"]
    done = [OrchestrationRuntimeStatus.Completed, OrchestrationRuntimeStatus.Failed]
    assert ids(client.get_status_by(START, runtime_status=done)) == ["a2"]


def test_raise_event(door: Door) -> None:
    """The orchestration gets the value as JSON text, which the SDK decodes once only."""
    start(door, "waiting", "i")
    assert door.wait(door.client().raise_event("i", "go", {"by": "Ada"})) is None
    door.settle()
    assert status(door, "i")["output"] == '{"by": "Ada"}'
    with pytest.raises(ValueError, match="event_name must be a non-empty string"):
        door.wait(door.client().raise_event("i", ""))


def test_suspend_resume_and_terminate(door: Door) -> None:
    """Each leaves its reason, with every character of it, as the output."""
    start(door, "waiting", "i")
    client, reason = door.client(), "tea & 50% / é?"
    steps = [("suspend", "Suspended"), ("resume", "Running"), ("terminate", "Terminated")]
    for method, state in steps:
        assert door.wait(getattr(client, method)("i", reason)) is None
        door.settle()
        seen = status(door, "i")
        assert (seen["runtimeStatus"], seen["output"]) == (state, reason)


def test_rewind(door: Door) -> None:
    """What failed runs again; a reason of several words is sent as the SDK sends it."""
    start(door, "trip", "i")
    door.request("PUT", "/api/weather", body='{"is_fine": true}')
    assert door.wait(door.client().rewind("i", "the sun is out")) is None
    door.settle()
    assert status(door, "i")["output"] == ["packed", "flown"]


def test_restart(door: Door) -> None:
    """The SDK returns the host's links where its documentation promises an id."""
    start(door, "echo", "i", {"n": 1})
    client = door.client()
    if not hasattr(client, "restart"):
        pytest.skip("this version of the SDK cannot restart")
    links = door.wait(client.restart("i"))
    assert list(links) == list(example("http_start_response"))
    door.settle()
    assert status(door, links["id"])["output"] == {"n": 1}
    kept = door.wait(client.restart("i", restart_with_new_instance_id=False))
    assert kept["id"] == "i"
    with pytest.raises(Exception, match="unexpected status code 400"):
        door.wait(client.restart("nobody"))


def test_purge_instance_history(door: Door) -> None:
    """It returns how many are gone: one, then none."""
    start(door, "echo", "i")
    client = door.client()
    counts = [door.wait(client.purge_instance_history("i")).instances_deleted for _ in range(2)]
    assert counts == [1, 0]
    assert not door.wait(client.get_status("i"))


def test_purge_instance_history_by(door: Door) -> None:
    """By time and status; without a first instant it is refused."""
    start(door, "echo", "a")
    start(door, "waiting", "b")
    client = door.client()
    status_of = [OrchestrationRuntimeStatus.Completed]
    day = timedelta(days=1)
    purged = door.wait(client.purge_instance_history_by(START, START + day, status_of))
    assert purged.instances_deleted == 1
    assert [item.instance_id for item in door.wait(client.get_status_all())] == ["b"]
    nothing = door.wait(client.purge_instance_history_by(START + day))
    assert nothing.instances_deleted == 0
    # Older SDKs ask, and the host refuses.
    with pytest.raises(Exception, match=r"created_time_from is required|status code 400"):
        door.wait(client.purge_instance_history_by())


def test_signal_entity_and_read_entity_state(door: Door) -> None:
    """The state is the JSON value; an entity that nobody signalled does not exist."""
    client, counter = door.client(), EntityId("Counter", "k")
    before = door.wait(client.read_entity_state(counter))
    assert (before.entity_exists, before.entity_state) == (False, None)
    for _ in range(2):
        assert door.wait(client.signal_entity(counter, "add", 5)) is None
    door.settle()
    after = door.wait(client.read_entity_state(counter))
    assert (after.entity_exists, after.entity_state) == (True, 10)
    with pytest.raises(Exception, match="400"):
        door.wait(client.signal_entity(EntityId("nope", "k"), "add", 5))


def test_payloads_with_links(door: Door) -> None:
    """Both have every link; the response has the origin of the request that it answers."""
    start(door, "waiting", "i")
    client = door.client()
    payload = client.create_http_management_payload("i")
    assert list(payload) == LINKS
    assert payload["statusQueryGetUri"].startswith(f"{door.origin}{WEBHOOKS}/instances/i?")
    assert door.request("GET", payload["statusQueryGetUri"]).status == 202
    asked = func.HttpRequest(method="POST", url="http://shop.test/api/orders", body=b"")
    answer = client.create_check_status_response(asked, "i")
    links = json.loads(answer.get_body())
    assert answer.status_code == 202
    assert list(links) == LINKS
    assert links["statusQueryGetUri"].startswith(f"http://shop.test{WEBHOOKS}/instances/i?")
    assert answer.headers["Location"] == links["statusQueryGetUri"]
    assert answer.headers["Retry-After"] == "10"


@pytest.mark.parametrize(
    ("name", "value", "code", "begins"),
    [
        ("echo", "a text is written raw", 200, "a text is written raw"),
        ("echo", {"n": 1}, 200, '{"n": 1}'),
        ("broken", None, 500, '{"name": "broken", "instanceId": "i", "createdTime": '),
        ("waiting", None, 202, '{"id": "i", "statusQueryGetUri": '),
    ],
)
def test_wait_for_completion(door: Door, name: str, value: Any, code: int, begins: str) -> None:
    """The output once it has ended, the status if it failed, the links if the time is up."""
    start(door, name, "i", value)
    asked = func.HttpRequest(method="GET", url=f"{door.origin}/api/x", body=b"")
    answer = door.wait(
        door.client().wait_for_completion_or_create_check_status_response(asked, "i", 20, 10)
    )
    assert answer.status_code == code
    assert answer.get_body().decode().startswith(begins)

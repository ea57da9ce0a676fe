"""What management routes do to instances and entities, through both doors (semantics 6.3, 7.5)."""

from __future__ import annotations

import pytest

from tests.doors.doors import RPC, Door
from tests.doors.test_routes import start, status
from tests.webhooks.app import example


def test_an_event_carries_its_body(door: Door) -> None:
    """202 and no body; the orchestration gets the JSON value."""
    start(door, "waiting", "i")
    answer = door.request("POST", "instances/i/raiseEvent/go", body='{"by": "é"}')
    assert (answer.status, answer.body) == (202, b"")
    door.settle()
    assert status(door, "i")["output"] == {"by": "é"}


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        ("1", "text/plain", "Only application/json request content is supported"),
        ("{", "application/json", "Invalid JSON content"),
    ],
)
def test_an_event_without_json_is_refused(door: Door, body: str, kind: str, message: str) -> None:
    """400, and the instance waits on."""
    start(door, "waiting", "i")
    answer = door.request("POST", "instances/i/raiseEvent/go", body=body, kind=kind)
    assert (answer.status, answer.json()["Message"]) == (400, message)
    assert status(door, "i")["runtimeStatus"] == "Running"


def test_reasons_become_outputs(door: Door) -> None:
    """Suspend, resume and terminate leave their reason, decoded, as the output."""
    start(door, "waiting", "i")
    steps = [("suspend", "Suspended"), ("resume", "Running"), ("terminate", "Terminated")]
    for operation, state in steps:
        answer = door.request("POST", f"instances/i/{operation}?reason=tea%20time%3F")
        assert (answer.status, answer.body) == (202, b"")
        door.settle()
        seen = status(door, "i")
        assert (seen["runtimeStatus"], seen["output"]) == (state, "tea time?")


def test_rewind_runs_what_failed_again(door: Door) -> None:
    """The activity that had succeeded is not called again, and the outputs are there."""
    start(door, "trip", "i")
    assert status(door, "i")["runtimeStatus"] == "Failed"
    assert door.request("PUT", "/api/weather", body='{"is_fine": true}').text == "noted"
    answer = door.request("POST", "instances/i/rewind?reason=sun")
    assert (answer.status, answer.body) == (202, b"")
    door.settle()
    query = "?showHistory=true&showHistoryOutput=true"
    seen = status(door, "i", query)
    assert (seen["runtimeStatus"], seen["output"]) == ("Completed", ["packed", "flown"])
    functions = [item.get("FunctionName") for item in seen["historyEvents"]]
    assert (functions.count("say"), functions.count("fly")) == (1, 1)


def test_restart_keeps_name_and_input(door: Door) -> None:
    """A new id unless told otherwise; the answer is that of a start."""
    start(door, "echo", "i", {"n": 1})
    answer = door.request("POST", "instances/i/restart")
    copy = answer.json()["id"]
    assert (answer.status, len(copy)) == (202, 32)
    assert list(answer.json()) == list(example("http_start_response"))
    door.settle()
    assert status(door, copy)["output"] == {"n": 1}
    door.advance(60)
    query = "restart?restartWithNewInstanceId=false"
    assert door.request("POST", f"instances/i/{query}").json()["id"] == "i"
    door.settle()
    assert status(door, "i")["createdTime"] == "2000-01-01T00:01:00Z"


def test_each_link_leads_somewhere(door: Door) -> None:
    """A client that follows the links as handed out needs to know nothing else."""
    links = door.request("POST", "orchestrators/waiting").json()
    door.settle()
    assert door.request("GET", links["statusQueryGetUri"]).json()["instanceId"] == links["id"]
    for operation in ("suspend", "resume"):
        link = links[f"{operation}PostUri"].replace("{text}", "why")
        assert door.request("POST", link).status == 202
        door.settle()
    event = links["sendEventPostUri"].replace("{eventName}", "go")
    assert door.request("POST", event, body='"went"').status == 202
    door.settle()
    assert door.request("GET", links["statusQueryGetUri"]).json()["output"] == "went"
    again = door.request("POST", links["restartPostUri"]).json()
    stop = again["terminatePostUri"].replace("{text}", "enough")
    assert door.request("POST", stop).status == 202
    door.settle()
    assert door.request("DELETE", links["purgeHistoryDeleteUri"]).status == 200
    assert door.request("GET", again["statusQueryGetUri"]).json()["output"] == "enough"


def test_entities_are_signalled_and_read(door: Door) -> None:
    """Their names are folded, their state is JSON; DELETE is an operation like others."""
    missing = door.request("GET", "entities/Counter/k")
    assert (missing.status, missing.body) == (404, b"")
    for _ in range(2):
        answer = door.request("POST", "entities/Counter/k?op=add", body='"5"')
        assert (answer.status, answer.body) == (202, b"")
    door.settle()
    state = door.request("GET", "entities/COUNTER/k")
    assert (state.status, state.json()) == (200, 10)
    assert door.request("DELETE", "entities/counter/k").status == 202
    door.settle()
    assert door.request("GET", "entities/counter/k").status == 404


def test_entities_are_listed(door: Door) -> None:
    """All, or those of one name, with their state if asked for."""
    door.request("POST", "entities/counter/k?op=add", body='"5"')
    door.request("POST", "entities/box/K?op=put", body='"[1]"')
    door.settle()
    box = {
        "entityId": {"name": "box", "key": "K"},
        "lastOperationTime": "2000-01-01T00:00:00Z",
        "state": None,
    }
    counted = box | {"entityId": {"name": "counter", "key": "k"}}
    assert door.request("GET", "entities/").json() == [box, counted]
    assert door.request("GET", "entities/Box").json() == [box]
    assert door.request("GET", "entities/box?fetchState=true").json() == [box | {"state": [1]}]
    late = "entities/?lastOperationTimeFrom=2000-01-01T00:00:01Z"
    assert door.request("GET", late).json() == []
    shown = door.request("GET", "instances/?instanceIdPrefix=@").json()
    assert [item["instanceId"] for item in shown] == ["@box@K", "@counter@k"]
    assert shown[0]["customStatus"] == {"entityExists": True}


@pytest.mark.parametrize(
    ("path", "body"), [("entities/nope/k?op=add", "1"), ("entities/counter/k?op=add", "{")]
)
def test_a_signal_that_makes_no_sense_is_refused(door: Door, path: str, body: str) -> None:
    """400 for an entity that the app has not, and for a body that is not JSON."""
    answer = door.request("POST", path, body=body)
    assert (answer.status, list(answer.json())) == (400, ["Message"])


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("POST", "makeprimary", 200),
        ("POST", f"{RPC}/makeprimary", 200),
        ("GET", "makeprimary", 404),
        ("POST", "instances/i/nonsense", 404),
        ("PUT", "instances/i", 404),
        ("GET", "", 404),
        ("POST", "orchestrators", 404),
        ("GET", "/runtime/webhooks/others/instances/", 404),
        ("GET", "/api/nothing", 404),
        ("GET", "/", 200),
        ("GET", "/admin/host/status", 200),
    ],
)
def test_other_routes(door: Door, method: str, path: str, code: int) -> None:
    """What is no route is not found, and plain statuses have no body."""
    answer = door.request(method, path)
    assert answer.status == code
    assert (answer.body == b"") == (path not in {"/", "/admin/host/status"})


def test_functions_hand_out_links_that_work(door: Door) -> None:
    """A function's durable client answers through the same door as the webhooks."""
    started = door.request("POST", "/api/runs/r", body='{"n": 1}')
    assert (started.status, started.headers["retry-after"]) == (202, "10")
    door.settle()
    seen = door.request("GET", started.headers["location"])
    assert (seen.status, seen.json()["input"]) == (202, '{"n": 1}')
    event = started.json()["sendEventPostUri"].replace("{eventName}", "go")
    assert event.startswith(door.origin)
    assert door.request("POST", event, body='"went"').status == 202
    door.settle()
    ended = door.request("GET", "/api/runs/r")
    assert (ended.status, ended.text) == (200, "went")


def test_a_function_that_waits_gives_up_in_virtual_time(door: Door) -> None:
    """After two seconds that somebody moved, it answers with the links."""
    door.request("POST", "/api/runs/r", body="1")
    answer = door.wait_through("GET", "/api/runs/r")
    assert (answer.status, answer.json()["id"]) == (202, "r")

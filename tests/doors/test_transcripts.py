"""One script on both doors gives the same transcript, word for word."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import azure.functions as func
import pytest
from azure.durable_functions import (
    DurableOrchestrationClient,
    EntityId,
    OrchestrationRuntimeStatus,
)

from tests.doors.app import doors_app
from tests.doors.doors import RPC, WEBHOOKS, Door, MemoryDoor, SocketDoor

# Every row of semantics 6.3: method, route, body, and the status that it says.
ROUTES: list[tuple[str, str, str, int]] = [
    ("POST", "orchestrators/waiting/a", '"1"', 202),
    ("POST", "orchestrators/waiting/a", '"1"', 500),
    ("POST", "orchestrators/trip/b", "", 202),
    ("POST", "orchestrators/echo", '{"é": "😀"}', 202),
    ("POST", "orchestrators/nope/c", "", 400),
    ("POST", "orchestrators/waiting/c", '{"a":', 400),
    ("POST", "orchestrators/waiting/d?version=9", "", 202),
    ("GET", "instances/a", "", 202),
    ("GET", "instances/b?showHistory=true&showHistoryOutput=true", "", 200),
    ("GET", "instances/d?showHistory=true", "", 202),
    ("GET", "instances/nobody", "", 404),
    ("GET", "instances/b?returnInternalServerErrorOnFailure=true", "", 500),
    ("GET", "instances/", "", 200),
    ("GET", "instances?top=2&showInput=false", "", 200),
    ("POST", "instances/a/suspend?reason=why%3F", "", 202),
    ("POST", "instances/a/suspend", "", 500),
    ("GET", "instances/a?showHistory=true", "", 202),
    ("POST", "instances/a/resume?reason=now", "", 202),
    ("POST", "instances/a/resume", "", 500),
    ("POST", "instances/a/rewind", "", 500),
    ("POST", "instances/a/raiseEvent/go", "", 400),
    ("POST", "instances/a/raiseEvent/go", '{"x": [1.5, null, "é"]}', 202),
    ("POST", "instances/a/raiseEvent/go", "1", 410),
    ("GET", "instances/a?showHistory=true&showHistoryOutput=true", "", 200),
    ("POST", "instances/a/terminate", "", 410),
    ("POST", "instances/nobody/terminate", "", 404),
    ("PUT", "/api/weather", '{"is_fine": true}', 200),
    ("POST", "instances/b/rewind?reason=sun", "", 202),
    ("GET", "instances/b?showHistory=true", "", 200),
    ("POST", "instances/b/restart", "", 202),
    ("POST", "instances/b/restart?restartWithNewInstanceId=false", "", 202),
    ("POST", "instances/nobody/restart", "", 400),
    ("POST", "instances/d/terminate?reason=never%20began", "", 202),
    ("GET", "instances/d", "", 200),
    ("POST", "entities/Counter/k?op=add", '"5"', 202),
    ("POST", "entities/nope/k?op=add", '"5"', 400),
    ("GET", "entities/counter/k", "", 200),
    ("GET", "entities/counter", "", 200),
    ("GET", "entities/?fetchState=true", "", 200),
    ("GET", "instances/@counter@k?showHistory=true", "", 202),
    ("DELETE", "entities/counter/k", "", 202),
    ("GET", "entities/counter/k", "", 404),
    ("DELETE", "instances/a", "", 200),
    ("DELETE", "instances/a", "", 404),
    ("DELETE", "instances/", "", 400),
    ("DELETE", "instances/?createdTimeFrom=2000-01-01T00:00:00Z&runtimeStatus=Failed", "", 404),
    ("DELETE", "instances/?createdTimeFrom=1999-01-01T00:00:00Z", "", 200),
    ("GET", "instances/", "", 200),
    ("POST", "makeprimary", "", 200),
    ("POST", "instances/b/nonsense", "", 404),
    ("PATCH", "instances/b", "", 404),
    ("HEAD", "instances/", "", 404),
    ("POST", "/api/runs/r", '{"n": 1}', 202),
    ("GET", "/api/nothing", "", 404),
    ("GET", "/", "", 200),
    ("GET", "/admin/host/status", "", 200),
]

COUNTER = EntityId("Counter", "k")
ASKED = func.HttpRequest(method="GET", url="http://shop.test/api/x", body=b"")
DAY = datetime(2000, 1, 1), datetime(2000, 1, 2)
ENDED = [OrchestrationRuntimeStatus.Completed, OrchestrationRuntimeStatus.Failed]

# Every public method of the client, on each kind of instance that it treats differently.
CALLS: list[tuple[str, tuple[Any, ...]]] = [
    ("start_new", ("waiting", "a", {"n": 1})),
    ("start_new", ("waiting", "a")),
    ("start_new", ("trip", "b")),
    ("start_new", ("nope", "c")),
    ("start_new", ("echo", None, [1, "é"])),
    ("start_new", ("echo", "50% of/é", 1)),
    ("get_status", ("a", True, True, True)),
    ("get_status", ("b", True, True)),
    ("get_status", ("nobody",)),
    ("get_status_all", ()),
    ("get_status_by", (*DAY, ENDED)),
    ("suspend", ("a", "tea & 50%?")),
    ("suspend", ("a", "again")),
    ("get_status", ("a", True)),
    ("resume", ("a", "é")),
    ("resume", ("a", "again")),
    ("wait_for_completion_or_create_check_status_response", (ASKED, "a", 20, 10)),
    ("wait_for_completion_or_create_check_status_response", (ASKED, "b")),
    ("wait_for_completion_or_create_check_status_response", (ASKED, "b", 1, 2)),
    ("raise_event", ("a", "go", {"x": 1.5})),
    ("raise_event", ("a", "go", 1)),
    ("raise_event", ("nobody", "go", 1)),
    ("raise_event", ("a", "", 1)),
    ("wait_for_completion_or_create_check_status_response", (ASKED, "a")),
    ("rewind", ("b", "still storm")),
    ("rewind", ("a", "it is fine")),
    ("rewind", ("nobody", "who")),
    ("restart", ("b",)),
    ("restart", ("b", False)),
    ("restart", ("nobody",)),
    ("terminate", ("a", "ended")),
    ("terminate", ("nobody", "who")),
    ("signal_entity", (COUNTER, "add", 5)),
    ("signal_entity", (EntityId("nope", "k"), "add", 5)),
    ("read_entity_state", (COUNTER,)),
    ("read_entity_state", (EntityId("Counter", "other"),)),
    ("create_check_status_response", (ASKED, "a")),
    ("create_http_management_payload", ("a",)),
    ("get_client_response_links", (ASKED, "a")),
    ("purge_instance_history", ("a",)),
    ("purge_instance_history", ("a",)),
    ("purge_instance_history_by", (*DAY, ENDED)),
    ("purge_instance_history_by", ()),
    ("get_status_all", ()),
]


@contextmanager
def opened(kind: Callable[[object], Door]) -> Iterator[Door]:
    """Open a door to a fresh app."""
    door = kind(doors_app())
    try:
        yield door
    finally:
        door.close()


def requests_through(door: Door, base: str) -> Iterator[tuple[str, ...]]:
    """Yield what each line of ROUTES answers, without the address of the door."""
    for method, route, body, expected in ROUTES:
        path = route if route.startswith("/") else f"{base}/{route}"
        answer = door.request(method, path, body=body)
        door.settle()
        assert answer.status == expected, (method, route, answer.text)
        headers = json.dumps(sorted(answer.headers.items()))
        yield method, route, *(part.replace(door.origin, "") for part in (headers, answer.text))


def calls_through(door: Door, base: str) -> Iterator[tuple[str, str]]:
    """Yield what each line of CALLS returns or raises, without the address of the door."""
    client = door.client(base)
    for method, arguments in CALLS:
        if method == "restart" and not hasattr(client, method):
            continue  # older SDKs cannot
        try:
            made = getattr(client, method)(*arguments)
            outcome = shown(door.wait(made) if hasattr(made, "__await__") else made)
        except Exception as error:
            outcome = f"{type(error).__name__}: {error}"
        door.settle()
        yield method, outcome.replace(door.origin, "")


def shown(value: Any) -> str:
    """Return all that a value of the SDK holds, as text."""
    match value:
        case list():
            return "\n".join(shown(item) for item in value)
        case func.HttpResponse():
            body = value.get_body().decode()
            return f"{value.status_code} {dict(value.headers)} {value.mimetype} {body}"
        case None | bool() | str() | dict():
            return repr(value)
        case _:
            return f"{type(value).__name__} {vars(value)}"


@pytest.mark.slow
@pytest.mark.parametrize("base", [WEBHOOKS, RPC])
def test_requests_have_the_same_answers(base: str) -> None:
    """Status, headers and body of each route are equal, generated ids and times included."""
    with opened(MemoryDoor) as memory, opened(SocketDoor) as socket:
        inside = list(requests_through(memory, base))
        assert list(requests_through(socket, base)) == inside


@pytest.mark.slow
@pytest.mark.parametrize("base", [WEBHOOKS, RPC])
def test_calls_have_the_same_outcomes(base: str) -> None:
    """What each method returns or raises is equal: over memory, and over the SDK's transport."""
    with opened(MemoryDoor) as memory, opened(SocketDoor) as socket:
        inside = list(calls_through(memory, RPC))
        assert list(calls_through(socket, base)) == inside
        assert len(inside) > 40


def test_the_script_calls_every_method() -> None:
    """No public method of the installed SDK's client is left out."""
    public = {name for name in dir(DurableOrchestrationClient) if not name.startswith("_")}
    methods = {name for name in public if callable(getattr(DurableOrchestrationClient, name))}
    assert methods - {name for name, _ in CALLS} == set()

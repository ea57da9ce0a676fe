"""call_http: what the host sends, what comes back, and who answers (semantics 2.12)."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.durable_http.conftest import simulate
from wfsim import Simulation, UsageError
from wfsim.history import TaskCompleted
from wfsim.web import Response
from wfsim.workers.azure_functions.durable_http import result_of

OWN = "http://localhost:7071"
URL = "https://api.example/x"
MISUSED = (
    "Misused header name, 'Content-Language'. Make sure request headers are used with "
    "HttpRequestMessage, response headers with HttpResponseMessage, and content headers with "
    "HttpContent objects."
)
NOT_ABSOLUTE = (
    "An invalid request URI was provided. Either the request URI must be an absolute URI or "
    "BaseAddress must be set."
)
Call = Callable[..., Any]


# --- what is sent -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "kind", "body"),
    [
        ({"content": {"a": 1}}, "text/plain", b'{"a": 1}'),
        ({"content": "text"}, "text/plain", b'"text"'),
        ({"content": "text", "is_raw_str": True}, "text/plain", b"text"),
        (
            {"content": "é", "is_raw_str": True, "headers": {"content-TYPE": "text/csv"}},
            "text/csv",
            "é".encode(),
        ),
        (
            {
                "content": "a=1",
                "is_raw_str": True,
                "headers": {"Content-Type": "application/x-www-form-urlencoded"},
            },
            "application/x-www-form-urlencoded; charset=utf-8",
            b"a=1",
        ),
        ({"headers": {"Content-Type": "application/json"}}, None, b""),
    ],
)
def test_content_and_its_type(
    sim: Simulation, call: Call, asked: dict[str, Any], kind: str | None, body: bytes
) -> None:
    """The type goes with the body; a body without one is sent as plain text."""
    stub = sim.stub_http("POST", URL)
    call("POST", URL, **asked)
    (request,) = stub.calls
    assert (request.header("Content-Type"), request.body) == (kind, body)


def test_headers_are_sent_as_given(sim: Simulation, call: Call) -> None:
    """In their order and case; nothing is added."""
    stub = sim.stub_http("GET", URL)
    call("GET", URL, headers={"x-b": "2", "X-A": "1"})
    assert stub.calls[0].headers == (("x-b", "2"), ("X-A", "1"))


def test_a_token_source_gives_a_bearer_token(sim: Simulation, call: Call) -> None:
    """A stand-in for the managed identity's token, the same every time, replaces what was there."""
    stub = sim.stub_http("GET", URL)
    call("GET", URL, token="https://management.azure.com/", headers={"authorization": "Basic x"})
    assert stub.calls[0].headers == (("Authorization", "Bearer managed-identity-token"),)


@pytest.mark.parametrize(
    ("uri", "sent"),
    [
        ("HTTPS://Api.Example:443", "https://api.example/"),
        ("https://api.example/a b?q=ü&r={1}#top", "https://api.example/a%20b?q=%C3%BC&r=%7B1%7D"),
        ("http://api.example:8080/%20/x?a%2Fb", "http://api.example:8080/%20/x?a%2Fb"),
    ],
)
def test_urls_are_sent_as_dotnet_does(sim: Simulation, call: Call, uri: str, sent: str) -> None:
    """Host in lower case, no default port, no fragment, and everything else percent-encoded."""
    stub = sim.stub_http("GET", "*")
    call("GET", uri)
    assert stub.calls[0].url == sent


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (
            {"content": "x", "headers": {"Content-Type": "multipart/form-data; boundary=b"}},
            "Multipart content is not supported with CallHttpAsync.",
        ),
        (
            {"content": "x", "headers": {"Content-Type": "application/json; charset=utf-8"}},
            "The format of value 'application/json; charset=utf-8' is invalid.",
        ),
        ({"headers": {"Content-Language": "en"}}, MISUSED),
        ({"uri": "/api/x"}, NOT_ABSOLUTE),
        ({"uri": "ftp://api.example/x"}, "The 'ftp' scheme is not supported."),
    ],
)
def test_what_dotnet_refuses_fails_the_task(
    sim: Simulation, failing: Call, asked: dict[str, Any], reason: str
) -> None:
    """Some requests never leave the host; the task fails with .NET's words, stub or no stub."""
    stub = sim.stub_http("*", "*")
    assert failing(**{"method": "POST", "uri": URL, **asked}) == reason
    assert stub.calls == []


# --- what comes back ----------------------------------------------------------------------------


def test_only_response_headers_come_back() -> None:
    """Headers of the content are left out; one value is text, several are a list."""
    response = Response(
        status=200,
        headers=(
            ("Content-Type", "text/plain; charset=latin-1"),
            ("content-length", "1"),
            ("Last-Modified", "x"),
            ("Expires", "x"),
            ("Allow", "GET"),
            ("Set-Cookie", "a=1"),
            ("ETag", '"7"'),
            ("set-cookie", "b=2"),
        ),
        body=b"\xe9",
    )
    assert result_of(response) == {
        "statusCode": 200,
        "headers": {"Set-Cookie": ["a=1", "b=2"], "ETag": '"7"'},
        "content": "é",
    }


@pytest.mark.parametrize(
    ("kind", "body", "content"),
    [
        (None, b"\xef\xbb\xbfmark", "mark"),
        ("text/plain; charset=utf-16le", "ő".encode("utf-16le"), "ő"),
        ('text/plain; charset="ascii"', b"a\xff", "a\ufffd"),
        ("text/plain; charset=martian", b"a", "a"),
    ],
)
def test_bodies_are_decoded(kind: str | None, body: bytes, content: str) -> None:
    """By the charset that the answer names, else as UTF-8; what cannot be decoded is replaced."""
    headers = () if kind is None else (("Content-Type", kind),)
    assert result_of(Response(status=200, headers=headers, body=body))["content"] == content


def test_the_result_is_stored_as_the_host_writes_it(sim: Simulation, call: Call) -> None:
    """The history holds the response in the host's compact spelling."""
    sim.stub_http("*", "*", status=202, headers={"Location": "https://example.org/op/1"})
    run = sim.start("fetch", {"method": "POST", "uri": URL})
    run.result()
    (completed,) = (event for event in run.history if isinstance(event, TaskCompleted))
    assert completed.result == (
        '{"statusCode":202,"headers":{"Location":"https://example.org/op/1"},"content":""}'
    )


# --- the app itself -----------------------------------------------------------------------------


def test_the_app_answers_its_own_urls(call: Call) -> None:
    """A request to the app's own origin reaches its routes, with method, body and headers."""
    answer = call("POST", f"{OWN}/api/echo/ada", content={"a": 1}, headers={"X-Mine": "seen"})
    assert (answer["statusCode"], answer["content"]) == (200, 'POST ada {"a": 1}')
    assert answer["headers"]["X-Seen"] == "seen"
    assert call("GET", f"{OWN.upper()}/api/echo/bob")["content"] == "GET bob "


def test_errors_of_the_app_are_returned(call: Call) -> None:
    """A function that raises is a 500, and a path that nobody has a 404; neither raises here."""
    assert call("GET", f"{OWN}/api/broken")["statusCode"] == 500
    assert call("GET", f"{OWN}/api/nowhere")["statusCode"] == 404


def test_the_app_may_take_its_time(sim: Simulation, call: Call) -> None:
    """Virtual time passes while a route sleeps."""
    begin = sim.now
    assert call("GET", f"{OWN}/api/slow")["content"] == "done"
    assert sim.now - begin == timedelta(seconds=90)


@pytest.mark.parametrize("steps", range(8))
def test_a_simulation_may_end_while_a_request_is_on_its_way(steps: int) -> None:
    """Wherever it ends, no coroutine is left that nobody awaited."""
    left = iter(range(steps))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with simulate() as sim:
            sim.start("fetch", {"method": "GET", "uri": "http://localhost:7071/api/echo/a"})
            sim.move_until(lambda: next(left, None) is None, sim.now_us)
        gc.collect()
    assert not caught


def test_a_stub_goes_before_the_app(sim: Simulation, call: Call) -> None:
    """A test may answer in the app's place."""
    sim.stub_http("GET", f"{OWN}/api/*", body="stubbed")
    assert call("GET", f"{OWN}/api/echo/ada")["content"] == "stubbed"


# --- nobody -------------------------------------------------------------------------------------


def test_an_unanswered_request_stops_the_test(sim: Simulation) -> None:
    """The error names who asked for what, what is stubbed, and both ways out."""
    sim.stub_http("POST", URL)
    sim.start("fetch", {"method": "get", "uri": URL}, instance_id="f-1")
    with pytest.raises(UsageError) as caught:
        sim.run_until_idle()
    first, second = str(caught.value).splitlines()
    assert first.startswith(f"fetch 'f-1' calls GET {URL}, and nothing answers")
    assert first.endswith(f"Stubbed: POST {URL}.")
    assert f"sim.stub_http('GET', '{URL}', json=…)" in second
    assert "allow_network=['https://api.example/*']" in second


def test_the_activity_can_still_be_stubbed_as_such(sim: Simulation, call: Call) -> None:
    """`stub_activity` answers before anything looks at the URL; `takes` alone delays the stub's."""
    sim.stub_activity("BuiltIn::HttpActivity", returns={"statusCode": 418})
    assert call("GET", URL) == {"statusCode": 418}
    sim.stub_http("GET", URL, body="later")
    sim.stub_activity("BuiltIn::HttpActivity", takes="1h")
    begin = sim.now
    assert call("GET", URL)["content"] == "later"
    assert sim.now - begin == timedelta(hours=1)

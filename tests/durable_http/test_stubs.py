"""stub_http: what answers, in which order, and what the test may look at afterwards."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from wfsim import HttpAnswer, OrchestrationFailed, Simulation, UsageError
from wfsim.web import Request, Response

URL = "https://rates.example/eur"
Call = Callable[..., Any]


def test_json_answers_arrive_as_text(sim: Simulation, call: Call) -> None:
    """The orchestrator gets status, headers and the body's text, and nothing of the body's kind."""
    sim.stub_http("GET", URL, json={"eur": 1.1, "név": "ő"}, headers={"X-Rate": "7"})
    assert call("GET", URL) == {
        "statusCode": 200,
        "headers": {"X-Rate": "7"},
        "content": '{"eur":1.1,"név":"ő"}',
    }


@pytest.mark.parametrize("body", ["grüße", "grüße".encode()])
def test_bodies_may_be_text_or_bytes(sim: Simulation, call: Call, body: str | bytes) -> None:
    """Both arrive as text."""
    sim.stub_http("GET", URL, status=203, body=body)
    assert call("GET", URL) == {"statusCode": 203, "headers": {}, "content": "grüße"}


def test_an_answer_may_be_empty(sim: Simulation, call: Call) -> None:
    """Without a body the content is empty text."""
    sim.stub_http("DELETE", URL, status=204)
    assert call("DELETE", URL) == {"statusCode": 204, "headers": {}, "content": ""}


@pytest.mark.parametrize("status", [302, 404, 500, 503])
def test_no_status_raises(sim: Simulation, call: Call, status: int) -> None:
    """Whatever the status is, it is returned."""
    sim.stub_http("GET", URL, status=status, json={"error": "x"})
    assert call("GET", URL)["statusCode"] == status


def test_a_202_is_not_polled(sim: Simulation, call: Call) -> None:
    """The orchestrator gets the 202 itself, with its Location."""
    stub = sim.stub_http("*", "https://*", status=202, headers={"Location": f"{URL}/op/1"})
    assert call("POST", URL)["headers"] == {"Location": f"{URL}/op/1"}
    assert len(stub.calls) == 1


@pytest.mark.parametrize(
    "pattern",
    [
        URL,
        "HTTPS://RATES.example:443/eur",
        "https://rates.example/*",
        "https://*",
        "*/eur",
        "*",
        f"{URL}?day=*",
        f"{URL}?day=1&x=2",
        re.compile(r"https://rates\.example/\w+"),
        re.compile(r".*day=\d"),
    ],
)
def test_patterns_that_match(sim: Simulation, call: Call, pattern: Any) -> None:
    """All of a URL, asterisks, or an expression; without "?" the query does not matter."""
    sim.stub_http("get", pattern, body="yes")
    assert call("Get", f"{URL}?day=1&x=2#part")["content"] == "yes"


@pytest.mark.parametrize(
    ("method", "pattern"),
    [
        ("POST", URL),
        ("GET", "https://rates.example"),
        ("GET", "https://rates.example/EUR"),
        ("GET", "http://rates.example/eur"),
        ("GET", f"{URL}?day=2"),
        ("GET", "https://rates.example/?ur"),
        ("GET", re.compile(r"rates\.example")),
    ],
)
def test_patterns_that_do_not_match(sim: Simulation, call: Call, method: str, pattern: Any) -> None:
    """Methods must agree, paths keep their case, and "?" is no wildcard."""
    sim.stub_http("*", "*", body="any")
    sim.stub_http(method, pattern, body="this")
    assert call("GET", f"{URL}?day=1")["content"] == "any"


def test_the_latest_stub_wins(sim: Simulation, call: Call) -> None:
    """A later stub that matches goes before an earlier one, which sees none of it."""
    old = sim.stub_http("GET", URL, body="old")
    new = sim.stub_http("GET", "https://rates.example/*", body="new")
    assert call("GET", URL)["content"] == "new"
    assert (len(old.calls), len(new.calls)) == (0, 1)


def test_answers_come_one_by_one(sim: Simulation) -> None:
    """Each request gets the next answer; the last one repeats."""
    sim.stub_http("GET", URL, answers=[HttpAnswer(status=503), HttpAnswer(json=[1])])
    request = {"method": "GET", "uri": URL}
    results: Any = sim.start("fetch", [request] * 3).result()
    assert [result["statusCode"] for result in results] == [503, 200, 200]


def test_the_stub_remembers_requests(sim: Simulation, call: Call) -> None:
    """Method, URL, headers and body are what the host sends."""
    stub = sim.stub_http("POST", URL, json={})
    call("post", f"{URL}?q=a b", content={"a": 1}, headers={"X-Mine": "yes"})
    (request,) = stub.calls
    assert request == Request(
        method="POST",
        url=f"{URL}?q=a%20b",
        headers=(("X-Mine", "yes"), ("Content-Type", "text/plain")),
        body=b'{"a": 1}',
    )


def test_takes_passes_virtual_time(sim: Simulation) -> None:
    """The answer, good or bad, arrives that much later."""
    sim.stub_http("GET", URL, takes="1h", json=1)
    sim.stub_http("GET", f"{URL}/bad", takes=timedelta(hours=2), fails="Connection reset by peer")
    begin = sim.now
    run = sim.start("fetch", {"method": "GET", "uri": URL})
    bad = sim.start("fetch", {"method": "GET", "uri": f"{URL}/bad"})
    sim.advance("119m")
    assert (run.finished_at, bad.status) == (begin + timedelta(hours=1), "Running")
    sim.advance("1m")
    assert bad.status == "Failed"


def test_fails_is_a_transport_error(sim: Simulation) -> None:
    """The task fails with the error's own words, without the prefix of other activities."""
    sim.stub_http("GET", URL, fails="Connection refused (rates.example:443)")
    run = sim.start("fetch", {"method": "GET", "uri": URL})
    with pytest.raises(OrchestrationFailed, match="Connection refused") as caught:
        run.result()
    assert "Activity function" not in str(run.output)
    assert isinstance(caught.value.__cause__, ConnectionError)
    failed: Any = run.history[-3]
    assert failed.reason == "Connection refused (rates.example:443)"
    assert '"ClassName": "System.Net.Http.HttpRequestException"' in failed.details


# --- functions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "content"),
    [
        ({"a": 1}, '{"a":1}'),
        ([1], "[1]"),
        ("text", "text"),
        (b"bytes", "bytes"),
        (Response(status=200, body=b"whole"), "whole"),
        (HttpAnswer(body="answer", takes="3s"), "answer"),
    ],
)
def test_a_function_may_answer(sim: Simulation, call: Call, made: object, content: str) -> None:
    """It gets the request and returns an answer in one of several shapes, at once or awaited."""
    seen: list[Request] = []

    async def later(request: Request) -> object:
        await asyncio.sleep(60)
        return made

    sim.stub_http("GET", URL, calls=lambda request: seen.append(request) or made)  # type: ignore[func-returns-value]
    assert call("GET", URL)["content"] == content
    assert [request.url for request in seen] == [URL]
    begin = sim.now
    sim.stub_http("GET", URL, calls=later, takes="1m")
    assert call("GET", URL)["content"] == content
    assert timedelta(minutes=2) <= sim.now - begin <= timedelta(minutes=2, seconds=3)


def test_a_function_may_sleep(sim: Simulation, call: Call) -> None:
    """A blocking sleep makes the answer later, and holds nothing else up."""

    def sleepy(request: Request) -> str:
        time.sleep(30)
        return "awake"

    sim.stub_http("GET", URL, calls=sleepy)
    begin = sim.now
    assert call("GET", URL)["content"] == "awake"
    assert sim.now - begin == timedelta(seconds=30)


async def _refuses(_: Request) -> object:
    raise TimeoutError("too late")


def _refuses_at_once(_: Request) -> object:
    raise TimeoutError("too late")


@pytest.mark.parametrize("function", [_refuses, _refuses_at_once])
def test_what_a_function_raises_is_a_transport_error(
    sim: Simulation, failing: Call, function: Callable[[Request], object]
) -> None:
    """Its text is the failure's."""
    sim.stub_http("GET", URL, calls=function)
    assert failing("GET", URL) == "too late"


async def _forgets(_: Request) -> None:
    await asyncio.sleep(1)


@pytest.mark.parametrize("function", [_forgets, lambda _: None])
def test_a_function_that_returns_nothing_is_a_wrong_stub(
    sim: Simulation, function: Callable[[Request], object]
) -> None:
    """A forgotten return is the test's mistake, and the test hears of it."""
    sim.stub_http("GET", URL, calls=function)
    sim.start("fetch", {"method": "GET", "uri": URL})
    with pytest.raises(UsageError, match=rf"answers GET {URL} returned None\. Return an Http"):
        sim.advance("1m")


async def _fail_later(_: Request) -> None:
    await asyncio.sleep(1)
    pytest.fail("must not be called")


@pytest.mark.parametrize("function", [_fail_later, lambda _: pytest.fail("must not be called")])
def test_a_failing_test_is_no_transport_error(sim: Simulation, function: Any) -> None:
    """pytest.fail() in a stub fails the test."""
    sim.stub_http("GET", URL, calls=function)
    sim.start("fetch", {"method": "GET", "uri": URL})
    with pytest.raises(pytest.fail.Exception, match="must not be called"):
        sim.advance("1m")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"json": 1, "body": "x"}, "takes json= or body=, but got both"),
        ({"fails": "x", "status": 500}, "with fails= has no response of its own, but got status"),
        ({"fails": "x", "json": 1}, "with fails= .* but got json"),
        ({"calls": print, "headers": {}}, "with calls= .* but got headers"),
        ({"calls": print, "fails": "x"}, "with fails= .* but got calls"),
        ({"fails": ""}, "fails='' must be the text"),
        ({"status": 99}, "status=99 .* from 100 to 599"),
        ({"status": "200"}, "status='200' .* from 100 to 599"),
        ({"status": True}, "status=True .* from 100 to 599"),
        ({"body": {"a": 1}}, "body={'a': 1} must be text or bytes; json= takes values"),
        ({"json": {1, 2}}, r"json=\{1, 2\} of an HTTP stub is not JSON"),
        ({"headers": {"X": 1}}, "The header 'X': 1 of an HTTP stub must be text"),
        ({"headers": [("X", "1")]}, "must be a dict of text"),
        ({"calls": "no"}, "calls='no' must be a function"),
        ({"takes": "3"}, "needs a unit, but the takes is '3'"),
        ({"answers": []}, f"stub of GET {URL} has an empty list"),
        ({"answers": [HttpAnswer()], "status": 500}, f"stub of GET {URL} gets answers= and one"),
        ({"answers": [{"json": 1}]}, r"has the answer \{'json': 1\}; give HttpAnswer"),
    ],
)
def test_contradictions_are_refused(sim: Simulation, options: dict[str, Any], message: str) -> None:
    """A stub gives one kind of answer, of the right type, and the error says what is wrong."""
    with pytest.raises(UsageError, match=message):
        sim.stub_http("GET", URL, **options)


@pytest.mark.parametrize(
    ("method", "url", "message"),
    [
        ("", URL, "needs a method such as 'GET', or '\\*', and got ''"),
        ("GET /", URL, "and got 'GET /'"),
        (None, URL, "and got None"),
        ("GET", "/orders", r"url='/orders' is not an absolute URL.*'\*/orders'"),
        ("GET", 7, "url=7 must be text or a compiled"),
    ],
)
def test_what_matches_nothing_is_refused(
    sim: Simulation, method: Any, url: Any, message: str
) -> None:
    """Methods and URLs that no request can have are mistakes."""
    with pytest.raises(UsageError, match=message):
        sim.stub_http(method, url)

"""What the host makes of what HTTP functions return."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import azure.functions as func
import pytest

from tests.functions.conftest import OpenApp
from tests.functions.support import failures
from wfsim.doors.http import HttpResponse

Returning = Callable[[Any], HttpResponse]


@pytest.fixture
def returning(app: func.FunctionApp, open_app: OpenApp) -> Returning:
    """Answer a request with a value."""

    def answered(value: Any) -> HttpResponse:
        @app.route()
        def f(req: func.HttpRequest) -> Any:
            return value

        f._function._func.__annotations__.pop("return")  # the worker takes no Any there
        return open_app(app).http.get("/api/f")

    return answered


def test_a_response_is_sent_as_it_is(returning: Returning) -> None:
    """Status, headers, charset and bytes of an HttpResponse arrive unchanged."""
    made = func.HttpResponse(
        "grüß", status_code=201, headers={"X-A": "1"}, mimetype="text/html", charset="latin-1"
    )
    answer = returning(made)
    assert answer.status_code == 201
    assert answer.content == "grüß".encode("latin-1")
    assert dict(answer.headers) == {"X-A": "1", "Content-Type": "text/html; charset=latin-1"}


def test_each_cookie_has_its_header(returning: Returning) -> None:
    """Repeated Set-Cookie headers stay apart, written as ASP.NET writes cookies."""
    made = func.HttpResponse("x")
    made.headers.add("Set-Cookie", 'a="1 2"; Path=/; HttpOnly; SameSite=Lax')
    made.headers.add("Set-Cookie", "b=2; Secure; Max-Age=60; Expires=Wed, 21 Oct 2026 07:28:00 GMT")
    assert returning(made).headers.get_all("set-cookie") == [
        "a=1%202; path=/; samesite=lax; httponly",
        "b=2; expires=Wed, 21 Oct 2026 07:28:00 GMT; max-age=60; secure",
    ]


@pytest.mark.parametrize(
    ("text", "status", "body"),
    [
        ("hello", 200, "hello"),
        ("", 200, ""),
        ('{"a": [1, 2]}', 200, json.dumps({"a": [1, 2]}, indent=2)),
        ("[]", 200, "[]"),
        ('"quoted"', 200, "quoted"),
        ("42", 200, "42"),
        ("true", 200, "True"),
        ("null", 200, ""),
        ('{"Body": "b", "status": 404}', 404, "b"),
        ('{"body": {"a": 1}, "statusCode": "202", "headers": {"X": 1}}', 202, '{\n  "a": 1\n}'),
        ('{"body": 1, "status": true}', 200, "1"),
    ],
)
def test_text_is_read_as_json_first(
    returning: Returning, text: str, status: int, body: str
) -> None:
    """Returned text is plain text; the host re-writes JSON, and takes a `body` for a response."""
    answer = returning(text)
    assert (answer.status_code, answer.text) == (status, body)
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("value", [None, {"a": 1}, b"bytes", 5, object()])
def test_what_the_worker_cannot_send_is_a_500(
    app: func.FunctionApp, open_app: OpenApp, value: object
) -> None:
    """None and other values are no answer: the worker fails to encode them, None included."""

    @app.route()
    def f(req: func.HttpRequest):  # type: ignore[no-untyped-def] # noqa: ANN202
        return value

    sim = open_app(app)
    assert sim.http.get("/api/f").status_code == 500
    assert "unable to encode outgoing TypedData" in failures(sim)[0]


@pytest.mark.parametrize(
    "made",
    [
        func.HttpResponse("x", status_code=1000),
        func.HttpResponse("x", headers={"X-A": "å"}),
        func.HttpResponse("x", headers={"X A": "1"}),
        func.HttpResponse("x", headers={"Set-Cookie": "a=1; Expires=tomorrow"}),
    ],
)
def test_what_no_server_sends_is_a_500(returning: Returning, made: func.HttpResponse) -> None:
    """A status, header or cookie that the host's server refuses fails the request."""
    assert returning(made).status_code == 500


def test_a_status_that_is_no_number_is_200(returning: Returning) -> None:
    """The host ignores a status code that it cannot read."""
    assert returning(func.HttpResponse("x", status_code="teapot")).status_code == 200  # type: ignore[arg-type]


def test_head_and_204_have_no_body(app: func.FunctionApp, open_app: OpenApp) -> None:
    """The answer to HEAD and a 204 come without body."""

    @app.route()
    def f(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse("body", status_code=204 if req.method == "GET" else 200)

    sim = open_app(app)
    answers = [sim.http.request(method, "/api/f") for method in ("GET", "HEAD", "POST")]
    assert [item.content for item in answers] == [b"", b"", b"body"]


def test_an_output_can_be_the_response(app: func.FunctionApp, open_app: OpenApp) -> None:
    """A function may put its response into an output; if it puts none it is 204."""

    @app.route(binding_arg_name="res")
    def f(req: func.HttpRequest, res: func.Out[func.HttpResponse]) -> None:
        if req.params:
            res.set(func.HttpResponse("made", status_code=202))

    sim = open_app(app)
    assert sim.http.get("/api/f?x=1").status_code == 202
    assert sim.http.get("/api/f").status_code == 204


def test_a_forgotten_async_is_a_500(app: func.FunctionApp, open_app: OpenApp) -> None:
    """A plain function that returns a coroutine fails to encode, and leaves nothing unawaited."""

    async def work() -> str:
        return "x"

    @app.route()
    def f(req: func.HttpRequest):  # type: ignore[no-untyped-def] # noqa: ANN202
        return work()

    sim = open_app(app)
    assert sim.http.get("/api/f").status_code == 500
    assert "coroutine" in failures(sim)[0]

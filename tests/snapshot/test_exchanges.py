"""Views of HTTP requests and responses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.apps import fixture_app
from tests.snapshot.drawn import VALUES, lines_of
from tests.snapshot.recorded import changed_lines
from wfsim import Simulation
from wfsim.snapshot import view
from wfsim.web import Request, Response

UUID = "3f58a660-db64-4b01-8840-e860837c198{}"


def order(eur: int = 5, key: str = "k") -> Request:
    """A request with all that changes from run to run."""
    return Request(
        method="POST",
        url=f"http://localhost:7071/api/orders/{UUID.format(1)}?code={key}&size=2",
        headers=(
            ("X-Functions-Key", key),
            ("Content-Type", "application/json"),
            ("Accept", "a"),
            ("accept", "b"),
            ("Content-Length", str(len(json.dumps({"eur": eur, "id": UUID.format(1)})))),
        ),
        body=json.dumps({"eur": eur, "id": UUID.format(1)}).encode(),
    )


def answer(value: Any, status: int = 200, *headers: tuple[str, str]) -> Response:
    """A response with a JSON body."""
    return Response.of_json(value, status=status, headers=headers)


def test_a_request_and_its_response() -> None:
    """Ids by their names, headers by theirs and in order, secrets hidden, bodies as data."""
    polled = f"http://x/runtime/webhooks/{UUID.format(1)}?taskHub=h&code=hidden&show=1"
    response = answer(
        {"poll": polled}, 202, ("Date", "Mon, 03 Jan 2000 10:00:00 GMT"), ("Set-Cookie", "a=b")
    )
    assert str(view([order(), response])) == (
        "POST          http://localhost:7071/api/orders/<id:1>\n"
        "    query:\n"
        "      code: <redacted>\n"
        "      size: '2'\n"
        "    headers:\n"
        "      accept:\n"
        "      - a\n"
        "      - b\n"
        "      content-type: application/json\n"
        "      x-functions-key: <redacted>\n"
        "    json:\n"
        "      eur: 5\n"
        "      id: <id:1>\n"
        "202\n"
        "    headers:\n"
        "      content-type: application/json; charset=utf-8\n"
        "      date: <time>\n"
        "      set-cookie: <redacted>\n"
        "    json:\n"
        "      poll: http://x/runtime/webhooks/<id:1>?taskHub=h&code=<redacted>&show=1"
    )


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"plain text", '200           {"text": "plain text"}'),
        (b'{"no": "content type"}', '200           {"text": "{\\"no\\": \\"content type\\"}"}'),
        (b"\xff\x00", '200           {"bytes": "ff00"}'),
        (b"\xff" * 100, "200\n    bytes: 100 bytes, sha256 "),
        (b"", "200"),
    ],
)
def test_bodies(body: bytes, shown: str) -> None:
    """Text as text, other bytes in digits or by their hash."""
    assert str(view(Response(status=200, body=body))).startswith(shown)


def test_what_says_that_it_is_json_and_is_none() -> None:
    """It is shown as text, and called so."""
    broken = Response(status=200, headers=(("Content-Type", "application/json"),), body=b"{")
    assert 'no JSON: "{"' in str(view(broken))


def test_an_error_that_clients_are_not_told() -> None:
    """What a function raised is shown to whoever reviews."""
    shown = str(view(Response(status=500, error=LookupError("no stock"))))
    assert shown.endswith('{"error": {"type": "LookupError", "message": "no stock"}}')


def test_a_changed_body_is_one_line() -> None:
    """Another number in the body: the one line that holds it, also where the length changes."""
    assert changed_lines(view(order(eur=5)), view(order(eur=600))) == [
        "-      eur: 5",
        "+      eur: 600",
    ]


def test_secrets_and_the_order_of_headers_do_not_matter() -> None:
    """Another key, and headers in another order: the same view."""
    one, other = order(key="one"), order(key="two")
    mixed = Request(
        method=other.method,
        url=other.url.replace("code=two&size=2", "size=2&code=two"),
        headers=(*other.headers[2:], *other.headers[:2]),
        body=other.body,
    )
    assert str(view(one)) == str(view(mixed))


def test_requests_to_a_simulated_app() -> None:
    """What `sim.http` returns is viewed as a request and its answer, with virtual times by name."""
    with Simulation(fixture_app("approval")) as sim:
        sim.start("approval", input={"topic": "AI"}, instance_id="one")
        sim.advance(hours=1)
        status = sim.http.get("/runtime/webhooks/durabletask/instances/one")
        shown = str(view(status))
    assert "createdTime: T+0s" in shown
    assert "2000-01-01" not in shown
    assert "runtimeStatus: Running" in shown


BODIES = st.lists(VALUES, min_size=1, max_size=2)


@given(one=BODIES, other=BODIES)
def test_different_exchanges_have_different_views(one: list[Any], other: list[Any]) -> None:
    """Two rows of responses have the same view only if their bodies say the same."""
    assume(lines_of(one) != lines_of(other))
    assert str(view([*map(answer, one)])) != str(view([*map(answer, other)]))


NAMES = st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(["", "1", "x"]), max_size=2)


@given(one=st.tuples(NAMES, NAMES), other=st.tuples(NAMES, NAMES))
def test_queries_and_headers_are_told_apart(one: Any, other: Any) -> None:
    """Parameters and headers differ in the view if they differ, and are never taken for another."""

    def request(query: dict[str, str], headers: dict[str, str]) -> Request:
        text = "&".join(f"{name}={value}" for name, value in query.items())
        return Request(method="GET", url=f"http://x/?{text}", headers=tuple(headers.items()))

    assume(one != other)
    assert str(view(request(*one))) != str(view(request(*other)))
    assert view(view(request(*one))) == view(request(*one))


def test_what_a_user_hides() -> None:
    """Masks by the parts of a message, and redaction in texts."""
    shown = str(view(order(), masks={"json.eur": "<price>"}, redact=["localhost"]))
    assert "eur: <price>" in shown
    assert "http://<redacted>:7071/" in shown

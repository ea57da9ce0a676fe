"""HTTP functions, from the request to the function and back."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import azure.functions as func
import pytest

from tests.apps import fixture_app
from tests.functions.conftest import OpenApp
from tests.functions.support import failures, started
from wfsim import Simulation, WfsimWarning
from wfsim.workers.azure_functions.functions import FUNCTION_KEY, MASTER_KEY


def echo(req: func.HttpRequest) -> func.HttpResponse:
    """Tell what arrived."""
    seen = {
        "method": req.method,
        "url": req.url,
        "params": dict(req.params),
        "route": dict(req.route_params),
        "body": req.get_body().decode("latin-1"),
        "x": req.headers.get("X-Mine"),
    }
    return func.HttpResponse(json.dumps(seen), mimetype="application/json")


def test_the_function_sees_the_request(app: func.FunctionApp, open_app: OpenApp) -> None:
    """Method, URL, route and query values, headers and body arrive as the worker hands them on."""
    app.route("orders/{id:int}/{*rest}", methods=["PUT"])(echo)
    answer = open_app(app).http.put(
        "/api/orders/7/a/b?q=1&q=2&Q=3&empty=", body=b"\xff", headers=[("X-Mine", "1")]
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "method": "PUT",
        "url": "http://localhost:7071/api/orders/7/a/b?q=1&q=2&Q=3&empty=",
        "params": {"q": "1,2,3"},
        "route": {"id": "7", "rest": "a/b"},
        "body": "\xff",
        "x": "1",
    }


def test_a_route_defaults_to_the_name(app: func.FunctionApp, open_app: OpenApp) -> None:
    """Without route a function is found by its name, with any method, ignoring case."""
    app.function_name("Echo")(app.route()(echo))
    sim = open_app(app)
    assert [sim.http.request(method, "/API/eCHO").status_code for method in ("GET", "PATCH")] == [
        200,
        200,
    ]
    assert sim.http.get("/api/other").status_code == 404


def test_other_methods_are_not_found(app: func.FunctionApp, open_app: OpenApp) -> None:
    """A known path with a method that no function has is 404, and HEAD is no GET."""
    app.route("x", methods=["GET"])(echo)
    sim = open_app(app)
    codes = [sim.http.request(method, "/api/x").status_code for method in ("GET", "POST", "HEAD")]
    assert codes == [200, 404, 404]
    assert [call.input for call in started(sim)] == ["GET /api/x"]


def test_routes_are_tried_by_function_name(app: func.FunctionApp, open_app: OpenApp) -> None:
    """The host takes the first match in the order of the functions' names, literal or not."""

    @app.route("things/{id}")
    def by_id(req: func.HttpRequest) -> str:
        return "by_id"

    @app.route("things/latest")
    def Aardvark(req: func.HttpRequest) -> str:  # noqa: N802 - case must not matter
        return "Aardvark"

    @app.route("things/newest")
    def zebra(req: func.HttpRequest) -> str:
        return "zebra"

    sim = open_app(app)
    texts = [sim.http.get(f"/api/things/{name}").text for name in ("latest", "newest", "5")]
    assert texts == ["Aardvark", "by_id", "by_id"]


@pytest.mark.parametrize(
    ("level", "key", "status"),
    [
        ("ANONYMOUS", None, 200),
        ("ANONYMOUS", "wrong", 200),
        ("FUNCTION", None, 401),
        ("FUNCTION", "wrong", 401),
        ("FUNCTION", FUNCTION_KEY, 200),
        ("FUNCTION", MASTER_KEY, 200),
        ("ADMIN", FUNCTION_KEY, 401),
        ("ADMIN", MASTER_KEY, 200),
    ],
)
def test_keys_open_functions(
    app: func.FunctionApp, open_app: OpenApp, level: str, key: str | None, status: int
) -> None:
    """Auth levels ask for their keys, in the header or the query; without one it is 401, empty."""
    app.route("x", auth_level=level)(echo)
    sim = open_app(app)
    by_header = sim.http.get("/api/x", key=key)
    assert by_header.status_code == status
    assert by_header.content == b"" if status == 401 else by_header.content
    in_query = sim.http.get("/api/x", params={} if key is None else {"code": key}, key=None)
    assert in_query.status_code == status


def test_the_header_goes_before_the_query(app: func.FunctionApp, open_app: OpenApp) -> None:
    """With a key in both places the one of the header counts."""
    app.route("x", auth_level="FUNCTION")(echo)
    sim = open_app(app)
    assert sim.http.get(f"/api/x?code={FUNCTION_KEY}", key="wrong").status_code == 401
    assert sim.http.get("/api/x?code=wrong", key=FUNCTION_KEY).status_code == 200


def test_an_exception_is_an_empty_500(app: func.FunctionApp, open_app: OpenApp) -> None:
    """What a function raises is a 500 without body, and in the trace."""

    @app.route()
    def boom(req: func.HttpRequest) -> str:
        raise ValueError("no such order")

    @app.route()
    async def aboom(req: func.HttpRequest) -> str:
        raise LookupError("gone")

    sim = open_app(app)
    answers = [sim.http.get("/api/boom"), sim.http.get("/api/aboom")]
    assert [(item.status_code, item.content) for item in answers] == [(500, b"")] * 2
    assert failures(sim) == ["ValueError: no such order", "LookupError: gone"]


def test_sleeping_takes_virtual_time(app: func.FunctionApp, open_app: OpenApp) -> None:
    """Sync and async functions that sleep answer that much later."""

    @app.route()
    def sleeper(req: func.HttpRequest) -> str:
        time.sleep(5)
        return "slept"

    @app.route()
    async def blocker(req: func.HttpRequest) -> str:
        time.sleep(7)  # noqa: ASYNC251 - what users do
        return "slept"

    sim = open_app(app)
    start = sim.now
    sim.http.get("/api/sleeper")
    assert sim.now - start == timedelta(seconds=5)
    sim.http.get("/api/blocker")
    assert sim.now - start == timedelta(seconds=12)


def test_a_bad_route_spares_the_others(app: func.FunctionApp, open_app: OpenApp) -> None:
    """A template that the host refuses is reported once, and the other functions answer."""
    app.function_name("bad")(app.route("a/{id:itn}")(echo))
    app.function_name("good")(app.route("b")(echo))
    sim = open_app(app)
    codes = [sim.http.get(path).status_code for path in ("/api/b", "/api/a/1", "/api/b")]
    assert codes == [200, 404, 200]
    with pytest.warns(WfsimWarning, match="WF119") as caught:
        sim.close()
    told = [str(item.message) for item in caught if "WF119" in str(item.message)]
    assert len(told) == 1
    assert "'bad'" in told[0]
    assert "'a/{id:itn}'" in told[0]


def test_routes_are_listed(app: func.FunctionApp, open_app: OpenApp) -> None:
    """The list of routes has methods, paths with their prefix, and names, in matching order."""
    app.function_name("two")(app.route("/b/{x?}")(echo))
    app.function_name("One")(app.route("a", methods=["GET", "POST"])(echo))
    assert open_app(app)._world.host.functions.http_routes() == [
        (("GET", "POST"), "/api/a", "One"),
        ((), "/api/b/{x?}", "two"),
    ]


def test_a_404_says_who_would_have_answered() -> None:
    """Clients get a bare 404; the test sees the route that is nearest to what it asked for."""
    with Simulation(fixture_app("shop")) as sim:
        answer = sim.http.post("/api/ordrs")
        assert (answer.status_code, answer.content) == (404, b"")
        assert "Did you mean 'POST /api/orders'?" in repr(answer)

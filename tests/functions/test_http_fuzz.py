"""Anything may be sent to an HTTP function."""

from __future__ import annotations

import azure.functions as func
from hypothesis import given
from hypothesis import strategies as st

from tests.functions.support import answer
from wfsim import Simulation
from wfsim.web import Request

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route("echo/{*rest}")
def echo(req: func.HttpRequest) -> func.HttpResponse:
    """Send back what came."""
    return func.HttpResponse(req.get_body(), headers={"X-Path": repr(dict(req.route_params))})


@app.route("f/{id:int}/{name}.{ext?}")
def shaped(req: func.HttpRequest) -> str:
    """Send back text."""
    return req.get_body().decode("utf-8", "replace")


@app.route("{a}/{b=1}", methods=["POST"])
async def parsed(req: func.HttpRequest) -> str:
    """Read JSON, which is often none."""
    return str(req.get_json())


PATHS = st.one_of(
    st.text(max_size=30),
    st.text(alphabet="/%2fF.e19+?#[]@:é", max_size=30),
    st.sampled_from(["echo/", "echo/%FF%FE", "f/1/a.b", "f/1/a", "f/9/x%00.y", "x/y"]),
)
PAIRS = st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=3)


@given(
    method=st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "BREW", ""]),
    path=PATHS,
    headers=PAIRS,
    query=st.text(max_size=20),
    body=st.one_of(st.binary(max_size=60), st.sampled_from([b'{"a":1}', b"[" * 5000, b"1e999"])),
)
def test_every_request_has_an_answer(
    method: str, path: str, headers: list[tuple[str, str]], query: str, body: bytes
) -> None:
    """Whatever is sent is answered with a response or with no route, and never with an error."""
    request = Request(
        method=method,
        url=f"http://localhost:7071/api/{path}?{query}",
        headers=tuple(headers),
        body=body,
    )
    response = answer(SIM, request, path)
    assert response is None or response.status in {200, 500}


SIM = Simulation(app)

"""A small app that calls HTTP, some of it itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import pytest

from tests.apps import Context, Steps
from wfsim import Simulation

Call = Callable[..., Any]


def calling_app() -> df.DFApp:
    """Return an app whose orchestrator makes the requests of its input, one after another."""
    app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)

    @app.orchestration_trigger(context_name="context")
    def fetch(context: Context) -> Steps:
        asked = context.get_input()
        results = []
        for request in asked if isinstance(asked, list) else [asked]:
            token = request.pop("token", None)
            source = df.ManagedIdentityTokenSource(token) if token else None
            results.append((yield context.call_http(**request, token_source=source)))
        return results if isinstance(asked, list) else results[0]

    @app.route(route="echo/{name}", methods=["GET", "POST"])
    def echo(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse(
            f"{req.method} {req.route_params['name']} {req.get_body().decode()}",
            headers={"X-Seen": req.headers.get("x-mine", "")},
        )

    @app.route(route="slow")
    async def slow(req: func.HttpRequest) -> str:
        await asyncio.sleep(90)
        return "done"

    @app.route(route="broken")
    def broken(req: func.HttpRequest) -> str:
        raise RuntimeError("out of paper")

    return app


def simulate(*, allow_network: bool | Sequence[str] = False) -> Simulation:
    """Return a simulation of the small app."""
    return Simulation(calling_app(), findings="ignore", allow_network=allow_network)


@pytest.fixture
def sim() -> Iterator[Simulation]:
    """The small app, simulated."""
    with simulate() as opened:
        yield opened


@pytest.fixture
def call(sim: Simulation) -> Call:
    """Run one `call_http` with these arguments and return what the orchestrator gets."""

    def run(method: str, uri: str, **options: Any) -> Any:
        return sim.start("fetch", {"method": method, "uri": uri, **options}).result()

    return run


@pytest.fixture
def failing(sim: Simulation) -> Call:
    """Run one `call_http` that fails, and return the text of its failed task."""

    def run(method: str, uri: str, **options: Any) -> str:
        run = sim.start("fetch", {"method": method, "uri": uri, **options})
        sim.run_until_idle()
        assert run.status == "Failed"
        (failed,) = (event for event in run.history if type(event).__name__ == "TaskFailed")
        return str(failed.reason)  # type: ignore[union-attr]

    return run

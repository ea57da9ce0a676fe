"""A server's memory after a purge: nothing of what ran stays, whatever it was."""

from __future__ import annotations

import asyncio
import gc
import io
import json
import sys
import warnings
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib import parse

import azure.durable_functions as df
import azure.functions as func
import pytest

from tests.apps import Context, Steps, app_of
from wfsim.options import Options
from wfsim.serve.clocks import StillClock
from wfsim.serve.driver import Driver
from wfsim.serve.log import Log
from wfsim.web import Request, Response
from wfsim.world import World

RUNS = 16
"""How many orchestrations a round starts; the smallest leak of two rounds is twice as many."""
KEPT = 12
"""Records of the trace: fewer than a round makes."""
HOOKS = "/runtime/webhooks/durabletask"


def chain(context: Context) -> Steps:
    """Call one activity after another."""
    for step in range(2):
        yield context.call_activity("say", step)


def failing(context: Context) -> Steps:
    """Fail with an activity."""
    yield context.call_activity("say", 1)
    raise ValueError("asked to")


def waiting(context: Context) -> Steps:
    """Wait for an event, or for a day."""
    event = context.wait_for_external_event("go")
    day = context.create_timer(context.current_utc_datetime + timedelta(days=1))
    winner = yield context.task_any([event, day])
    if winner is event:
        day.cancel()


def eternal(context: Context) -> Steps:
    """Go on in a second generation, which waits."""
    if context.get_input() is None:
        yield context.create_timer(context.current_utc_datetime)
        context.continue_as_new(2)
    else:
        yield context.wait_for_external_event("never")


def parent(context: Context) -> Steps:
    """Wait for a child that waits."""
    yield context.call_sub_orchestrator("waiting")


def counting(context: Context) -> Steps:
    """Call an entity of its own."""
    yield context.call_entity(df.EntityId("counter", context.instance_id), "add", 1)


def counter(context: Context) -> None:
    """Count."""
    context.set_state(context.get_state(lambda: 0) + 1)
    context.set_result(1)


async def start(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Start what the route names."""
    instance_id = await client.start_new(req.route_params["name"])
    response: func.HttpResponse = client.create_check_status_response(req, instance_id)
    return response


def _app() -> Any:
    app = app_of(chain, failing, waiting, eternal, parent, counting)
    app.entity_trigger(context_name="context")(counter)
    app.route(route="start/{name}", methods=["POST"])(
        app.durable_client_input(client_name="client")(start)
    )
    return app


def _nothing() -> None:
    pass


class Host:
    """A world that a driver runs, as behind a server."""

    def __init__(self) -> None:
        options = Options(
            findings="ignore",
            max_steps=100,
            keep_records=KEPT,
        )
        self.world = World(_app(), options)
        # Due before all else, so that a timer which is over does not just come to the front and go.
        self.world.call_at(self.world.clock.now_us + 1, _nothing, "late")
        self.driver = Driver(self.world, StillClock(), Log("quiet", file=io.StringIO()))

    async def ask(self, method: str, path: str, body: object = None) -> Response:
        """Send a request; return its answer, which must be a good one."""
        request = Request(
            method=method,
            url=f"http://localhost:7071{path}",
            headers=(("Content-Type", "application/json"),),
            body=b"" if body is None else json.dumps(body).encode(),
        )
        answer = await self.driver.submit(self.world.host.answer(request), path)
        assert 200 <= answer.status < 300, answer
        return answer

    async def blocks_after(self, make_round: Callable[[Host], Awaitable[None]]) -> int:
        """Return how many blocks of memory are in use after a round and its purge."""
        await make_round(self)
        await self.ask("DELETE", f"{HOOKS}/instances?createdTimeFrom=2000-01-01T00:00:00Z")
        assert not self.world.hub.instances
        assert not self.world.hub.entities
        return _blocks()


def _blocks() -> int:
    """Return how many blocks of memory are in use, without what Python itself remembers."""
    for owner, name in (
        (parse, "clear_cache"),  # the last URLs
        (sys, "_clear_internal_caches"),  # the names of attributes, as of Python 3.13
        (sys, "_clear_type_cache"),
    ):
        with warnings.catch_warnings(action="ignore"):
            getattr(owner, name, int)()
    gc.collect()
    return sys.getallocatedblocks()


def run(name: str, *, event: bool = False) -> Callable[[Host], Awaitable[None]]:
    """Return a round that starts many of one orchestrator, and raises an event to each of them."""

    async def make(host: Host) -> None:
        answers = await asyncio.gather(
            *(host.ask("POST", f"/api/start/{name}") for _ in range(RUNS))
        )
        ids = [answer.json()["id"] for answer in answers]
        if event:
            await asyncio.gather(
                *(host.ask("POST", f"{HOOKS}/instances/{item}/raiseEvent/go", 1) for item in ids)
            )
        await asyncio.gather(*(host.ask("GET", f"{HOOKS}/instances/{item}") for item in ids))

    return make


@pytest.fixture(autouse=True)
def _collect_only_what_is_new() -> Iterator[None]:
    """Spare the garbage collector what other tests have left in memory."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.parametrize(
    "make_round",
    [
        pytest.param(run("chain"), id="completed"),
        pytest.param(run("failing"), id="failed"),
        pytest.param(run("waiting"), id="purged while it waits"),
        pytest.param(run("waiting", event=True), id="timer cancelled"),
        pytest.param(run("eternal"), id="second generation"),
        pytest.param(run("parent"), id="with a child"),
        pytest.param(run("counting"), id="with an entity"),
    ],
)
def test_nothing_stays_after_a_purge(make_round: Callable[[Host], Awaitable[None]]) -> None:
    """From the second round to the fourth, memory grows by less than one object for each run."""

    async def blocks() -> list[int]:
        driving = asyncio.ensure_future(host.driver.run())
        try:
            return [await host.blocks_after(make_round) for _ in range(4)]
        finally:
            driving.cancel()
            with suppress(asyncio.CancelledError):
                await driving

    host = Host()
    try:
        _, second, _, fourth = asyncio.run(blocks())
    finally:
        host.world.close(check=False)
    assert fourth - second < RUNS

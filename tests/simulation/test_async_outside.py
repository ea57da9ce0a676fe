"""AsyncSimulation towards the outside world: the same doors, awaited."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import pytest
import pytest_asyncio

from tests.apps import Context, Steps
from wfsim import AsyncSimulation, FunctionFailed, UsageError
from wfsim.async_outside import AsyncEntityHandle, AsyncHttpDoor
from wfsim.doors import EntityHandle, HttpDoor

pytestmark = pytest.mark.asyncio

app: Any = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.entity_trigger(context_name="context")
def counter(context: Context) -> None:
    total = context.get_state(lambda: 0) + (context.get_input() or 0)
    if total < 0:
        raise ValueError("below zero")
    context.set_state(total)
    context.set_result(total)


@app.orchestration_trigger(context_name="context")
def fetch(context: Context) -> Steps:
    answer = yield context.call_http("GET", "https://example.org/rate")
    return answer["content"]


@app.route("echo/{word}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
async def echo(req: func.HttpRequest) -> func.HttpResponse:
    await asyncio.sleep(60)
    return func.HttpResponse(f"{req.method} {req.route_params['word']}")


@app.queue_trigger(arg_name="message", queue_name="orders", connection="C")
@app.queue_output(arg_name="copy", queue_name="copies", connection="C")
def take(message: func.QueueMessage, copy: func.Out[str]) -> None:
    copy.set(message.get_body().decode())


@pytest_asyncio.fixture
async def simulation() -> AsyncIterator[AsyncSimulation]:
    """The app above, simulated inside a running loop."""
    async with AsyncSimulation(app, findings="ignore") as opened:
        yield opened


async def test_the_doors_have_the_same_names() -> None:
    """Whatever the plain handles and doors offer is there, with the same parameters."""
    for plain, awaited in ((EntityHandle, AsyncEntityHandle), (HttpDoor, AsyncHttpDoor)):
        names = {name for name in vars(plain) if name.islower() and not name.startswith("_")}
        assert names <= set(vars(awaited))
    for name in ("signal", "call"):
        wanted = inspect.signature(getattr(EntityHandle, name)).parameters
        assert inspect.signature(getattr(AsyncEntityHandle, name)).parameters == wanted


async def test_entities(simulation: AsyncSimulation) -> None:
    """What an entity shows is read, signal and call are awaited."""
    entity = simulation.entity("Counter", "k")
    assert not entity.exists
    await entity.signal("add", 2)
    await simulation.run_until_idle()
    assert await entity.call("add", 3) == 5
    with pytest.raises(FunctionFailed, match="below zero"):
        await entity.call("add", -9)
    assert (entity.name, entity.key, entity.entity_id) == ("counter", "k", "@counter@k")
    assert (entity.exists, entity.state, repr(entity)) == (
        True,
        5,
        "<AsyncEntityHandle @counter@k: 5>",
    )
    assert simulation.entities == [entity] != [simulation.entity("counter", "K")]
    assert len({entity, simulation.entity("counter", "k")}) == 1
    assert entity != "@counter@k"


async def test_entities_at_a_later_time(simulation: AsyncSimulation) -> None:
    """at() takes the awaited operations, too."""
    simulation.at("1h", simulation.entity("counter", "k").signal, "add", 1)
    await simulation.advance("1h")
    assert simulation.entity("counter", "k").state == 1


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
async def test_http(simulation: AsyncSimulation, method: str) -> None:
    """Each method waits for the answer in virtual time."""
    begun = simulation.now
    response = await getattr(simulation.http, method)("/api/echo/hi")
    assert (response.status_code, response.text) == (200, f"{method.upper()} hi")
    assert (simulation.now - begun).seconds == 60
    with pytest.raises(UsageError, match="path"):
        await simulation.http.request(method, "echo")


async def test_triggers(simulation: AsyncSimulation) -> None:
    """Awaiting trigger gives the call."""
    call = await simulation.trigger("take", "an order")
    assert call.outputs == {"copy": "an order"}


async def test_the_client(simulation: AsyncSimulation) -> None:
    """The client's methods are awaited as they are, or inside the simulation."""
    simulation.stub_http("GET", "https://example.org/rate", body="1.1")
    instance_id = await simulation.client.start_new("fetch")
    assert await simulation.run(instance_id).result() == "1.1"
    status = await simulation.run_until_complete(simulation.client.get_status(instance_id))
    assert status.runtime_status is df.OrchestrationRuntimeStatus.Completed
    assert simulation.settings.hub_name == "TestHubName"

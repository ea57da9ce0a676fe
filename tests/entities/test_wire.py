"""What goes to entities and comes back, to the letter (semantics 7.2, 7.4)."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import pytest

from tests.apps import Context, Steps
from tests.entities.counters import COUNTER, app_with, requests
from wfsim import Simulation
from wfsim.history import EventRaised, EventSent
from wfsim.hub.worker import EntityBatch, EntityOperation
from wfsim.workers.azure_functions.entities import context_text

# Called directly, the SDK advises once per process; a simulation keeps that quiet.
pytestmark = pytest.mark.filterwarnings("ignore:azure.functions df_loads was called")

START = datetime(2024, 1, 1, 0, 0, 5)


def example(name: str) -> Any:
    path = Path(__file__).parent / "wire_examples" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def order(context: Context) -> Steps:
    """Be the orchestrator of the examples."""
    context.signal_entity(COUNTER, "add", 1)
    first = yield context.call_entity(COUNTER, "get")
    try:
        yield context.call_entity(COUNTER, "boom")
    except Exception as error:
        return [first, str(error)]


@pytest.mark.parametrize(("index", "name"), [(0, "signal"), (1, "call")])
def test_requests_are_those_of_the_example(index: int, name: str) -> None:
    """Keys, their order, encodings, ids and stamps of a signal and of a call are the host's."""
    with Simulation(app_with(order), start=START) as sim:
        sim.start("order", instance_id="order-1").result()
        sent = requests(sim, "order-1")[index]
        wanted = example(f"entity_request_{name}")
        assert list(sent) == list(wanted)
        assert len(sent["parentExecution"]) == 32
        assert sent | {"parentExecution": wanted["parentExecution"]} == wanted


def test_events_carry_requests_and_answers() -> None:
    """EventSent is named "op" and goes to the entity; EventRaised is named after the request."""
    with Simulation(app_with(order), start=START) as sim:
        run = sim.start("order", instance_id="order-1")
        assert run.result() == [1, "boom"]
        sent = [event for event in run.history if isinstance(event, EventSent)]
        assert {(event.name, event.instance_id) for event in sent} == {("op", "@counter@k")}
        raised = [event for event in run.history if isinstance(event, EventRaised)]
        ids = [request["id"] for request in requests(sim, "order-1")]
        assert [event.name for event in raised] == ids[1:]
        assert json.loads(raised[0].input or "") == {"result": "1"}
        assert json.loads(raised[1].input or "") == example("entity_response_error")


def test_each_message_names_the_one_before() -> None:
    """Stamps grow by a tick per message to one entity, and start anew for another."""

    def talks(context: Context) -> Steps:
        for key in ("a", "a", "b", "a"):
            context.signal_entity(df.EntityId("counter", key), "add", 1)
        yield context.call_activity("say", 1)

    with Simulation(app_with(talks), start=datetime(2024, 1, 1)) as sim:
        sim.start("talks", instance_id="x").result()
        stamps = [(item["Timestamp"], item["Predecessor"]) for item in requests(sim, "x")]
    never = "0001-01-01T00:00:00"
    assert stamps == [
        ("2024-01-01T00:00:00Z", never),
        ("2024-01-01T00:00:00.0000001Z", "2024-01-01T00:00:00Z"),
        ("2024-01-01T00:00:00Z", never),
        ("2024-01-01T00:00:00.0000002Z", "2024-01-01T00:00:00.0000001Z"),
    ]


def test_ids_follow_the_clock_and_a_counter() -> None:
    """The ids of all requests of a run differ, and the same run makes the same ones again."""

    def ids() -> list[str]:
        with Simulation(app_with(order), start=START) as sim:
            sim.start("order", instance_id="order-1").result()
            return [request["id"] for request in requests(sim, "order-1")]

    assert ids() == ids()
    assert len(set(ids())) == 3


BATCH = EntityBatch(
    name="counter",
    key="k",
    exists=False,
    state=None,
    operations=(
        EntityOperation(name="add", input='"1"', is_signal=True),
        EntityOperation(name="get", input='"null"', is_signal=False),
    ),
)


def test_a_batch_is_written_as_in_the_example() -> None:
    """The context of a batch has the host's keys, in order, and no other at the top."""
    text = context_text(BATCH)
    assert json.loads(text) == example("entity_context")
    assert text == json.dumps(example("entity_context"))


def test_the_sdk_answers_a_batch_as_in_the_example() -> None:
    """The real SDK reads what wfsim writes, and answers what the example holds."""

    def from_zero(context: Context) -> None:
        value = context.get_state(lambda: 0)
        if context.operation_name == "add":
            context.set_state(value + context.get_input())
        else:
            context.set_result(value)

    reply = json.loads(df.Entity.create(from_zero)(context_text(BATCH)))
    wanted = example("entity_reply")
    for one, other in zip(reply["results"], wanted["results"], strict=True):
        assert one.keys() == other.keys()
        assert (one["isError"], one["result"]) == (other["isError"], other["result"])
    assert reply | {"results": []} == wanted | {"results": []}


@pytest.mark.parametrize("value", [None, 0, "", "text", [1], {"a": None}, 1.5, True])
def test_values_come_back_as_they_went(value: object) -> None:
    """Inputs, states and results survive their wrappings, from orchestrators and from tests."""

    def keeper(context: Context) -> None:
        given = context.get_input()
        context.set_state({"kept": given})
        context.set_result(given)

    def sends(context: Context) -> Steps:
        return (yield context.call_entity(df.EntityId("keeper", "k"), "keep", value))

    with Simulation(app_with(sends, entities=(keeper,))) as sim:
        assert sim.start("sends").result() == value
        assert sim.entity("keeper", "k").state == {"kept": value}
        assert sim.entity("keeper", "k").call("keep", [value]) == [value]


def test_objects_travel_in_envelopes() -> None:
    """An object with to_json and from_json arrives at the entity as itself."""

    def purse(context: Context) -> None:
        money = context.get_input()
        context.set_state(money)
        context.set_result(money.cents)

    with Simulation(app_with(entities=(purse,))) as sim:
        assert sim.entity("purse", "k").call("put", Money(5)) == 5


class Money:
    def __init__(self, cents: int) -> None:
        self.cents = cents

    @staticmethod
    def to_json(money: Money) -> str:
        return str(money.cents)

    @staticmethod
    def from_json(text: str) -> Money:
        return Money(int(text))

"""Entities that count, apps that have them, and what tests ask of them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import azure.durable_functions as df

from tests.apps import Context, app_of
from wfsim import Simulation
from wfsim.history import EventSent

__all__ = ["COUNTER", "app_with", "counter", "requests", "sleeper"]

COUNTER = df.EntityId("Counter", "k")


def counter(context: Context) -> None:
    """Count: add and set change the state, get returns it, boom fails halfway."""
    value = context.get_state(lambda: 0)
    match context.operation_name:
        case "add":
            context.set_state(value + context.get_input())
        case "set":
            context.set_state(context.get_input())
        case "get":
            context.set_result(value)
        case "boom":
            context.set_state(99)
            raise ValueError("boom")
        case "delete":
            context.destruct_on_exit()
        case _:
            pass


def sleeper(context: Context) -> None:
    """Sleep for so many seconds, then note that it did."""
    seconds = context.get_input()
    time.sleep(seconds)
    context.set_state([*context.get_state(list), seconds])
    context.set_result(seconds)


def app_with(
    *orchestrators: Callable[..., Any], entities: tuple[Callable[..., Any], ...] = (counter,)
) -> Any:
    """Return an app of some orchestrators and entities."""
    app = app_of(*orchestrators)
    for entity in entities:
        app.entity_trigger(context_name="context")(entity)
    return app


def requests(sim: Simulation, instance_id: str) -> list[dict[str, Any]]:
    """Return the messages that an orchestration has sent to entities."""
    history = sim.run(instance_id).history
    return [json.loads(event.input or "") for event in history if isinstance(event, EventSent)]

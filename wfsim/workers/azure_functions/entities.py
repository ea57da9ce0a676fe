"""Runs entities of `azure-functions-durable` 1.x: one call per batch, JSON text in and out."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from typing import Any, cast

from azure.durable_functions import Entity

from wfsim.clock import Stall, current_stall
from wfsim.errors import InternalError
from wfsim.history.jsontext import JsonValue, write
from wfsim.hub.entities import entity_id
from wfsim.hub.worker import EntityBatch, EntityReply, EntityResult
from wfsim.trace import Finding
from wfsim.workers.azure_functions._sdk import Registered, place_of_function
from wfsim.workers.azure_functions.app import LoadedApp

__all__ = ["AzureEntities", "context_text"]


class AzureEntities:
    """Calls the app's entity functions as the Functions host does (semantics 7.2).

    Args:
        app: The loaded app.
        report: Takes findings.
    """

    def __init__(self, app: LoadedApp, *, report: Callable[[Finding], None]) -> None:
        self._app = app
        self._report = report

    def run(self, batch: EntityBatch) -> EntityReply | None:
        """Run one batch; None if the call failed as a whole, which the host repeats for ever."""
        function = self._app.find("entity", batch.name)
        if function is None:
            # Callers' requests are checked by name, so this one cannot have come from them.
            raise InternalError(f"Entity {batch.name!r} is not registered.")
        users = cast("Callable[[Any], object]", getattr(function.call, "entity_function", None))
        errors: list[Exception] = []

        def noted(context: object) -> None:
            # The SDK keeps an exception's text only; people want to see the exception.
            try:
                made = users(context)
            except Exception as error:
                errors.append(error)
                raise
            if inspect.iscoroutine(made):
                made.close()  # the SDK drops it too, but with a warning at some later time
                self._report(_is_async(batch, function))

        stall = Stall()
        token = current_stall.set(stall)
        try:
            reply = json.loads(Entity.create(noted)(context_text(batch)))
        except Exception as error:  # noqa: BLE001 - whatever it is, the host tries again
            self._report(_failed(batch, function, error))
            return None
        finally:
            current_stall.reset(token)
        return _reply(reply, errors, took_us=stall.us)


def context_text(batch: EntityBatch) -> str:
    """Return the JSON text that an entity function is called with (semantics 7.2)."""
    # No other key is tolerated at the top.
    return json.dumps(
        {
            "self": {"name": batch.name, "key": batch.key},
            "exists": batch.exists,
            "state": batch.state,
            "batch": [
                {"name": item.name, "input": item.input, "isSignal": item.is_signal}
                for item in batch.operations
            ],
        }
    )


def _reply(reply: dict[str, Any], errors: list[Exception], *, took_us: int) -> EntityReply:
    remaining = iter(errors)
    results = tuple(
        EntityResult(
            text=_text(item["result"]),
            is_error=bool(item["isError"]),
            error=next(remaining, None) if item["isError"] else None,
        )
        for item in reply["results"]
    )
    return EntityReply(
        exists=bool(reply["entityExists"]),
        state=_state(reply["entityState"]),
        results=results,
        took_us=took_us,
    )


def _text(result: JsonValue) -> str:
    return result if isinstance(result, str) else write(result)


def _state(state: JsonValue) -> str | None:
    return None if state is None else _text(state)


def _is_async(batch: EntityBatch, function: Registered) -> Finding:
    return Finding(
        code="WF118",
        message=f"The entity function {function.name!r} is `async def`: the SDK calls it and never "
        "awaits what it returns, so no operation does anything.",
        way_out="Make it a plain function.",
        instance_id=entity_id(batch.name, batch.key),
        place=place_of_function(function.call),
    )


def _failed(batch: EntityBatch, function: Registered, error: Exception) -> Finding:
    asked = ", ".join(item.name for item in batch.operations)
    return Finding(
        code="WF117",
        message=f"The entity {entity_id(batch.name, batch.key)!r} fails as a whole on {asked}: "
        f"{type(error).__name__}: {error}. The host repeats the batch for ever, and the entity "
        "does nothing else.",
        way_out="Keep state and results to what JSON can hold.",
        instance_id=entity_id(batch.name, batch.key),
        place=place_of_function(function.call),
    )

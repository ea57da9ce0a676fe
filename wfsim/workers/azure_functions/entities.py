"""Runs entities of `azure-functions-durable` 1.x: one call per batch, JSON text in and out."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from azure.durable_functions import Entity

from wfsim.clock import Stall, current_stall
from wfsim.errors import InternalError
from wfsim.history.jsontext import JsonValue, write
from wfsim.hub.entities import entity_id
from wfsim.hub.worker import EntityBatch, EntityReply, EntityResult
from wfsim.loop import VirtualLoop
from wfsim.loop.suspension import Suspended, suspending
from wfsim.trace import Finding
from wfsim.workers.azure_functions._sdk import Registered, place_of_function
from wfsim.workers.azure_functions.app import LoadedApp

__all__ = ["AzureEntities", "context_text"]


class AzureEntities:
    """Calls the app's entity functions as the Functions host does (semantics 7.2).

    Args:
        app: The loaded app.
        loop: The simulation's loop, for operations that end with a coroutine.
        report: Takes findings.
    """

    def __init__(
        self, app: LoadedApp, *, loop: VirtualLoop, report: Callable[[Finding], None]
    ) -> None:
        self._app = app
        self.loop = loop
        self.report = report

    def start(self, batch: EntityBatch, finish: Callable[[EntityReply], None]) -> None:
        """Run one batch; one that fails as a whole, which the host repeats for ever, never ends."""
        function = self._app.find("entity", batch.name)
        if function is None:
            # Callers' requests are checked by name, so this one cannot have come from them.
            raise InternalError(f"Entity {batch.name!r} is not registered.")
        _BatchRun(self, batch, function, finish).go_on()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """What one operation came to: how it left the SDK's context, or its exception."""

    context: dict[str, Any]
    error: Exception | None = None


class _BatchRun:
    """One call of an entity function.

    The SDK runs a batch in one go. Where an operation is left for a coroutine, the batch is run
    again once that has ended: what is done by then is not done again, but put in place.
    """

    def __init__(
        self,
        entities: AzureEntities,
        batch: EntityBatch,
        function: Registered,
        finish: Callable[[EntityReply], None],
    ) -> None:
        self._entities = entities
        self._batch = batch
        self._function = function
        self._finish = finish
        self._users = cast(
            "Callable[[Any], object]", getattr(function.call, "entity_function", None)
        )
        self._done: list[_Done] = []
        self._position = 0
        self._stall = Stall()
        self._left: Any = None
        """The SDK's context of the operation that waits for its coroutine."""

    def go_on(self) -> None:
        """Run what is left of the batch, up to the next coroutine or to the end."""
        token = current_stall.set(self._stall)
        self._position = 0
        try:
            with suspending():
                reply = json.loads(Entity.create(self._operate)(context_text(self._batch)))
        except Suspended as suspended:
            task = self._entities.loop.create_task(
                suspended.work,
                name=f"entity {entity_id(self._batch.name, self._batch.key)}",
            )
            task.add_done_callback(self._settled)
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the host tries again
            self._entities.report(_failed(self._batch, self._function, error))
            return
        finally:
            current_stall.reset(token)
        errors = [item.error for item in self._done if item.error is not None]
        self._finish(_reply(reply, errors, took_us=self._stall.us))

    def _operate(self, context: Any) -> None:  # noqa: ANN401 - the SDK's context is untyped
        """Do one operation, or put in place what it has done."""
        index, self._position = self._position, self._position + 1
        if index < len(self._done):
            done = self._done[index]
            _attributes(context).update(done.context)
            if done.error is not None:
                raise done.error
            return
        # The SDK keeps an exception's text only; people want to see the exception.
        self._left = context
        try:
            made = self._users(context)
        except Exception as error:
            self._done.append(_Done(context=dict(_attributes(context)), error=error))
            raise
        if inspect.iscoroutine(made):
            made.close()  # the SDK drops it too, but with a warning at some later time
            self._entities.report(_is_async(self._batch, self._function))
        self._done.append(_Done(context=dict(_attributes(context))))

    def _settled(self, task: asyncio.Task[object]) -> None:
        if task.cancelled():
            return  # the simulation ends
        error = task.exception()
        if error is not None and not isinstance(error, Exception):
            raise error  # a KeyboardInterrupt or a test's own exit
        self._done.append(_Done(context=dict(_attributes(self._left)), error=error))
        self.go_on()


def _attributes(context: Any) -> dict[str, Any]:  # noqa: ANN401 - the SDK's context is untyped
    return cast("dict[str, Any]", vars(context))


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

"""The outside world of an app for `async def` tests: the same doors, awaited."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from wfsim.doors import EntityHandle, FunctionCall, HttpDoor, HttpResponse
from wfsim.doors.http import DEFAULT_TIMEOUT
from wfsim.history.jsontext import JsonValue
from wfsim.hub.settings import HostSettings
from wfsim.simulation import Simulation
from wfsim.workers.azure_functions.live import Borders

__all__ = ["AsyncEntityHandle", "AsyncHttpDoor", "AsyncOutside"]

Duration = timedelta | str

_T = TypeVar("_T")


class AsyncEntityHandle:
    """One entity; what it shows are attributes, what one asks of it is awaited."""

    def __init__(self, entity: EntityHandle) -> None:
        self._entity = entity

    def __repr__(self) -> str:
        return f"<Async{repr(self._entity)[1:]}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AsyncEntityHandle):
            return NotImplemented
        return self._entity == other._entity

    def __hash__(self) -> int:
        return hash(self._entity)

    @property
    def name(self) -> str:
        """Its name, in lower case."""
        return self._entity.name

    @property
    def key(self) -> str:
        """Its key."""
        return self._entity.key

    @property
    def entity_id(self) -> str:
        """See `EntityHandle.entity_id`."""
        return self._entity.entity_id

    @property
    def exists(self) -> bool:
        """See `EntityHandle.exists`."""
        return self._entity.exists

    @property
    def state(self) -> JsonValue:
        """See `EntityHandle.state`."""
        return self._entity.state

    async def signal(
        self,
        operation: str,
        input: object = None,  # noqa: A002
        *,
        via: str = "orchestrator",
    ) -> None:
        """See `EntityHandle.signal`."""
        self._entity.signal(operation, input, via=via)

    async def call(
        self,
        operation: str,
        input: object = None,  # noqa: A002
        *,
        timeout: Duration = DEFAULT_TIMEOUT,  # noqa: ASYNC109 - of virtual time
    ) -> JsonValue:
        """See `EntityHandle.call`."""
        result = self._entity.call(operation, input, timeout=timeout)
        await asyncio.sleep(0)
        return result


class AsyncHttpDoor:
    """Sends HTTP requests to the app; see `HttpDoor`, which has the same methods."""

    def __init__(self, door: HttpDoor) -> None:
        self._door = door

    async def request(self, method: str, path: str, **options: Any) -> HttpResponse:  # noqa: ANN401
        """See `HttpDoor.request`."""
        response = self._door.request(method, path, **options)
        await asyncio.sleep(0)
        return response

    async def get(self, path: str, **options: Any) -> HttpResponse:  # noqa: ANN401
        """Send a GET request; see `HttpDoor.request`."""
        return await self.request("GET", path, **options)

    async def post(self, path: str, **options: Any) -> HttpResponse:  # noqa: ANN401
        """Send a POST request; see `HttpDoor.request`."""
        return await self.request("POST", path, **options)

    async def put(self, path: str, **options: Any) -> HttpResponse:  # noqa: ANN401
        """Send a PUT request; see `HttpDoor.request`."""
        return await self.request("PUT", path, **options)

    async def patch(self, path: str, **options: Any) -> HttpResponse:  # noqa: ANN401
        """Send a PATCH request; see `HttpDoor.request`."""
        return await self.request("PATCH", path, **options)

    async def delete(self, path: str, **options: Any) -> HttpResponse:  # noqa: ANN401
        """Send a DELETE request; see `HttpDoor.request`."""
        return await self.request("DELETE", path, **options)


class AsyncOutside:
    """The half of an `AsyncSimulation` that faces the outside world."""

    _simulation: Simulation

    @property
    def borders(self) -> Borders:
        """See `Simulation.borders`."""
        return self._simulation.borders

    @property
    def http(self) -> AsyncHttpDoor:
        """Sends HTTP requests to the app, awaited; see `Simulation.http`."""
        return AsyncHttpDoor(self._simulation.http)

    @property
    def client(self) -> Any:  # noqa: ANN401 - the SDK is untyped
        """See `Simulation.client`; what waits for the app goes through `run_until_complete`."""
        return self._simulation.client

    async def run_until_complete(
        self,
        work: Awaitable[_T],
        *,
        timeout: Duration = DEFAULT_TIMEOUT,  # noqa: ASYNC109 - of virtual time
    ) -> _T:
        """See `Simulation.run_until_complete`."""
        result = self._simulation.run_until_complete(work, timeout=timeout)
        await asyncio.sleep(0)
        return result

    def entity(self, name: str, key: str) -> AsyncEntityHandle:
        """See `Simulation.entity`."""
        return AsyncEntityHandle(self._simulation.entity(name, key))

    @property
    def entities(self) -> list[AsyncEntityHandle]:
        """See `Simulation.entities`."""
        return [AsyncEntityHandle(entity) for entity in self._simulation.entities]

    async def trigger(
        self,
        name: str,
        payload: object = None,
        *,
        metadata: Mapping[str, object] | None = None,
        inputs: Mapping[str, object] | None = None,
        timeout: Duration = DEFAULT_TIMEOUT,  # noqa: ASYNC109 - of virtual time
    ) -> FunctionCall:
        """See `Simulation.trigger`."""
        call = self._simulation.trigger(
            name, payload, metadata=metadata, inputs=inputs, timeout=timeout
        )
        await asyncio.sleep(0)
        return call

    @property
    def settings(self) -> HostSettings:
        """See `Simulation.settings`."""
        return self._simulation.settings

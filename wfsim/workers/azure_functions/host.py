"""The Functions host as HTTP clients see it: functions, durable webhooks, and its own endpoints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, cast

from wfsim.errors import UsageError, nearest
from wfsim.hub.hub import Hub
from wfsim.web import Request, Response
from wfsim.workers.azure_functions.app import LoadedApp
from wfsim.workers.azure_functions.client import Transport
from wfsim.workers.azure_functions.functions import Functions
from wfsim.workers.azure_functions.webhooks import Links, Webhooks

__all__ = ["BASE_URL", "RPC_ORIGIN", "AppHost"]

BASE_URL: Final = "http://localhost:7071"
RPC_ORIGIN: Final = "http://127.0.0.1:17071"
"""Where the extension listens for the Python client."""

_WEBHOOKS: Final = ("/runtime/webhooks/durabletask", "/durabletask")
_ADMIN: Final = "/admin/"


class AppHost:
    """Answers HTTP requests.

    Args:
        app: The loaded app.
        hub: The task hub.
        base_url: Where clients outside reach this host, without a slash at the end.
    """

    def __init__(self, app: LoadedApp, hub: Hub, *, base_url: str = BASE_URL) -> None:
        self._hub = hub
        self.links = Links(base_url=base_url, hub_name=hub.settings.hub_name)
        self.functions = Functions(app, hub=hub, binding=self._binding)
        self._webhooks = Webhooks(
            hub,
            orchestrators=lambda: _registered(app, "orchestrator"),
            entities=lambda: _registered(app, "entity"),
            links=self.links,
        )
        self.transport = Transport(self.answer)

    @property
    def origins(self) -> tuple[str, ...]:
        """Schemes and hosts that are this host."""
        return (
            self.links.base_url,
            self.links.base_url.replace("localhost", "127.0.0.1"),
            RPC_ORIGIN,
        )

    def _binding(self, description: Mapping[str, object]) -> str:
        return self.links.binding(
            task_hub=cast("str | None", description.get("taskHub")),
            connection=cast("str | None", description.get("connectionName")),
        )

    async def answer(
        self,
        request: Request,
        *,
        authorize: bool = False,
        inputs: Mapping[str, object] | None = None,
    ) -> Response:
        """Answer a request.

        Args:
            request: From whomever.
            authorize: Whether functions ask for their keys; a host on a developer's machine does
                not.
            inputs: Values of the function's other input bindings, by parameter.
        """
        path = request.path
        for base in _WEBHOOKS:
            rest = _below(path, base)
            if rest is not None:
                return await self._webhooks.answer(request, rest)
        if path.casefold().startswith(_ADMIN):
            return await self._admin(request, path[len(_ADMIN) :])
        prefix = self._hub.settings.route_prefix.strip("/")
        route = _below(path, f"/{prefix}" if prefix else "")
        answer = None
        if route is not None:
            answer = await self.functions.answer(request, route, authorize=authorize, inputs=inputs)
        if answer is not None:
            return answer
        if path == "/" and request.method in {"GET", "HEAD"}:
            return Response(
                status=200,
                headers=(("Content-Type", "text/plain; charset=utf-8"),),
                body=b"Your functions are up, in wfsim.\n",
            )
        return Response(status=404, error=self._nobody(request))

    def _nobody(self, request: Request) -> UsageError:
        """Return who would have answered something like it, for people: clients get a bare 404."""
        known = [
            f"{'|'.join(methods) or '*'} {path}"
            for methods, path, _ in self.functions.http_routes()
        ]
        asked = f"{request.method} {request.path}"
        return UsageError(f"No function answers {asked}.{nearest(asked, known)}")

    async def _admin(self, request: Request, route: str) -> Response:
        parts = route.strip("/").casefold().split("/")
        if parts == ["host", "status"] and request.method == "GET":
            status = {"id": "wfsim", "state": "Running", "version": "4"}
            return Response.of_json(status)
        if parts == ["host", "ping"]:
            return Response(status=200)
        if len(parts) == 2 and parts[0] == "functions" and request.method == "POST":
            return await self._run_by_hand(request, route.strip("/").partition("/")[2])
        return Response(status=404)

    async def _run_by_hand(self, request: Request, name: str) -> Response:
        """Run a function that has no HTTP trigger, as the host's admin endpoint does."""
        try:
            function = self.functions.find(name)
        except UsageError:
            return Response(status=404)
        try:
            body: object = json.loads(request.body) if request.body.strip() else None
        except (ValueError, RecursionError):
            return Response(status=400)
        named = cast("dict[str, object]", body) if isinstance(body, dict) else {}
        payload = named.get("input")
        task = self._hub.loop.create_task(
            self.functions.trigger(function, _lenient(payload), metadata=None, inputs=None),
            name=f"trigger {name}",
        )
        try:
            await task
        except UsageError as error:
            return Response.of_json({"Message": str(error)}, status=400)
        return Response(status=202)


def _registered(app: LoadedApp, kind: str) -> list[str]:
    """Return the names of a kind of function in the order in which the app has them."""
    return [function.name for function in app.functions if function.kind == kind]


def _lenient(payload: object) -> object:
    """Return what the text of a payload means: the endpoint takes JSON as text."""
    if not isinstance(payload, str):
        return payload
    try:
        return cast("object", json.loads(payload)) if payload else None
    except ValueError:
        return payload


def _below(path: str, base: str) -> str | None:
    """Return what follows `base` and a slash in a path, or None if it lies elsewhere."""
    if path.casefold() == base.casefold():
        return ""
    if path.casefold().startswith(f"{base.casefold()}/"):
        return path[len(base) + 1 :]
    return None

"""The functions of an app that are neither orchestrator, activity nor entity, behind one door."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from wfsim.errors import UsageError, nearest
from wfsim.hub.hub import Hub
from wfsim.trace import Finding
from wfsim.web import Request, Response
from wfsim.workers.azure_functions._sdk import Registered, place_of_function
from wfsim.workers.azure_functions.app import LoadedApp
from wfsim.workers.azure_functions.functions.http import (
    HTTP,
    Endpoints,
    given_of,
    may_call,
)
from wfsim.workers.azure_functions.functions.invoke import (
    FunctionResult,
    Invocation,
    Invoker,
)
from wfsim.workers.azure_functions.functions.payloads import Metadata
from wfsim.workers.azure_functions.functions.plan import RETURN
from wfsim.workers.azure_functions.functions.responses import response_of
from wfsim.workers.azure_functions.functions.schedule import TimerSchedules
from wfsim.workers.azure_functions.functions.triggers import Triggers

__all__ = ["Functions"]


class Functions:
    """Calls functions as the Functions host and its Python worker do.

    A route or schedule that the host would refuse is reported once, and the rest runs.

    Args:
        app: The loaded app.
        hub: The task hub.
        binding: Makes the durable client's JSON of a durableClient binding's description.
    """

    def __init__(
        self, app: LoadedApp, *, hub: Hub, binding: Callable[[Mapping[str, object]], str]
    ) -> None:
        self._app = app
        self._hub = hub
        self._invoker = Invoker(hub=hub, binding=binding)
        self._triggers = Triggers(hub)
        self._endpoints = Endpoints(app.functions)
        for function, problem in self._endpoints.problems:
            self._report(function, problem, "Mend the route; nothing can reach the function.")

    # --- looking things up ----------------------------------------------------------------------

    def find(self, name: str) -> Registered:
        """Return a function of the app, whatever its trigger, by its name without case.

        Raises:
            UsageError: there is none of that name; with the nearest.
        """
        folded = name.casefold()
        for function in self._app.functions:
            if function.function_name.casefold() == folded:
                return function
        names = [function.function_name for function in self._app.functions]
        raise UsageError(
            f"The app {self._app.title} has no function {name!r}.{nearest(name, names)}"
        )

    def http_routes(self) -> list[tuple[tuple[str, ...], str, str]]:
        """Return methods (none for all), path and function of each route, in their order."""
        prefix = self._hub.settings.route_prefix.strip("/")
        return [
            (
                endpoint.methods,
                "/".join(("", *filter(None, (prefix, endpoint.template.text.strip("/"))))),
                endpoint.function.function_name,
            )
            for endpoint in self._endpoints.all
        ]

    def others(self) -> list[Registered]:
        """Return the functions with a trigger other than HTTP and the durable ones."""
        return [
            function
            for function in self._app.functions
            if function.kind == "other" and function.trigger.get("type") != HTTP
        ]

    def schedules(self) -> TimerSchedules:
        """Return the schedules of the timer triggers, to be armed."""
        schedules = TimerSchedules(self.others(), hub=self._hub, fire=self.trigger)
        for function, problem in schedules.problems:
            self._report(function, problem, "Mend the schedule; the function never fires.")
        return schedules

    def _report(self, function: Registered, problem: str, way_out: str) -> None:
        self._hub.report(
            Finding(
                code="WF119",
                message=problem,
                way_out=way_out,
                instance_id="",
                place=place_of_function(function.call),
            )
        )

    # --- calling --------------------------------------------------------------------------------

    @property
    def further(self) -> Callable[[Registered], Mapping[str, object]]:
        """What returns what an activity's parameters get besides its input: `Invoker.further`."""
        return self._invoker.further

    async def answer(
        self,
        request: Request,
        route: str,
        *,
        authorize: bool,
        inputs: Mapping[str, object] | None = None,
    ) -> Response | None:
        """Answer an HTTP request.

        Args:
            request: The request.
            route: Its raw path after the route prefix.
            authorize: Whether the functions' auth levels count.
            inputs: Values of the function's other input bindings, by parameter.

        Returns:
            The response, or None if no route matches, which the host answers with 404.
        """
        found = self._endpoints.find(request.method, route)
        if found is None:
            return None
        endpoint, values = found
        if authorize and not may_call(request, endpoint.level):
            return Response(status=401)
        function, given = endpoint.function, given_of(request, values)
        responses: list[Response] = []
        error: BaseException | None

        def describe(call: Invocation) -> str:
            responses.append(_response(call, request.method))
            return str(responses[0].status)

        try:
            call = await self._invoker.run(function, given, inputs=inputs, describe=describe)
            error = call.result.error
        except UsageError as refusal:  # an input that only a test could give
            self._invoker.refuse(function, given, refusal)
            error = refusal
        return responses[0] if responses else Response(status=500, error=error)

    async def trigger(
        self,
        function: Registered,
        payload: object,
        *,
        metadata: Metadata | Sequence[Metadata] | None = None,
        inputs: Mapping[str, object] | None = None,
    ) -> FunctionResult:
        """Fire a function's trigger; what the function raises is in the result.

        Args:
            function: The function.
            payload: What its kind of trigger carries: None or {"past_due": True} for timers; text,
                bytes or a JSON value for messages; a list of them where its cardinality is many; a
                dict for Event Grid; text or bytes for blobs; a list of dicts for Cosmos.
            metadata: The message's properties, such as {"message_id": "1"}.
            inputs: Values of the function's input bindings, by parameter.

        Raises:
            UsageError: the trigger cannot be fired so, or an input is missing.
        """
        given = self._triggers.given(function, payload, metadata)
        call = await self._invoker.run(function, given, inputs=inputs)
        return call.result


def _response(call: Invocation, method: str) -> Response:
    """Return what the host answers: of the return value, or of the HTTP output it was put into.

    Raises:
        ValueError: the host's server would not send it.
    """
    returned = call.wires.get(RETURN)
    if returned is not None and returned[0] == "http":
        return response_of(returned[1], method=method)
    outputs = [wire for kind, wire in call.wires.values() if kind == "http"]
    return response_of(outputs[0] if outputs else None, method=method)

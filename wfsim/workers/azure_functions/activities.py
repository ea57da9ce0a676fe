"""Runs activities as the Functions worker does: JSON text in, JSON text out."""

from __future__ import annotations

import asyncio
import enum
import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from wfsim.clock import Stall, current_stall
from wfsim.history.jsontext import parse, write
from wfsim.hub.worker import ActivityCall, ActivityOutcome, ActivityRunner
from wfsim.loop import VirtualLoop
from wfsim.quick import quick
from wfsim.trace import Finding
from wfsim.workers.azure_functions import _sdk
from wfsim.workers.azure_functions.app import LoadedApp
from wfsim.workers.azure_functions.failures import activity_failure
from wfsim.workers.azure_functions.registered import Registered
from wfsim.workers.azure_functions.walk import HTTP_ACTIVITY

__all__ = ["AzureActivities", "outcome_of", "payload_of", "wire_loss"]

_AS_THEY_ARE: Final = frozenset({str, int, bool, type(None)})

_outcome = quick(ActivityOutcome)

Finish = Callable[[ActivityOutcome], None]


class AzureActivities:
    """Runs the app's activities; sync ones inline, coroutines on the virtual loop.

    Args:
        app: The loaded app.
        loop: The simulation's loop.
        report: Takes findings.
        further: Returns what a function's parameters get besides its input, such as a durable
            client.
        http: Runs the host's own activity behind `call_http`.
    """

    def __init__(
        self,
        app: LoadedApp,
        *,
        loop: VirtualLoop,
        report: Callable[[Finding], None],
        further: Callable[[Registered], Mapping[str, object]],
        http: ActivityRunner | None = None,
    ) -> None:
        self._app = app
        self._loop = loop
        self._report = report
        self._further = further
        self._http = http

    def start(self, call: ActivityCall, finish: Finish) -> None:
        """Start one execution; its end may lie at a later instant of virtual time."""
        function = self._app.find("activity", call.name)
        if function is None:
            if call.name == HTTP_ACTIVITY and self._http is not None:
                self._http.start(call, finish)
                return
            reason = f"Activity function '{call.name}' does not exist."
            failed = f"Activity function '{call.name}' failed: {reason}"
            finish(ActivityOutcome(failure=(failed, None)))
            return

        def body() -> object:
            payload = {function.parameter: payload_of(call)}
            further = self._further(function)
            return function.call(**payload, **further) if further else function.call(**payload)

        self.run(call, body, finish)

    def run(self, call: ActivityCall, body: Callable[[], Any], finish: Finish) -> None:
        """Run `body` as an activity's body, and hand its outcome to `finish` when it ends."""
        stall = Stall()
        token = current_stall.set(stall)
        try:
            value = body()
            if type(value) not in _AS_THEY_ARE and inspect.iscoroutine(value):
                # The task copies this context, so that its own blocking calls count as its own.
                task = self._loop.create_task(value, name=f"activity {call.name}")
                task.add_done_callback(lambda done: finish(self._settled(call, done, stall)))
                return
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - an outcome, too
            outcome = self._failed(call, error, stall)
        else:
            outcome = self._returned(call, value, stall)
        finally:
            current_stall.reset(token)
        finish(outcome)

    def _settled(
        self, call: ActivityCall, task: asyncio.Task[Any], stall: Stall
    ) -> ActivityOutcome:
        if task.cancelled():
            return self._failed(call, asyncio.CancelledError(), stall)
        error = task.exception()
        if error is None:
            return self._returned(call, task.result(), stall)
        if not isinstance(error, Exception):
            raise error  # a KeyboardInterrupt or a test's own exit
        return self._failed(call, error, stall)

    def _returned(self, call: ActivityCall, value: object, stall: Stall) -> ActivityOutcome:
        try:
            outcome = outcome_of(value, took_us=stall.us)
        except Exception as error:  # noqa: BLE001 - the worker fails the activity, as here
            return self._failed(call, error, stall)
        loss = wire_loss(value)
        if loss is not None:
            function = self._app.find("activity", call.name)
            self._report(
                Finding(
                    code="WF111",
                    message=f"The activity {call.name!r} returned {loss}: what the orchestrator "
                    "gets is not what was returned.",
                    way_out="Return lists and dicts with text keys, as JSON has them.",
                    instance_id=call.instance_id,
                    place=None if function is None else _sdk.place_of_function(function.call),
                )
            )
        return outcome

    def _failed(self, call: ActivityCall, error: BaseException, stall: Stall) -> ActivityOutcome:
        failure = activity_failure(call.name, error, root=self._app.root)
        return ActivityOutcome(failure=failure, error=error, took_us=stall.us)


def payload_of(call: ActivityCall) -> object:
    """Return an activity's input as its function gets it."""
    stored = call.input
    if "\\" not in stored and stored.startswith('["') and stored.find('"', 2) == len(stored) - 2:
        inner = stored[2:-2]  # one text in which nothing is escaped, as most are
    else:
        inner = cast("list[str]", parse(stored))[0]
    return parse(inner) if call.name == HTTP_ACTIVITY else _sdk.load_input(inner)


def outcome_of(value: object, *, took_us: int = 0) -> ActivityOutcome:
    """Return the outcome of an activity that returned `value`.

    Raises:
        ValueError: `value` is not JSON, worded as the Functions worker does.
    """
    encoded = _sdk.encode_result(value)
    # The host parses and writes again; a Python None becomes no result at all (semantics 1.2).
    if type(value) is not int:  # which comes back as it went
        result = None if value is None else write(parse(encoded))
    else:
        result = encoded
    return _outcome(result=result, took_us=took_us)


def wire_loss(value: object, where: str = "") -> str | None:
    """Say what of a value JSON would change, or None."""
    if type(value) in _AS_THEY_ARE:
        return None
    place = f" at {where}" if where else ""
    if isinstance(value, tuple):
        return f"a tuple{place}, which becomes a list"
    if isinstance(value, enum.Enum):
        return f"the enum member {value}{place}, which becomes {value.value!r}"
    if isinstance(value, float) and value - value != 0:
        return f"{value!r}{place}, which becomes text"
    if isinstance(value, list):
        items = enumerate(cast("list[object]", value))
        losses = (wire_loss(item, f"{where}[{index}]") for index, item in items)
        return next((loss for loss in losses if loss), None)
    if isinstance(value, dict):
        for key, item in cast("dict[object, object]", value).items():
            if not isinstance(key, str):
                return f"the key {key!r}{place}, which becomes text"
            loss = wire_loss(item, f"{where}[{key!r}]")
            if loss:
                return loss
    return None

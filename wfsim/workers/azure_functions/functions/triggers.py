"""Fires triggers other than HTTP: from a test's value to what the worker gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, cast

from wfsim.errors import UsageError
from wfsim.hub.hub import Hub
from wfsim.workers.azure_functions._sdk import Registered
from wfsim.workers.azure_functions.functions import _sdk
from wfsim.workers.azure_functions.functions.http import HTTP
from wfsim.workers.azure_functions.functions.invoke import Given, shown
from wfsim.workers.azure_functions.functions.payloads import KINDS, Fired, Metadata, Sent, sent

__all__ = ["Triggers"]

_DOORS: Final = {
    HTTP: "has an HTTP trigger. Send it a request: sim.http.request('GET', '/api/…').",
    "orchestrationTrigger": "is an orchestrator. Start it: sim.start({name!r}), or POST "
    "/runtime/webhooks/durabletask/orchestrators/{name}.",
    "activityTrigger": "is an activity. Orchestrators call it: sim.start(…) one that does.",
    "entityTrigger": "is an entity. Signal or call it: sim.entity({name!r}, key).",
}


class Triggers:
    """Makes what the host sends when a trigger fires.

    Args:
        hub: The task hub.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._numbers: dict[str, int] = {}
        """How many messages each function has got."""

    def given(
        self,
        function: Registered,
        payload: object,
        metadata: Metadata | Sequence[Metadata] | None,
    ) -> Given:
        """Return what the host sends.

        Raises:
            UsageError: the function has another door, its kind of trigger is unknown, or payload
                or metadata do not suit it.
        """
        kind = str(function.trigger.get("type"))
        if kind in _DOORS:
            text = _DOORS[kind].format(name=function.name)
            raise UsageError(f"{function.function_name!r} {text}")
        count = _count(payload)
        number = self._numbers.get(function.function_name, 0)
        self._numbers[function.function_name] = number + count
        fired = Fired(
            function=function.function_name,
            kind=kind,
            trigger=function.trigger,
            payload=payload,
            metadata={} if metadata is None else metadata,
            now_us=self._hub.clock.now_us,
            number=number,
            new_guid=self._hub.new_guid,
        )
        data, wire = sent(fired) if kind in KINDS else _generic(fired)
        return Given(data=data, metadata=wire, shown="" if payload is None else shown(payload))


def _count(payload: object) -> int:
    return len(cast("list[object]", payload)) if isinstance(payload, list) else 1


def _generic(fired: Fired) -> Sent:
    """Try a kind that nothing is known of: the SDK has objects for it, which may read JSON."""
    wire: dict[str, _sdk.Datum] = {}
    if not isinstance(fired.metadata, Mapping):
        raise UsageError(f"metadata= for {fired.function!r} is a mapping, not a list.")
    for name, value in fired.metadata.items():
        wire[name] = _sdk.text_datum(value) if isinstance(value, str) else _sdk.json_datum(value)
    if _sdk.has_converter(fired.kind):
        for data in _guesses(fired.payload):
            try:
                _sdk.decode(fired.kind, data, metadata=wire)
            except Exception:  # noqa: BLE001, S112 - the SDK fails in many ways; the next may do
                continue
            return data, wire
    raise UsageError(
        f"wfsim cannot fire the {fired.kind!r} of {fired.function!r} with a "
        f"{type(fired.payload).__name__}. It knows: {', '.join(sorted(KINDS))}, and httpTrigger.\n"
        "Call what the function does directly in the test, or from a function of a known kind."
    )


def _guesses(payload: object) -> list[_sdk.Datum]:
    if isinstance(payload, (bytes, bytearray)):
        return [_sdk.bytes_datum(bytes(payload))]
    if isinstance(payload, str):
        return [_sdk.text_datum(payload)]
    try:
        data = _sdk.json_datum(payload)
    except (TypeError, ValueError):
        return []
    return [data, _sdk.text_datum(str(data.value))]

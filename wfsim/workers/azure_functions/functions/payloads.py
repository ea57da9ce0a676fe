"""What the host sends for a trigger: a payload and its metadata, as data of the wire."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from wfsim.clock import iso, to_us
from wfsim.errors import UsageError, nearest
from wfsim.workers.azure_functions.functions import _sdk
from wfsim.workers.azure_functions.functions._sdk import Datum

__all__ = ["KINDS", "Fired", "Metadata", "Sent", "host_name", "sent"]

Metadata = Mapping[str, object]
Sent = tuple[Datum | None, dict[str, Datum]]

_MINUTE_US: Final = 60_000_000
_WEEK_US: Final = 7 * 24 * 60 * _MINUTE_US


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """One firing of a trigger, and what the host knows at that time."""

    function: str
    kind: str
    trigger: Mapping[str, Any]
    """The trigger's description."""
    payload: object
    metadata: Metadata | Sequence[Metadata]
    """By the test: for the whole payload, or one for each message of a batch."""
    now_us: int
    number: int
    """How many messages came before."""
    new_guid: Callable[[], str]

    def refuse(self, wants: str) -> UsageError:
        """Return the error for a payload of the wrong type."""
        value = repr(self.payload)
        shown = value if len(value) <= 80 else f"{value[:80]}…"
        return UsageError(
            f"The {self.kind} of {self.function!r} takes {wants}, and not {shown} "
            f"({type(self.payload).__name__})."
        )


def sent(fired: Fired) -> Sent:
    """Return what the host sends for a firing.

    Raises:
        UsageError: payload or metadata do not suit the kind of trigger.
    """
    try:
        return KINDS[fired.kind](fired)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"The payload or metadata for {fired.function!r} ({fired.kind}) is not JSON: {error}"
        ) from None


# --- names and values of metadata ---------------------------------------------------------------


def host_name(name: str) -> str:
    """Return the host's name of a property that Python writes `like_this`."""
    if not name.islower() or "-" in name:
        return name
    return "".join(part.capitalize() for part in name.split("_"))


def _named(fired: Fired, given: object, known: Iterable[str]) -> dict[str, object]:
    """Return metadata by the host's names; those in Python's spelling must be known.

    Raises:
        UsageError: a name is unknown, or `given` is no mapping.
    """
    if not isinstance(given, Mapping):
        raise UsageError(
            f"metadata= for {fired.function!r} is a mapping of names to values, not {given!r}."
        )
    found: dict[str, object] = {}
    for name, value in cast("Mapping[object, object]", given).items():
        if not isinstance(name, str):
            raise UsageError(f"metadata= for {fired.function!r} has the key {name!r}; use text.")
        if name.islower() and "-" not in name and name not in known:
            raise UsageError(
                f"The {fired.kind} of {fired.function!r} has no metadata {name!r}."
                f"{nearest(name, known)}"
            )
        found[host_name(name)] = value
    return found


def _wire(value: object) -> object:
    """Return a value as .NET writes it into JSON."""
    if isinstance(value, datetime):
        return iso(to_us(value))
    if isinstance(value, timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "replace")
    return value


def _data(metadata: Mapping[str, object]) -> dict[str, Datum]:
    """Return metadata as data of the wire; the host leaves out what is null."""
    found: dict[str, Datum] = {}
    for name, value in metadata.items():
        plain = _wire(value)
        if isinstance(plain, str):
            found[name] = _sdk.text_datum(plain)
        elif plain is not None:
            found[name] = _sdk.json_datum(plain)
    return found


# --- payloads -----------------------------------------------------------------------------------


def _body(fired: Fired, item: object) -> str | bytes:
    """Return a message's body: text and bytes as they are, all else as JSON text."""
    if item is None:
        raise fired.refuse("text, bytes or a JSON value")
    if isinstance(item, (bytes, bytearray)):
        return bytes(item)
    return item if isinstance(item, str) else json.dumps(item)


def _datum(fired: Fired, item: object) -> Datum:
    body = _body(fired, item)
    return _sdk.text_datum(body) if isinstance(body, str) else _sdk.bytes_datum(body)


_TIMER: Final = {
    "past_due": "IsPastDue",
    "schedule_status": "ScheduleStatus",
    "schedule": "Schedule",
}


def _timer(fired: Fired) -> Sent:
    payload: object = fired.payload
    if payload is None:
        payload = {}
    if not isinstance(payload, dict):
        raise fired.refuse("None or a dict such as {'past_due': True}")
    info: dict[str, object] = {
        "Schedule": {"AdjustForDST": True},
        "ScheduleStatus": None,
        "IsPastDue": False,
    }
    for name, value in cast("dict[object, object]", payload).items():
        host = _TIMER.get(str(name), str(name))
        if host not in info:
            raise UsageError(
                f"The timerTrigger of {fired.function!r} knows no {name!r}."
                f"{nearest(str(name), _TIMER)}"
            )
        info[host] = value
    return _sdk.json_datum(info), {}


_QUEUE: Final = (
    "id",
    "dequeue_count",
    "expiration_time",
    "insertion_time",
    "next_visible_time",
    "time_next_visible",
    "pop_receipt",
)


def _queue(fired: Fired) -> Sent:
    given = _named(fired, fired.metadata, _QUEUE)
    if "TimeNextVisible" in given:  # the SDK's name for it
        given["NextVisibleTime"] = given.pop("TimeNextVisible")
    metadata = {
        "QueueTrigger": _wire(_body(fired, fired.payload)),
        "Id": fired.new_guid(),
        "DequeueCount": 1,
        "ExpirationTime": iso(fired.now_us + _WEEK_US),
        "InsertionTime": iso(fired.now_us),
        "NextVisibleTime": iso(fired.now_us + 10 * _MINUTE_US),
        "PopReceipt": fired.new_guid(),
        **given,
    }
    return _datum(fired, fired.payload), _data(metadata)


_SERVICE_BUS: Final = (
    "application_properties",
    "content_type",
    "correlation_id",
    "dead_letter_error_description",
    "dead_letter_reason",
    "dead_letter_source",
    "delivery_count",
    "enqueued_sequence_number",
    "enqueued_time_utc",
    "expires_at_utc",
    "label",
    "lock_token",
    "locked_until",
    "message_id",
    "partition_key",
    "reply_to",
    "reply_to_session_id",
    "scheduled_enqueue_time_utc",
    "sequence_number",
    "session_id",
    "state",
    "subject",
    "time_to_live",
    "to",
    "transaction_partition_key",
    "user_properties",
)


def _service_bus(fired: Fired) -> Sent:
    def properties(given: dict[str, object], index: int) -> dict[str, object]:
        # Both names stand for one thing: what the sender added.
        own = given.get("ApplicationProperties", given.get("UserProperties", {}))
        return {
            "MessageId": fired.new_guid(),
            "DeliveryCount": 1,
            "SequenceNumber": fired.number + index + 1,
            "EnqueuedTimeUtc": iso(fired.now_us),
            "ExpiresAtUtc": iso(fired.now_us + 2 * _WEEK_US),
            "LockToken": fired.new_guid(),
            "ApplicationProperties": own,
            "UserProperties": own,
            **given,
        }

    if not _is_many(fired):
        given = _named(fired, fired.metadata, _SERVICE_BUS)
        return _datum(fired, fired.payload), _data(properties(given, 0))
    items, all_given = _batch(fired, _SERVICE_BUS)
    each = [properties(given, index) for index, given in enumerate(all_given)]
    names = dict.fromkeys(name for one in each for name in one)
    arrays = {f"{name}Array": [_wire(one.get(name)) for one in each] for name in names}
    return _sdk.collection(items), _data({"UserPropertiesArray": [], **arrays})


_EVENT_HUB: Final = (
    "enqueued_time",
    "enqueued_time_utc",
    "partition_key",
    "sequence_number",
    "offset",
    "properties",
)


def _event_hub(fired: Fired) -> Sent:
    def system(given: dict[str, object], index: int) -> dict[str, object]:
        own = {name: _wire(value) for name, value in given.items() if name != "Properties"}
        if "EnqueuedTime" in own:  # the SDK's name for it
            own["EnqueuedTimeUtc"] = own.pop("EnqueuedTime")
        number = fired.number + index
        return {
            "EnqueuedTimeUtc": iso(fired.now_us),
            "SequenceNumber": number,
            "Offset": str(number),
            "PartitionKey": None,
            **own,
        }

    if not _is_many(fired):
        given = _named(fired, fired.metadata, _EVENT_HUB)
        one = system(given, 0)
        whole = {"Properties": given.get("Properties", {}), "SystemProperties": one}
        return _datum(fired, fired.payload), {**_data(one), **_data(whole)}
    items, all_given = _batch(fired, _EVENT_HUB)
    return _sdk.collection(items), _data(
        {
            "PropertiesArray": [given.get("Properties", {}) for given in all_given],
            "SystemPropertiesArray": [
                system(given, index) for index, given in enumerate(all_given)
            ],
        }
    )


def _is_many(fired: Fired) -> bool:
    return str(fired.trigger.get("cardinality") or "one").casefold() == "many"


def _batch(fired: Fired, known: Sequence[str]) -> tuple[list[str | bytes], list[dict[str, object]]]:
    """Return bodies and metadata of the messages of a batch."""
    payload: object = fired.payload
    if not isinstance(payload, (list, tuple)):
        raise fired.refuse("a list of messages, as its cardinality is 'many'")
    items = [_body(fired, item) for item in cast("Sequence[object]", payload)]
    if isinstance(fired.metadata, Mapping):
        return items, [_named(fired, fired.metadata, known) for _ in items]
    if len(fired.metadata) != len(items):
        raise UsageError(
            f"metadata= for {fired.function!r} has {len(fired.metadata)} entries for "
            f"{len(items)} messages. Give one for each, or one mapping for all."
        )
    return items, [_named(fired, given, known) for given in fired.metadata]


def _event_grid(fired: Fired) -> Sent:
    payload: object = fired.payload
    if not isinstance(payload, dict):
        raise fired.refuse("a dict in the Event Grid or CloudEvents schema")
    event = cast("dict[str, object]", payload)
    if "specversion" in event:
        defaults: dict[str, object] = {"id": fired.new_guid(), "time": iso(fired.now_us)}
    else:
        defaults = {
            "id": fired.new_guid(),
            "topic": "",
            "subject": "",
            "eventType": "",
            "eventTime": iso(fired.now_us),
            "data": None,
            "dataVersion": "",
            "metadataVersion": "1",
        }
    whole = {name: _wire(value) for name, value in {**defaults, **event}.items()}
    return _sdk.json_datum(whole), _data(_named(fired, fired.metadata, ()))


_BLOB: Final = ("name", "uri", "length", "metadata", "properties")


def _blob(fired: Fired) -> Sent:
    payload: object = fired.payload
    if not isinstance(payload, (str, bytes, bytearray)):
        raise fired.refuse("text or bytes")
    body = payload.encode() if isinstance(payload, str) else bytes(payload)
    given = _named(fired, fired.metadata, _BLOB)
    name = str(given.pop("Name", fired.trigger.get("path") or ""))
    length = given.pop("Length", len(body))
    properties = {
        "ContentLength": length,
        "Length": length,  # its name in older versions of the storage extension and of the SDK
        "LastModified": iso(fired.now_us),
        **cast("dict[str, object]", given.pop("Properties", {})),
    }
    metadata = {
        "BlobTrigger": name,
        "Uri": f"http://127.0.0.1:10000/devstoreaccount1/{name}",
        "Properties": {key: _wire(value) for key, value in properties.items()},
        "Metadata": {},
        **given,
    }
    return _sdk.bytes_datum(body), _data(metadata)


def _cosmos(fired: Fired) -> Sent:
    payload: object = fired.payload
    items = cast("Sequence[object]", payload) if isinstance(payload, (list, tuple)) else None
    if items is None or not all(isinstance(item, dict) for item in items):
        raise fired.refuse("a list of dicts")
    return _sdk.json_datum(items), _data(_named(fired, fired.metadata, ()))


def _warm_up(fired: Fired) -> Sent:
    if fired.payload is not None:
        raise fired.refuse("None")
    return _sdk.json_datum({}), {}


def _mcp_tool(fired: Fired) -> Sent:
    """Send a tool call as the MCP extension does: its context as JSON text."""
    payload: object = fired.payload
    if not isinstance(payload, dict):
        raise fired.refuse("a dict, the tool's arguments")
    name = fired.trigger.get("toolName") or fired.function
    context = {"name": name, "arguments": cast("dict[str, object]", payload)}
    return _sdk.text_datum(json.dumps(context)), _data(_named(fired, fired.metadata, ()))


KINDS: Final[dict[str, Callable[[Fired], Sent]]] = {
    "timerTrigger": _timer,
    "queueTrigger": _queue,
    "serviceBusTrigger": _service_bus,
    "eventHubTrigger": _event_hub,
    "eventGridTrigger": _event_grid,
    "blobTrigger": _blob,
    "cosmosDBTrigger": _cosmos,
    "warmupTrigger": _warm_up,
    "mcpToolTrigger": _mcp_tool,
}
"""Type of trigger -> what makes the host's message."""

"""Service Bus and Event Hubs: one message or many."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import azure.functions as func
import pytest

from tests.functions.conftest import OpenApp
from wfsim import UsageError

START = datetime(2030, 5, 1, 12, tzinfo=UTC)
MANY = func.Cardinality.MANY


@pytest.fixture
def seen() -> list[Any]:
    """What functions got."""
    return []


def _bus(app: func.FunctionApp, seen: list[Any]) -> None:
    @app.service_bus_queue_trigger(arg_name="msg", queue_name="q", connection="c")
    def one(msg: func.ServiceBusMessage) -> None:
        seen.append(msg)

    @app.service_bus_topic_trigger(
        arg_name="msgs", topic_name="t", subscription_name="s", connection="c", cardinality=MANY
    )
    def many(msgs: list[func.ServiceBusMessage]) -> None:
        seen.extend(msgs)


def test_a_service_bus_message_has_defaults(
    app: func.FunctionApp, open_app: OpenApp, seen: list[Any]
) -> None:
    """A message has an id, counts, virtual times, and numbers that grow."""
    _bus(app, seen)
    sim = open_app(app, start=START)
    for payload in ("text", b"\xff", {"a": 1}):
        sim.trigger("one", payload)
    assert [msg.get_body() for msg in seen] == [b"text", b"\xff", b'{"a": 1}']
    assert [msg.sequence_number for msg in seen] == [1, 2, 3]
    assert len({msg.message_id for msg in seen}) == 3
    first = seen[0]
    assert (first.delivery_count, first.user_properties) == (1, {})
    assert first.enqueued_time_utc == START
    assert first.content_type is None


def test_a_service_bus_message_takes_metadata(
    app: func.FunctionApp, open_app: OpenApp, seen: list[Any]
) -> None:
    """Every property of a message can be set."""
    _bus(app, seen)
    metadata = {
        "message_id": "m",
        "content_type": "application/json",
        "correlation_id": "c",
        "session_id": "s",
        "subject": "sub",
        "label": "l",
        "to": "t",
        "reply_to": "r",
        "delivery_count": 4,
        "dead_letter_reason": "d",
        "locked_until": START + timedelta(minutes=1),
        "time_to_live": timedelta(hours=1, seconds=5),
        "application_properties": {"k": [1]},
    }
    open_app(app).trigger("one", "x", metadata=metadata)
    (msg,) = seen
    for name, value in metadata.items():
        # Older SDKs lack some of the properties.
        assert getattr(msg, name, value) == value, name
    assert msg.user_properties == {"k": [1]}
    assert msg.metadata["MessageId"] == "m"


def test_a_batch_comes_as_a_list(app: func.FunctionApp, open_app: OpenApp, seen: list[Any]) -> None:
    """With cardinality many the payload is a list, and each message has metadata of its own."""
    _bus(app, seen)
    sim = open_app(app, start=START)
    sim.trigger("many", ["a", {"b": 1}], metadata={"label": "both", "message_id": "m"})
    assert [msg.get_body() for msg in seen] == [b"a", b'{"b": 1}']
    assert [(msg.message_id, msg.label, msg.sequence_number) for msg in seen] == [
        ("m", "both", 1),
        ("m", "both", 2),
    ]
    assert seen[0].enqueued_time_utc == START
    seen.clear()
    each: Any = [{"message_id": "1"}, {"user_properties": {"k": 1}}]
    sim.trigger("many", [b"\xff", "b"], metadata=each)
    assert [msg.get_body() for msg in seen] == [b"\xff", b"b"]
    assert seen[0].message_id == "1"
    assert [msg.user_properties for msg in seen] == [{}, {"k": 1}]
    assert [msg.sequence_number for msg in seen] == [3, 4]


def _hub(app: func.FunctionApp, seen: list[Any]) -> None:
    @app.event_hub_message_trigger(arg_name="event", event_hub_name="h", connection="c")
    def one(event: func.EventHubEvent) -> None:
        seen.append(event)

    @app.event_hub_message_trigger(
        arg_name="events", event_hub_name="h", connection="c", cardinality=MANY
    )
    def many(events: list[func.EventHubEvent]) -> None:
        seen.extend(events)


def test_an_event_hub_event_has_its_place(
    app: func.FunctionApp, open_app: OpenApp, seen: list[Any]
) -> None:
    """An event has a body, a time, and numbers that grow; its properties can be set."""
    _hub(app, seen)
    sim = open_app(app, start=START)
    sim.trigger("one", {"a": 1})
    sim.trigger("one", "x", metadata={"partition_key": "p", "enqueued_time": START, "offset": "9"})
    assert [event.get_body() for event in seen] == [b'{"a": 1}', b"x"]
    assert [event.sequence_number for event in seen] == [0, 1]
    assert [event.partition_key for event in seen] == [None, "p"]
    assert [event.offset for event in seen] == ["0", "9"]
    assert seen[0].enqueued_time == seen[1].enqueued_time == START


def test_an_iot_hub_event_has_its_metadata(
    app: func.FunctionApp, open_app: OpenApp, seen: list[Any]
) -> None:
    """Metadata with the prefix of IoT Hub reaches the event without it."""
    _hub(app, seen)
    sim = open_app(app)
    sim.trigger("one", "x", metadata={"iothub-connection-device-id": "d"})
    sim.trigger("many", ["x"], metadata={"iothub-connection-device-id": "d"})
    assert [event.iothub_metadata for event in seen] == [{"connection-device-id": "d"}] * 2


def test_a_batch_of_events_comes_as_a_list(
    app: func.FunctionApp, open_app: OpenApp, seen: list[Any]
) -> None:
    """With cardinality many the events of a list come together, each with its own place."""
    _hub(app, seen)
    open_app(app, start=START).trigger("many", ["a", {"b": 1}], metadata={"partition_key": "p"})
    assert [event.get_body() for event in seen] == [b"a", b'{"b": 1}']
    assert [event.sequence_number for event in seen] == [0, 1]
    assert {event.partition_key for event in seen} == {"p"}
    assert {event.enqueued_time for event in seen} == {START}


@pytest.mark.parametrize(
    ("payload", "metadata", "why"),
    [
        ("x", None, "a list of messages"),
        (["x"], [{}, {}], "2 entries for 1 messages"),
        (["x"], {"mesage_id": "1"}, "no metadata 'mesage_id'. Did you mean 'message_id'"),
        (["x"], {1: "1"}, "has the key 1; use text"),
        (["x"], ["y"], "a mapping of names to values, not 'y'"),
        (["x"], {"message_id": object()}, "is not JSON"),
        ([None], None, "text, bytes or a JSON value"),
    ],
)
def test_a_wrong_batch_is_refused(
    app: func.FunctionApp,
    open_app: OpenApp,
    payload: object,
    metadata: Any,
    why: str,
) -> None:
    """What makes no sense for a batch is refused before anything runs."""
    seen: list[Any] = []
    _bus(app, seen)
    sim = open_app(app)
    with pytest.raises(UsageError) as caught:
        sim.trigger("many", payload, metadata=metadata)
    assert why in str(caught.value)
    assert not seen

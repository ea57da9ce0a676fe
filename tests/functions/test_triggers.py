"""Triggers other than messages: timers, queues, blobs, events, documents."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import azure.functions as func
import pytest

from tests.functions.conftest import OpenApp
from wfsim import UsageError

START = datetime(2030, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def seen() -> list[Any]:
    """What functions got."""
    return []


def test_a_timer_gets_a_timer_request(
    app: func.FunctionApp, open_app: OpenApp, seen: list[Any]
) -> None:
    """A timer's function is told whether it is late, and what the test says besides."""

    @app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
    def tick(timer: func.TimerRequest) -> None:
        seen.append(timer)

    sim = open_app(app)
    sim.trigger("tick")
    sim.trigger("tick", {"past_due": True, "schedule_status": {"Last": "x"}, "Schedule": {}})
    assert [timer.past_due for timer in seen] == [False, True]
    assert [timer.schedule_status or {} for timer in seen] == [{}, {"Last": "x"}]
    assert [timer.schedule for timer in seen] == [{"AdjustForDST": True}, {}]
    with pytest.raises(UsageError, match=r"knows no 'pastdue'. Did you mean 'past_due'"):
        sim.trigger("tick", {"pastdue": True})


def test_a_queue_message_has_its_properties(
    app: func.FunctionApp, open_app: OpenApp, seen: list[Any]
) -> None:
    """A queue message carries body, id, counts and virtual times."""

    @app.queue_trigger(arg_name="msg", queue_name="q", connection="c")
    def take(msg: func.QueueMessage) -> None:
        seen.append(msg)

    sim = open_app(app, start=START)
    for payload in ("text", b"\xff", {"a": [1]}, 5):
        sim.trigger("take", payload)
    assert [msg.get_body() for msg in seen] == [b"text", b"\xff", b'{"a": [1]}', b"5"]
    assert seen[2].get_json() == {"a": [1]}
    first = seen[0]
    assert first.dequeue_count == 1
    assert first.insertion_time == START
    assert first.expiration_time == START + timedelta(days=7)
    assert len({msg.id for msg in seen} | {msg.pop_receipt for msg in seen}) == 8


def test_a_queue_message_takes_metadata(
    app: func.FunctionApp, open_app: OpenApp, seen: list[Any]
) -> None:
    """Each property of a queue message can be set, by Python's name or the host's."""

    @app.queue_trigger(arg_name="msg", queue_name="q", connection="c")
    def take(msg: func.QueueMessage) -> None:
        seen.append(msg)

    sim = open_app(app)
    metadata = {
        "id": "7",
        "DequeueCount": 3,
        "insertion_time": START,
        "time_next_visible": START + timedelta(microseconds=1),
        "pop_receipt": "r",
    }
    sim.trigger("take", "x", metadata=metadata)
    (msg,) = seen
    assert (msg.id, msg.dequeue_count, msg.pop_receipt) == ("7", 3, "r")
    assert msg.insertion_time == START
    assert msg.time_next_visible == START + timedelta(microseconds=1)


def test_plain_annotations_get_plain_values(
    app: func.FunctionApp, open_app: OpenApp, seen: list[Any]
) -> None:
    """A parameter that wants `str` or `bytes` gets the body itself, as from the worker."""

    @app.queue_trigger(arg_name="msg", queue_name="q", connection="c")
    def text(msg: str) -> None:
        seen.append(msg)

    @app.blob_trigger(arg_name="blob", path="a/{name}", connection="c")
    def raw(blob: bytes) -> None:
        seen.append(blob)

    sim = open_app(app)
    sim.trigger("text", {"a": 1})
    sim.trigger("raw", "é")
    assert seen == ['{"a": 1}', "é".encode()]


def test_a_blob_has_name_uri_and_length(
    app: func.FunctionApp, open_app: OpenApp, seen: list[Any]
) -> None:
    """A blob comes as a stream with name, URI, length, properties and metadata."""

    @app.blob_trigger(arg_name="blob", path="in/{name}", connection="c")
    def take(blob: func.InputStream) -> None:
        metadata = getattr(blob, "metadata", None)
        seen.append((blob.read(), blob.name, blob.uri, blob.length, metadata))

    sim = open_app(app)
    sim.trigger("take", "héllo", metadata={"name": "in/a.txt", "metadata": {"k": "v"}})
    sim.trigger("take", b"12345", metadata={"length": 9, "uri": "https://x/y"})
    assert seen == [
        (
            "héllo".encode(),
            "in/a.txt",
            "http://127.0.0.1:10000/devstoreaccount1/in/a.txt",
            6,
            {"k": "v"},
        ),
        (b"12345", "in/{name}", "https://x/y", 9, {}),
    ]


def test_an_event_grid_event_is_filled_up(
    app: func.FunctionApp, open_app: OpenApp, seen: list[Any]
) -> None:
    """An event keeps what the test gives and gets id and virtual time where they lack."""

    @app.event_grid_trigger(arg_name="event")
    def take(event: func.EventGridEvent) -> None:
        seen.append((event.id, event.event_type, event.event_time, event.get_json()))

    sim = open_app(app, start=START)
    sim.trigger("take", {"eventType": "made", "data": {"n": 1}, "id": "7"})
    sim.trigger("take", {"eventTime": START + timedelta(days=1)})
    assert seen[0] == ("7", "made", START, {"n": 1})
    assert len(seen[1][0]) == 32
    assert seen[1][2] == START + timedelta(days=1)


@pytest.mark.skipif(not hasattr(func, "CloudEvent"), reason="older SDKs know no CloudEvent")
def test_a_cloud_event_is_one(app: func.FunctionApp, open_app: OpenApp, seen: list[Any]) -> None:
    """A dict of the CloudEvents schema becomes a CloudEvent."""

    @app.event_grid_trigger(arg_name="event")
    def take(event: func.CloudEvent) -> None:
        seen.append((event.source, event.type, event.get_json(), event.time))

    payload = {"specversion": "1.0", "source": "/s", "type": "t", "data": [1]}
    open_app(app, start=START).trigger("take", payload)
    assert seen == [("/s", "t", [1], START)]


def test_cosmos_documents_come_as_a_list(
    app: func.FunctionApp, open_app: OpenApp, seen: list[Any]
) -> None:
    """Both kinds of Cosmos triggers get a DocumentList."""
    where: dict[str, Any] = {"arg_name": "docs", "database_name": "d"}

    @app.cosmos_db_trigger(container_name="c", connection="c", **where)
    def four(docs: func.DocumentList) -> None:
        seen.append([doc["id"] for doc in docs])

    @app.cosmos_db_trigger_v3(collection_name="c", connection_string_setting="c", **where)
    def three(docs: func.DocumentList) -> None:
        seen.append([type(doc) for doc in docs])

    sim = open_app(app)
    sim.trigger("four", [{"id": "1"}, {"id": "2"}])
    sim.trigger("three", [{"id": "1"}])
    assert seen == [["1", "2"], [func.Document]]


def test_other_kinds_are_tried(app: func.FunctionApp, open_app: OpenApp, seen: list[Any]) -> None:
    """A kind that only the SDK knows is fired where its objects can be made of the payload."""

    @app.generic_trigger(arg_name="event", type="kafkaTrigger", topic="t")
    def take(event: func.KafkaEvent) -> None:
        seen.append((event.get_body(), event.topic))

    open_app(app).trigger("take", {"a": 1}, metadata={"Topic": "t"})
    assert seen == [(b'{"a": 1}', "t")]


def test_an_unknown_kind_is_named(app: func.FunctionApp, open_app: OpenApp) -> None:
    """A kind that nobody knows is refused with its name and what is known; the rest runs."""

    @app.generic_trigger(arg_name="thing", type="rabbitMQTrigger", queue_name="q")
    def odd(thing: str) -> None: ...

    @app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
    def ready(timer: func.TimerRequest) -> None: ...

    sim = open_app(app)
    with pytest.raises(UsageError, match=r"'rabbitMQTrigger' of 'odd'.*blobTrigger, .*timerTri"):
        sim.trigger("odd", "x")
    assert sim.trigger("ready").is_done


@pytest.mark.parametrize(
    ("name", "payload", "wants"),
    [
        ("timer", "x", "None or a dict"),
        ("queue", None, "text, bytes or a JSON value"),
        ("queue", object(), "is not JSON"),
        ("blob", {"a": 1}, "text or bytes"),
        ("grid", [{"data": 1}], "a dict in the Event Grid"),
        ("cosmos", {"id": "1"}, "a list of dicts"),
        ("cosmos", ["x" * 200], "a list of dicts"),
        ("warm", 1, "None"),
    ],
)
def test_a_payload_of_the_wrong_type_is_refused(
    open_app: OpenApp, name: str, payload: object, wants: str
) -> None:
    """Each kind says what it takes, what it got, and for which function."""
    app = func.FunctionApp()
    app.function_name("timer")(app.timer_trigger(arg_name="x", schedule="0 * * * * *")(_take))
    app.function_name("queue")(app.queue_trigger("x", "q", "c")(_take))
    app.function_name("blob")(app.blob_trigger(arg_name="x", path="p", connection="c")(_take))
    app.function_name("grid")(app.event_grid_trigger(arg_name="x")(_take))
    app.function_name("warm")(app.warm_up_trigger(arg_name="x")(_take))
    cosmos = app.cosmos_db_trigger("x", connection="c", database_name="d", container_name="c")
    app.function_name("cosmos")(cosmos(_take))
    with pytest.raises(UsageError) as caught:
        open_app(app).trigger(name, payload)
    assert wants in str(caught.value)
    assert repr(name) in str(caught.value)
    assert len(str(caught.value)) < 300


def _take(x):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    return None


def test_other_doors_are_shown(open_app: OpenApp) -> None:
    """HTTP functions, orchestrators, activities and entities are sent to their own doors."""
    df = pytest.importorskip("azure.durable_functions")
    app = df.DFApp()

    @app.route()
    def web(req: func.HttpRequest) -> str:
        return "x"

    @app.orchestration_trigger(context_name="context")
    def flow(context: Any) -> Any:
        yield context.call_activity("work", None)

    @app.activity_trigger(input_name="value")
    def work(value: Any) -> None: ...

    @app.entity_trigger(context_name="context")
    def counter(context: Any) -> None: ...

    sim = open_app(app)
    for name, door in {
        "web": "sim.http.request",
        "flow": "sim.start('flow')",
        "work": "sim.start",
        "counter": "sim.entity('counter', key)",
    }.items():
        with pytest.raises(UsageError, match=r"'" + name) as caught:
            sim.trigger(name, "x")
        assert door in str(caught.value)


def test_a_warm_up_function_is_called(
    app: func.FunctionApp, open_app: OpenApp, seen: list[Any]
) -> None:
    """A warm-up trigger has no payload; its function gets the SDK's object."""

    @app.warm_up_trigger(arg_name="warm")
    def ready(warm):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        seen.append(type(warm).__name__)

    open_app(app).trigger("ready")
    assert seen == ["WarmUpContext"]

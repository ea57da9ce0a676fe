"""Messages on the wire: what wfsim writes and reads has the shape of recorded examples."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import pytest

from tests.apps import Context, Steps
from wfsim.history import (
    EventRaised,
    EventSent,
    ExecutionStarted,
    HistoryEvent,
    OrchestratorCompleted,
    OrchestratorStarted,
    ParentInstance,
    TaskCompleted,
    TaskFailed,
    TaskScheduled,
    TimerCreated,
    TimerFired,
)
from wfsim.hub.settings import HostSettings
from wfsim.hub.worker import Episode
from wfsim.workers.azure_functions.reply import from_error, from_text
from wfsim.workers.azure_functions.wire import ContextWriter

# Called directly, the SDK advises once per process; a simulation keeps that quiet.
pytestmark = pytest.mark.filterwarnings("ignore:azure.functions df_loads was called")

EXAMPLES = Path(__file__).parent / "wire_examples"
CONTEXTS = sorted(path.stem for path in EXAMPLES.glob("ctx_*.json"))
DECISIONS = {4, 7, 10, 13, 14}
"""Types of events that no replay ever marks as played, whatever an example says."""


def example(name: str) -> Any:
    return json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def us(stamp: str) -> int:
    moment = datetime.fromisoformat(stamp)
    return round(moment.timestamp() * 10) * 100_000


def event_of(data: dict[str, Any]) -> HistoryEvent:
    """Read one event of an example."""
    at_us = us(data["Timestamp"])
    match data["EventType"]:
        case 12:
            return OrchestratorStarted(at_us=at_us)
        case 13:
            return OrchestratorCompleted(at_us=at_us)
        case 0:
            return started_of(data, at_us)
        case 4:
            return TaskScheduled(at_us=at_us, event_id=data["EventId"], name=data["Name"])
        case 5:
            return TaskCompleted(
                at_us=at_us, task_id=data["TaskScheduledId"], result=data["Result"]
            )
        case 6:
            return TaskFailed(
                at_us=at_us,
                task_id=data["TaskScheduledId"],
                reason=data["Reason"],
                details=data["Details"],
            )
        case 10:
            fire_at_us = us(data["FireAt"])
            return TimerCreated(at_us=at_us, event_id=data["EventId"], fire_at_us=fire_at_us)
        case 11:
            fire_at_us = us(data["FireAt"])
            return TimerFired(at_us=at_us, timer_id=data["TimerId"], fire_at_us=fire_at_us)
        case 14:
            return EventSent(
                at_us=at_us,
                event_id=data["EventId"],
                instance_id=data["InstanceId"],
                name=data["Name"],
                input=data["Input"],
            )
        case 15:
            return EventRaised(at_us=at_us, name=data["Name"], input=data["Input"])
        case other:
            raise AssertionError(other)


def started_of(data: dict[str, Any], at_us: int) -> ExecutionStarted:
    parent = data["ParentInstance"]
    return ExecutionStarted(
        at_us=at_us,
        instance_id=data["OrchestrationInstance"]["InstanceId"],
        execution_id=data["OrchestrationInstance"]["ExecutionId"],
        name=data["Name"],
        version=data["Version"],
        input=data["Input"],
        parent=parent
        and ParentInstance(
            name=parent["Name"],
            instance_id=parent["OrchestrationInstance"]["InstanceId"],
            execution_id=parent["OrchestrationInstance"]["ExecutionId"],
            task_id=parent["TaskScheduleId"],
            version=parent["Version"],
        ),
    )


def episode_of(data: dict[str, Any]) -> Episode:
    """Return the episode of an example: what follows the last OrchestratorStarted is new."""
    history = [event_of(item) for item in data["history"]]
    new_from = max(
        index for index, item in enumerate(history) if isinstance(item, OrchestratorStarted)
    )
    started = next(item for item in history if isinstance(item, ExecutionStarted))
    return Episode(started=started, history=history, new_from=new_from)


def plain(data: dict[str, Any]) -> dict[str, Any]:
    """Return a context without what may be there or not: members that are null."""
    events = [
        {
            key: value
            for key, value in item.items()
            if not (value is None and key in {"Tags", "FailureDetails"})
            and not (key == "IsPlayed" and item["EventType"] in DECISIONS)
        }
        for item in data["history"]
    ]
    return data | {"history": events}


@pytest.mark.parametrize("name", CONTEXTS)
def test_a_context_is_written_as_in_the_example(name: str) -> None:
    """Keys, types, encodings and flags are those of the host."""
    wanted = example(name)
    text = ContextWriter(HostSettings()).context(episode_of(wanted))
    assert plain(json.loads(text)) == plain(wanted)


@pytest.mark.parametrize("name", CONTEXTS)
def test_decisions_are_never_marked_as_played(name: str) -> None:
    """They are appended after the replay that would mark them, and so stored unmarked."""
    written = json.loads(ContextWriter(HostSettings()).context(episode_of(example(name))))
    marked = {item["EventType"] for item in written["history"] if item["IsPlayed"]}
    assert marked.isdisjoint(DECISIONS | {12})


def order(context: Context) -> Steps:
    """Be the orchestrator of the examples."""
    context.set_custom_status("greeting")
    greeting = yield context.call_activity("Say", context.get_input()["city"])
    approve = context.wait_for_external_event("approve")
    timer = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    yield context.task_any([approve, timer])
    timer.cancel()
    return [greeting, json.loads(approve.result)]


def retried(context: Context) -> Steps:
    return (yield context.call_activity_with_retry("Boom", df.RetryOptions(5_000, 2), 1))


def asking(context: Context) -> Steps:
    counter = df.EntityId("Counter", "k")
    context.signal_entity(counter, "add", 1)
    return (yield context.call_entity(counter, "get"))


def endless(context: Context) -> Steps:
    yield context.wait_for_external_event("next")
    context.continue_as_new(2)


@pytest.mark.parametrize(
    ("code", "context", "reply"),
    [
        (order, "ctx_first_episode", "reply_first_episode"),
        (order, "ctx_second_episode", "reply_when_any"),
        (order, "ctx_event_raised", "reply_completed"),
        (asking, "ctx_first_episode", "reply_entity"),
        (endless, "ctx_after_continue_as_new", "reply_continue_as_new"),
    ],
)
def test_the_sdk_answers_a_written_context_as_in_the_example(
    code: Callable[[Context], Steps], context: str, reply: str
) -> None:
    """The real SDK reads what wfsim writes, and answers what the example holds."""
    text = ContextWriter(HostSettings()).context(episode_of(example(context)))
    assert json.loads(df.Orchestrator.create(code)(text)) == example(reply)


def test_the_sdk_hands_a_failure_back_inside_an_exception() -> None:
    """The label, the actions and the error of a failed run come out of the text."""
    text = ContextWriter(HostSettings()).context(episode_of(example("ctx_retry_exhausted")))
    with pytest.raises(Exception, match="OutOfProcData") as caught:
        df.Orchestrator.create(retried)(text)
    reply = from_error(caught.value)
    assert reply.actions == example("reply_retry")["actions"][0]
    assert reply.is_labelled
    assert not reply.is_done
    assert reply.error == (
        "Activity function 'Boom' failed:  ValueError: boom \n "
        '{"$type":"System.Exception, System.Private.CoreLib","Message":" ValueError: boom"}'
    )


REPLIES = sorted(path.stem for path in EXAMPLES.glob("reply_*.json"))


@pytest.mark.parametrize("name", REPLIES)
def test_a_reply_is_read(name: str) -> None:
    """Each example reply gives its actions, its end, its output and its custom status."""
    data = example(name)
    reply = from_text(json.dumps(data))
    assert reply.schema == 2
    assert reply.actions == data["actions"][0]
    assert reply.is_done == data["isDone"]
    assert json.loads(reply.output or "null") == data.get("output")
    assert reply.custom_status == data.get("customStatus")
    assert reply.error == data.get("error")


def test_a_labelled_failure_is_read_from_its_first_label() -> None:
    """Only what follows the label is JSON."""
    data = example("reply_failure_state")
    error = Exception(f"{data['error']}\n\n$OutOfProcData$:{json.dumps(data)}")
    reply = from_error(error)
    assert reply.error == data["error"]
    assert reply.actions == data["actions"][0]


def test_an_error_without_label_carries_no_actions() -> None:
    """The SDK's own errors leave the host with nothing but their text."""
    reply = from_error(AttributeError("no strip"))
    assert (reply.actions, reply.is_labelled, reply.error) == ([], False, "no strip")

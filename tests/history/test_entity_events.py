"""Requests to entities and their answers in the text of a history."""

from __future__ import annotations

from tests.apps import Context, Steps
from tests.entities.counters import COUNTER, app_with
from wfsim import Simulation
from wfsim.history import EventRaised, EventSent, History
from wfsim.history.messages import answer_of, request_of

GUID = "f0cfde59-abbd-52ec-adf1-539719e976fe"


def order(context: Context) -> Steps:
    context.signal_entity(COUNTER, "add", 5)
    total = yield context.call_entity(COUNTER, "get")
    try:
        yield context.call_entity(COUNTER, "boom")
    except Exception:
        return total


def raised(payload: str | None, name: str = GUID) -> EventRaised:
    return EventRaised(at_us=0, name=name, input=payload)


def sent(payload: str | None) -> EventSent:
    return EventSent(at_us=0, event_id=3, instance_id="@counter@k", name="op", input=payload)


def last_of(event: EventRaised | EventSent) -> str:
    """Return what an event says, without time, type and number."""
    return str(History([event]))[52:]


def test_text_names_operations_and_numbers() -> None:
    """Requests show operation, entity and input; answers the number of the request, and no id."""
    with Simulation(app_with(order)) as sim:
        run = sim.start("order")
        run.result()
        assert str(run.history) == (
            """
T+0s         OrchestratorStarted
T+0s         ExecutionStarted                        order()
T+0s         EventSent                            0  add to @counter@k: 5 (signal)
T+0s         EventSent                            1  get to @counter@k
T+0s         OrchestratorCompleted
T+0s         OrchestratorStarted
T+0s         EventRaised                             answer to 1: 5
T+0s         EventSent                            2  boom to @counter@k
T+0s         OrchestratorCompleted
T+0s         OrchestratorStarted
T+0s         EventRaised                             answer to 2: failed: boom
T+0s         ExecutionCompleted                   3  Completed: 5
T+0s         OrchestratorCompleted
"""
        ).strip("\n")
        assert run.history.short == "OS ES EVS0 EVS1 OC · OS EVR EVS2 OC · OS EVR EC3 OC"


def test_text_does_not_depend_on_ids() -> None:
    """Runs with other instance ids, and so other request ids, have the same text."""

    def history(instance_id: str) -> History:
        with Simulation(app_with(order)) as sim:
            run = sim.start("order", instance_id=instance_id)
            run.result()
            return run.history

    assert history("a") != history("b")
    assert str(history("a")) == str(history("b"))


def test_a_slice_without_the_request_still_reads() -> None:
    """Where the request is not part of it, an answer is that to some call."""
    assert last_of(raised('{"result":"[1]"}')) == " answer to an entity call: [1]"


def test_failures_are_plain_text() -> None:
    """An operation's exception is shown as its text, whatever that looks like."""
    for text in ("boom", '{"a": 1}', "5", ""):
        answer = answer_of(raised(f'{{"result":{_twice(text)},"exceptionType":"Error"}}'))
        assert answer is not None
        assert (answer.result, answer.is_failure) == (text, True)
    answer = answer_of(raised('{"result":"Timeout value of 1s","exceptionType":"Error"}'))
    assert answer is not None
    assert answer.result == "Timeout value of 1s"


def _twice(text: str) -> str:
    import json

    return json.dumps(json.dumps(text))


def test_other_events_are_left_alone() -> None:
    """Events that people raise are no answers, whatever their name or payload."""
    for event in (
        raised('{"result":"1"}', "go"),
        raised('{"result":1}'),
        raised("[1]"),
        raised("no json"),
        raised(None),
    ):
        assert answer_of(event) is None
    assert last_of(raised("1", "go")) == " go: 1"
    for payload in ("5", "no json", None, '{"op":"add"}'):
        assert request_of(sent(payload)) is None
    assert last_of(sent("5")) == " op to @counter@k: 5"

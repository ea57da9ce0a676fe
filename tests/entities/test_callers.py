"""Entities as orchestrators see them: histories, failures, waiting, interruptions (7.4, 5.4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import azure.durable_functions as df
import pytest

from tests.apps import Context, Steps
from tests.entities.counters import COUNTER, app_with, counter, requests, sleeper
from wfsim import FindingError, OrchestrationFailed, Simulation
from wfsim.trace import EntityOperated, EntityRequested, MessageDiscarded

SLOW = df.EntityId("sleeper", "k")


def order(context: Context) -> Steps:
    context.signal_entity(COUNTER, "add", 5)
    first = yield context.call_entity(COUNTER, "get")
    try:
        yield context.call_entity(COUNTER, "boom")
    except Exception as error:
        return [first, type(error).__name__, error.args]


def naps(context: Context) -> Steps:
    """Call an entity that sleeps for ten seconds."""
    return (yield context.call_entity(SLOW, "sleep", 10))


def test_the_golden_history() -> None:
    """A signal, a call and a failing call give the history of semantics' Appendix A."""
    with Simulation(app_with(order)) as sim:
        run = sim.start("order")
        run.result()
        assert run.history.short == "OS ES EVS0 EVS1 OC · OS EVR EVS2 OC · OS EVR EC3 OC"


def test_a_failed_call_raises_its_bare_text() -> None:
    """The orchestrator gets a plain Exception with the text of the entity's, nothing around it."""
    with Simulation(app_with(order)) as sim:
        assert sim.start("order").result() == [5, "Exception", ["boom"]]


def test_an_uncaught_failure_chains_the_entitys_exception() -> None:
    """result() raises OrchestrationFailed; the cause is what the entity raised."""

    def careless(context: Context) -> Steps:
        yield context.call_entity(COUNTER, "boom")

    with Simulation(app_with(careless)) as sim:
        run = sim.start("careless")
        with pytest.raises(OrchestrationFailed, match="boom") as caught:
            run.result()
        assert isinstance(caught.value.__cause__, ValueError)
        assert run.failure == "Orchestrator function 'careless' failed: boom"


def test_an_exception_of_the_same_text_is_ones_own() -> None:
    """What the orchestrator itself raises is not taken for the entity's."""

    def unlucky(context: Context) -> Steps:
        try:
            yield context.call_entity(COUNTER, "boom")
        except Exception:
            raise LookupError("boom") from None

    with Simulation(app_with(unlucky)) as sim:
        with pytest.raises(OrchestrationFailed) as caught:
            sim.start("unlucky").result()
        assert isinstance(caught.value.__cause__, LookupError)


def test_a_rewind_does_not_repeat_calls() -> None:
    """The failed answer stays in the history, so the run fails again in the same way."""

    def careless(context: Context) -> Steps:
        yield context.call_entity(COUNTER, "boom")

    with Simulation(app_with(careless)) as sim:
        run = sim.start("careless")
        sim.run_until_idle()
        run.rewind()
        sim.run_until_idle()
        assert run.status == "Failed"
        assert len([item for item in sim.trace if isinstance(item, EntityOperated)]) == 1


def test_waiting_for_names_the_entity() -> None:
    """While a call is open, waiting_for shows whom it went to."""
    with Simulation(app_with(naps, entities=(sleeper,))) as sim:
        run = sim.start("naps")
        sim.advance("4s")
        assert run.waiting_for == {"entities": ["@sleeper@k"]}
        assert str(run.waiting_for) == "entities '@sleeper@k'"
        assert run.result() == 10
        assert run.finished_at is not None
        assert run.finished_at - run.created_at == timedelta(seconds=10)
        assert run.waiting_for == {}


def test_answers_are_no_events_that_nobody_waited_for() -> None:
    """A call whose answer loses a race gives no WF102, and the run completes without it."""

    def races(context: Context) -> Steps:
        call = context.call_entity(SLOW, "sleep", 10)
        timer = context.create_timer(context.current_utc_datetime + timedelta(seconds=1))
        yield context.task_any([call, timer])
        yield context.create_timer(context.current_utc_datetime + timedelta(minutes=1))

    with Simulation(app_with(order, races, entities=(counter, sleeper)), findings="error") as sim:
        sim.start("order").result()
        sim.start("races").result()
        assert sim.findings == []


def test_an_open_call_does_not_keep_a_run_open() -> None:
    """It is no open task: the run completes, and the answer is discarded."""

    def hurries(context: Context) -> Steps:
        call = context.call_entity(SLOW, "sleep", 10)
        yield context.task_any([call, context.call_activity("say", 1)])
        return "done"

    with Simulation(app_with(hurries, entities=(sleeper,)), findings="error") as sim:
        run = sim.start("hurries")
        sim.run_until_idle()
        assert run.output == "done"
        sim.advance("1m")
        (discarded,) = [item for item in sim.trace if isinstance(item, MessageDiscarded)]
        assert discarded.why == "the instance has ended"


def test_a_suspended_caller_acts_on_resume() -> None:
    """The answer reaches the history at once; what follows from it waits for the resume."""

    def twice(context: Context) -> Steps:
        first = yield context.call_entity(SLOW, "sleep", 10)
        return [first, (yield context.call_entity(SLOW, "sleep", 1))]

    with Simulation(app_with(twice, entities=(sleeper,)), findings="error") as sim:
        run = sim.start("twice")
        sim.at("5s", run.suspend)
        sim.at("20s", run.resume)
        sim.advance("15s")
        assert run.history.short == "OS ES EVS0 OC · OS SUSP OC · OS EVR OC"
        assert sim.entity("sleeper", "k").state == [10]
        assert run.result() == [10, 1]
        assert sim.now == run.created_at + timedelta(seconds=21)


def test_a_terminated_callers_request_still_runs() -> None:
    """The entity does what it was asked; its answer is discarded."""
    with Simulation(app_with(naps, entities=(sleeper,)), findings="error") as sim:
        run = sim.start("naps")
        sim.at("5s", run.terminate, "enough")
        sim.advance("1m")
        assert run.status == "Terminated"
        assert sim.entity("sleeper", "k").state == [10]
        (discarded,) = [item for item in sim.trace if isinstance(item, MessageDiscarded)]
        assert discarded.why == "the instance has ended"


def test_answers_to_an_earlier_generation_are_discarded() -> None:
    """They are addressed to the generation that asked, which continue_as_new has ended."""

    def renews(context: Context) -> Steps:
        if context.get_input() == "again":
            yield context.create_timer(context.current_utc_datetime + timedelta(minutes=1))
            return "done"
        call = context.call_entity(SLOW, "sleep", 10)
        yield context.task_any([call, context.call_activity("say", 1)])
        context.continue_as_new("again")

    with Simulation(app_with(renews, entities=(sleeper,)), findings="error") as sim:
        assert sim.start("renews").result() == "done"
        (discarded,) = [item for item in sim.trace if isinstance(item, MessageDiscarded)]
        assert discarded.why == "it is for an earlier generation"


def test_an_answer_after_continue_as_new_is_carried_over() -> None:
    """An open timer holds the old generation, which hands the answer on: no WF102 for that."""

    def held(context: Context) -> Steps:
        if context.get_input() == "again":
            return "done"
            yield
        call = context.call_entity(SLOW, "sleep", 10)
        context.signal_entity(SLOW, "sleep", 0)
        timer = context.create_timer(context.current_utc_datetime + timedelta(minutes=1))
        yield context.task_any([call, timer, context.call_activity("say", 1)])
        context.continue_as_new("again")

    with Simulation(app_with(held, entities=(sleeper,)), findings="ignore") as sim:
        run = sim.start("held")
        assert run.result() == "done"
        assert run.history.short == "OS ES EVR OC EC0 OC"
    assert {item.code for item in sim.findings} == {"WF103"}  # of the timer, as it should


def test_ids_drift_when_a_timer_is_cancelled_after_a_call() -> None:
    """The call's id changes on replay, so the host waits for ever: WF113 names the entity (2.9)."""

    def drifts(context: Context) -> Steps:
        timer = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
        yield context.task_any([context.wait_for_external_event("go"), timer])
        yield context.call_entity(COUNTER, "get")
        timer.cancel()
        yield context.call_activity("say", 1)

    with Simulation(app_with(drifts)) as sim:
        run = sim.start("drifts", instance_id="d")
        sim.at("10m", run.raise_event, "go")
        sim.advance("2h")
        assert run.status == "Running"
        with pytest.raises(FindingError, match=r"WF113 .* for '@counter@k'.*cancelled only after"):
            sim.close()


def test_no_drift_when_the_timer_is_cancelled_first() -> None:
    """With the cancel before the call, each replay makes the same id."""

    def steady(context: Context) -> Steps:
        timer = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
        yield context.task_any([context.wait_for_external_event("go"), timer])
        timer.cancel()
        yield context.call_entity(COUNTER, "get")
        return (yield context.call_activity("say", 1))

    with Simulation(app_with(steady)) as sim:
        run = sim.start("steady")
        sim.at("10m", run.raise_event, "go")
        assert run.result() == 1


def test_calls_at_once_are_answered_each_with_its_own() -> None:
    """task_all over many entities gives results in the order of the calls."""

    def fans_out(context: Context) -> Steps:
        entities = [df.EntityId("counter", str(number)) for number in range(5)]
        for number, entity in enumerate(entities):
            context.signal_entity(entity, "add", number)
        return (yield context.task_all([context.call_entity(item, "get") for item in entities]))

    with Simulation(app_with(fans_out)) as sim:
        assert sim.start("fans_out").result() == [0, 1, 2, 3, 4]
        assert len(sim.entities) == 5


def test_children_call_in_their_own_name() -> None:
    """A sub-orchestration's request carries its own id, and the answer finds it."""

    def parent(context: Context) -> Steps:
        return (yield context.call_sub_orchestrator("order", None, "child-1"))

    with Simulation(app_with(parent, order)) as sim:
        assert sim.start("parent").result() == [5, "Exception", ["boom"]]
        assert {item["parent"] for item in requests(sim, "child-1")} == {"child-1"}
        assert {item.caller for item in sim.trace if isinstance(item, EntityRequested)} == {
            "child-1"
        }


def unknown_call(context: Context) -> Steps:
    yield context.call_entity(df.EntityId("countr", "k"), "get")


def unknown_signal(context: Context) -> Steps:
    context.signal_entity(df.EntityId("countr", "k"), "add", 1)
    yield context.call_activity("say", 1)


@pytest.mark.parametrize(
    ("code", "status", "history"),
    [(unknown_call, "Running", "OS ES OC"), (unknown_signal, "Failed", "OS ES EC0 OC")],
)
def test_unknown_entities(code: Any, status: str, history: str) -> None:
    """A signal fails the orchestrator, a call hangs; both are WF107 with the nearest name."""
    with Simulation(app_with(code), findings="ignore") as sim:
        run = sim.start(code.__name__)
        sim.advance("1d")
        assert (run.status, run.history.short) == (status, history)
    with Simulation(app_with(code)) as sim:
        sim.start(code.__name__)
        with pytest.raises(FindingError, match=r"WF107 .*'countr'.*Did you mean 'counter'"):
            sim.run_until_idle()
        (finding,) = sim.findings
        assert finding.place is not None
        assert finding.place.near.endswith("test_callers.py")

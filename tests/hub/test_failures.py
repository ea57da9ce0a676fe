"""Failures, as the host words them (semantics 1.5, 5)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.apps import Context, Steps, app_of, list_of
from wfsim import FindingError, OrchestrationFailed, Simulation
from wfsim.history import TaskFailed


def calling(context: Context) -> Steps:
    return (yield context.call_activity(context.get_input(), "x"))


def catching(context: Context) -> Steps:
    try:
        yield context.call_activity(context.get_input(), "x")
    except Exception as error:
        return [type(error).__name__, str(error)]


def test_reason_of_a_failed_activity_has_two_spaces() -> None:
    """The host cuts the text behind `Exception:` and keeps the space that follows it."""
    with Simulation(app_of(calling)) as sim:
        run = sim.start("calling", input="boom")
        sim.run_until_idle()
        failed = run.history[5]
        assert isinstance(failed, TaskFailed)
        assert failed.reason == "Activity function 'boom' failed:  ValueError: boom x"


def test_details_of_a_failed_activity_are_the_json_of_a_dotnet_exception() -> None:
    """Users parse its message, and find the remote stack inside."""
    with Simulation(app_of(calling)) as sim:
        run = sim.start("calling", input="boom")
        sim.run_until_idle()
        failed = run.history[5]
        assert isinstance(failed, TaskFailed)
        details = json.loads(failed.details or "")
        assert details["$type"] == "System.Exception, System.Private.CoreLib"
        assert details["Message"] == " ValueError: boom x"
        inner = details["InnerException"]
        assert inner["RemoteMessage"] == "ValueError: boom x"
        assert inner["RemoteStackTrace"].startswith('  File "/home/site/wwwroot/')
        assert inner["Message"].startswith("Result: Failure\nException: ValueError: boom x\nStack:")


def test_the_code_sees_reason_and_details_joined_by_space_newline_space() -> None:
    """Whatever the activity raised, the orchestrator gets a plain Exception."""
    with Simulation(app_of(catching)) as sim:
        name, text = list_of(sim.start("catching", input="boom").result())
        reason, details = text.split(" \n ", 1)
        assert name == "Exception"
        assert reason == "Activity function 'boom' failed:  ValueError: boom x"
        assert json.loads(text.split("\n")[1])["Message"] == " ValueError: boom x"
        assert json.loads(details)["ClassName"] == "System.Exception"


def test_reason_names_the_activity_as_it_was_called() -> None:
    """Lookups ignore case, and the text has the orchestrator's spelling."""
    with Simulation(app_of(calling)) as sim:
        run = sim.start("calling", input="BOOM")
        sim.run_until_idle()
        assert "Activity function 'BOOM' failed:  ValueError" in str(run.failure)


def test_an_unhandled_failure_prefixes_the_orchestrator() -> None:
    """The output is text, with the reason and the details of the activity."""
    with Simulation(app_of(calling)) as sim:
        run = sim.start("calling", input="boom")
        with pytest.raises(OrchestrationFailed) as caught:
            run.result()
        assert isinstance(caught.value.__cause__, ValueError)
        assert str(run.output).startswith(
            "Orchestrator function 'calling' failed: "
            "Activity function 'boom' failed:  ValueError: boom x \n {"
        )
        assert run.history.short == "OS ES TS0 OC · OS TF0 EC1 OC"


@pytest.mark.parametrize(
    ("error", "text"), [(ValueError("why"), "why"), (ValueError(), "<class 'ValueError'>")]
)
def test_an_orchestrator_that_raises_fails_with_the_text_of_its_exception(
    error: Exception, text: str
) -> None:
    """An exception without text is shown by its class."""

    def raising(context: Context) -> Steps:
        yield context.call_activity("say", 1)
        raise error

    with Simulation(app_of(raising)) as sim:
        run = sim.start("raising")
        sim.run_until_idle()
        assert run.output == f"Orchestrator function 'raising' failed: {text}"
        assert run.history.short == "OS ES TS0 OC · OS TC0 EC1 OC"


def test_a_caught_failure_leaves_no_trace() -> None:
    """An instance that swallows a failure completes."""
    with Simulation(app_of(catching)) as sim:
        run = sim.start("catching", input="boom")
        run.result()
        assert (run.status, run.failure) == ("Completed", None)


@pytest.mark.parametrize(
    ("value", "kind"), [(datetime(2020, 1, 1, tzinfo=UTC), "datetime"), (object(), "object")]
)
def test_output_that_is_not_json_fails_the_instance(value: Any, kind: str) -> None:
    """The SDK probes the output with json.dumps and turns it into a failure."""

    def odd(context: Context) -> Steps:
        yield context.call_activity("say", 1)
        return value

    with Simulation(app_of(odd), findings="ignore") as sim:
        run = sim.start("odd")
        sim.run_until_idle()
        assert run.output == (
            f"Orchestrator function 'odd' failed: Object of type {kind} is not JSON serializable"
        )
    with Simulation(app_of(odd)) as sim:
        sim.start("odd")
        with pytest.raises(FindingError, match="WF112"):
            sim.run_until_idle()


def test_an_activity_result_that_is_not_json_fails_the_activity() -> None:
    """The worker's converter raises in the activity's place."""

    def odd(value: str) -> object:
        return {1, 2}

    with Simulation(app_of(calling, odd)) as sim:
        run = sim.start("calling", input="odd")
        sim.run_until_idle()
        assert str(run.failure).startswith(
            "Orchestrator function 'calling' failed: Activity function 'odd' failed:  "
            "ValueError: activity trigger output must be json serializable ({1, 2})"
        )


@pytest.mark.parametrize("value", [5, "x", [1]])
def test_yielding_no_task_in_the_first_episode_fails_with_the_sdks_own_error(value: Any) -> None:
    """The SDK breaks without handing actions back, and the host wraps what it says."""

    def odd(context: Context) -> Steps:
        yield value

    with Simulation(app_of(odd), findings="ignore") as sim:
        run = sim.start("odd")
        sim.run_until_idle()
        assert str(run.failure).startswith(
            "Orchestrator function 'odd' failed: One or more errors occurred. "
            "(Result: Failure\nException: "
        )
        assert run.history.short == "OS ES EC0 OC"


def test_yielding_none_in_the_first_episode_hangs_the_instance() -> None:
    """The SDK answers as if it waited, and nothing can resolve None."""

    def odd(context: Context) -> Steps:
        yield None

    with Simulation(app_of(odd), findings="ignore") as sim:
        run = sim.start("odd")
        sim.advance("1d")
        assert (run.history.short, run.status) == ("OS ES OC", "Running")
    with Simulation(app_of(odd)) as sim:
        sim.start("odd")
        with pytest.raises(FindingError, match=r"WF115.*yielded a NoneType"):
            sim.run_until_idle()


def test_yielding_what_continue_as_new_returns_does_no_harm() -> None:
    """It returns None, but the generation has ended by then."""

    def again(context: Context) -> Steps:
        yield context.call_activity("say", 1)
        if context.get_input() is None:
            yield context.continue_as_new("second")
        return "done"

    with Simulation(app_of(again)) as sim:
        assert sim.start("again").result() == "done"


@pytest.mark.parametrize("wrap", [list, tuple, lambda tasks: 5])
def test_yielding_no_task_later_looks_like_non_determinism(wrap: Any) -> None:
    """Without actions the host misses the recorded decision, and that text replaces the error."""

    def odd(context: Context) -> Steps:
        yield context.call_activity("say", 1)
        yield wrap([context.call_activity("say", 2)])

    with Simulation(app_of(odd), findings="ignore") as sim:
        run = sim.start("odd")
        sim.run_until_idle()
        assert run.failure == (
            "Non-Deterministic workflow detected: A previous execution of this orchestration "
            "scheduled an activity task with sequence ID 0 and name 'say' (version ''), but the "
            "current replay execution hasn't (yet?) scheduled this task. Was a change made to the "
            "orchestrator code after this instance had already started running?"
        )
        assert run.history.short == "OS ES TS0 OC · OS TC0 EC0 OC"
    with Simulation(app_of(odd)) as sim:
        sim.start("odd")
        with pytest.raises(FindingError, match="WF115"):
            sim.run_until_idle()


@pytest.mark.parametrize("method", ["call_activity", "call_sub_orchestrator"])
def test_an_unknown_function_hangs_the_instance(method: str) -> None:
    """The host swallows its own exception, so nothing is written and nothing ends."""

    def lost(context: Context) -> Steps:
        yield getattr(context, method)("sya", 1)

    with Simulation(app_of(lost), findings="ignore") as sim:
        run = sim.start("lost")
        sim.advance("365d")
        assert (run.history.short, run.status) == ("OS ES OC", "Running")
    with Simulation(app_of(lost)) as sim:
        sim.start("lost")
        with pytest.raises(FindingError, match=r"sya.*Did you mean|sya.*Known: 'lost'"):
            sim.run_until_idle()

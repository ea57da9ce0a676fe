"""What is read off the SDK's executor is what the host would read from its JSON text."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import azure.durable_functions as df
import pytest
from azure.durable_functions.models.TaskOrchestrationExecutor import TaskOrchestrationExecutor

from tests.apps import Context, Steps
from tests.worker.test_sdk_contract import body
from wfsim.workers.azure_functions.answers._sdk import (
    answer_of,
    new_executor,
    orchestrator_of,
)
from wfsim.workers.azure_functions.given._sdk import read_context
from wfsim.workers.azure_functions.observing._sdk import Observation
from wfsim.workers.azure_functions.reply import Reply, from_error, from_text

pytestmark = pytest.mark.filterwarnings("ignore:azure.functions")
RETRY = df.RetryOptions(1_000, 3)


class Point:
    """Something of the user's that JSON can hold."""

    def __init__(self, x: int) -> None:
        self.x = x

    @staticmethod
    def to_json(point: Point) -> dict[str, int]:
        """Write it."""
        return {"x": point.x}


def later(context: Context, days: float) -> Any:
    """Return an instant."""
    return context.current_utc_datetime + timedelta(days=days)


TASKS: dict[str, Callable[[Context], Any]] = {
    "activity": lambda c: c.call_activity("say", [1, {"a": (1, 2)}]),
    "activity with an object": lambda c: c.call_activity("say", Point(3)),
    "retries": lambda c: c.call_activity_with_retry("say", RETRY, None),
    "child": lambda c: c.call_sub_orchestrator("steps", {"a": 1}, "id"),
    "child with retries": lambda c: c.call_sub_orchestrator_with_retry("steps", RETRY, 1),
    "entity": lambda c: c.call_entity(df.EntityId("counter", "a"), "add", 1),
    "http": lambda c: c.call_http("POST", "https://e.org/", {"a": 1}, {"b": "c"}),
    "timer": lambda c: c.create_timer(later(c, 1)),
    "long timer": lambda c: c.create_timer(later(c, 30)),
    "event": lambda c: c.wait_for_external_event("go"),
    "all": lambda c: c.task_all([c.call_activity("say", n) for n in range(3)]),
    "any of all": lambda c: c.task_any(
        [c.task_all([c.create_timer(later(c, 1))]), c.call_activity("say", "x")]
    ),
    "nothing at all": lambda c: c.task_all([]),
}


def both(code: Callable[[Context], Any]) -> tuple[Reply, Reply]:
    """Return the answer as it is read off the executor, and as the host reads it."""

    def handled() -> Reply:
        try:
            return from_text(df.Orchestrator.create(code)(body()))
        except Exception as error:
            return from_error(error)

    def read_off() -> Reply:
        executor, context = new_executor(), read_context(body())
        context._wfsim_seen = Observation()
        try:
            orchestrator_of(code, executor).handle(context)
            return answer_of(executor, context)
        except Exception as error:
            return from_error(error)

    return read_off(), handled()


def same(one: Reply, other: Reply) -> bool:
    """Whether two answers are equal; of exceptions, the type and the text count."""
    fields = ("actions", "is_done", "output", "custom_status", "schema", "error", "is_labelled")
    return all(getattr(one, name) == getattr(other, name) for name in fields) and (
        repr(one.exception) == repr(other.exception)
    )


@pytest.mark.parametrize("name", TASKS)
def test_each_kind_of_task_is_told_as_on_the_wire(name: str) -> None:
    """Names, numbers, texts, parts and whatever JSON changes come out the same."""

    def code(context: Context) -> Steps:
        yield TASKS[name](context)

    one, other = both(code)
    assert one == other
    assert json.dumps(one.actions) == json.dumps(other.actions)


def _status(context: Context) -> Steps:
    context.set_custom_status({"step": (1, 2)})
    yield context.call_activity("say", 1)


def _done(_context: Context) -> Steps:
    return {"a": (1, 2)}
    yield


def _failed(context: Context) -> Steps:
    context.call_activity("say", 1)
    raise KeyError("mine")
    yield


def _not_json(_context: Context) -> Steps:
    return object()
    yield


def _again(context: Context) -> Steps:
    yield context.continue_as_new([1])


def _signal(context: Context) -> Steps:
    context.signal_entity(df.EntityId("counter", "a"), "add", 1)
    yield context.wait_for_external_event("go")


def _plain(_context: Context) -> Any:
    return 5


def _raises(_context: Context) -> Any:
    raise ValueError("at once")


def _no_task(context: Context) -> Steps:
    yield [context.call_activity("say", 1)]


@pytest.mark.parametrize(
    "code", [_status, _done, _failed, _not_json, _again, _signal, _plain, _raises, _no_task]
)
def test_each_end_is_told_as_on_the_wire(code: Any) -> None:
    """Status, output, errors and continuing anew come out the same, raised or told."""
    one, other = both(code)
    assert same(one, other), (one, other)


def test_an_executor_is_as_its_constructor_makes_it() -> None:
    """`new_executor` sets all that the constructor sets, and shares only what never changes."""
    real, made = TaskOrchestrationExecutor(), new_executor(TaskOrchestrationExecutor)
    assert vars(made).keys() == vars(real).keys()
    for name in ("event_to_SetTaskValuePayload", "task_completion_events"):
        assert vars(made)[name] == vars(real)[name]
    assert made.current_task is not new_executor(TaskOrchestrationExecutor).current_task

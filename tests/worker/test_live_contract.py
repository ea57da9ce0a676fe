"""What the fast lane leans on inside `azure-functions-durable`.

When a test here fails, a release has moved something that the `_sdk.py` in live or observing, both
in wfsim/workers/azure_functions, must follow.
"""

from __future__ import annotations

import functools
import json
from typing import Any

import azure.durable_functions as df
import pytest
from azure.durable_functions.models.Task import TaskBase

from tests.apps import Context, Steps, app_of
from tests.worker.test_sdk_contract import STARTED, body
from wfsim import Simulation
from wfsim.workers.azure_functions.live._sdk import KeptOrchestrator, is_plain
from wfsim.workers.azure_functions.observing import _sdk as observing

pytestmark = pytest.mark.filterwarnings("ignore:azure.functions")


def event(kind: int, **fields: Any) -> object:
    """Return one of the SDK's events."""
    common = {"EventId": -1, "IsPlayed": False, "Timestamp": STARTED}
    return observing.history_event(common | {"EventType": kind} | fields)


def completed(number: int, result: object) -> list[object]:
    """Return the events of an episode in which an activity has completed."""
    return [event(12), event(5, TaskScheduledId=number, Result=json.dumps(result))]


def kept(code: Any) -> tuple[KeptOrchestrator, dict[str, Any]]:
    """Return an orchestrator after its first episode, and what it has answered."""
    handle = df.Orchestrator.create(code)
    orchestrator = KeptOrchestrator(
        handle, code, observing.read_context(body()), observing.Observation()
    )
    return orchestrator, json.loads(orchestrator.open())


def add(context: Context) -> Steps:
    """Call two activities, and return the sum."""
    one = yield context.call_activity("one", None)
    two = yield context.call_activity("two", one)
    return one + two


def test_an_executor_goes_on_with_what_is_new() -> None:
    """Fed event by event it answers the new actions, and in the end the output."""
    orchestrator, first = kept(add)
    assert [action["functionName"] for action in first["actions"][0]] == ["one"]
    second = json.loads(orchestrator.feed(completed(0, 1)))
    assert [action["functionName"] for action in second["actions"][0]] == ["two"]
    last = json.loads(orchestrator.feed(completed(1, 2)))
    assert (last["isDone"], last["output"], last["actions"]) == (True, 3, [[]])
    whole = json.loads(orchestrator.whole())
    assert [action["functionName"] for action in whole["actions"][0]] == ["one", "two"]


def test_what_was_completed_before_counts_as_played() -> None:
    """A task that an earlier episode has completed shows is_replaying when it is yielded."""
    flags: list[bool] = []

    def late(context: Context) -> Steps:
        first = context.call_activity("one", None)
        second = context.call_activity("two", None)
        yield context.task_any([first, second])
        yield second
        yield first
        flags.append(context._is_replaying)

    orchestrator, _ = kept(late)
    orchestrator.feed(completed(0, 1))
    orchestrator.feed(completed(1, 2))
    assert flags == [True]


def test_a_timer_that_is_cancelled_later_is_seen() -> None:
    """An action that was told as open and is cancelled makes the whole answer another."""

    def race(context: Context) -> Steps:
        timer = context.create_timer(context.current_utc_datetime)
        yield context.task_any([context.call_activity("one", None), timer])
        timer.cancel()
        yield context.call_activity("two", None)

    orchestrator, _ = kept(race)
    assert not orchestrator.is_rewritten()
    orchestrator.feed(completed(0, 1))
    assert orchestrator.is_rewritten()
    assert not orchestrator.is_rewritten()
    timer = json.loads(orchestrator.whole())["actions"][0][0]["compoundActions"][1]
    assert timer["isCanceled"]


def test_a_copied_context_is_what_reading_again_makes() -> None:
    """The copy of an unused context shares nothing with it that changes."""
    unused = observing.read_context(body().replace('"isReplaying": false', '"isReplaying": true'))
    events = list(unused._histories)
    copy = observing.another_context(unused, events)
    again = observing.read_context(body().replace('"isReplaying": false', '"isReplaying": true'))
    assert vars(copy).keys() == vars(again).keys()
    for name, value in vars(again).items():
        assert type(vars(copy)[name]) is type(value), name
        if isinstance(value, list | dict | set) and name != "_histories":
            assert vars(copy)[name] == value
            assert vars(copy)[name] is not vars(unused)[name]


def test_only_the_handle_that_the_sdk_makes_is_plain() -> None:
    """Whoever wraps the handle sees every call of it, so the fast lane is not for them."""
    handle = df.Orchestrator.create(add)
    assert is_plain(handle)
    assert not is_plain(functools.wraps(handle)(lambda context: [handle(context)]))
    assert not is_plain(add)


def test_tasks_have_what_marks_them() -> None:
    """Tasks know their parents, whether they are completed, and take the mark."""
    task = TaskBase(1, [])
    assert task.parent is None
    assert task.is_completed is False
    task.set_is_played(True)
    assert task.is_played is True


def test_middleware_sees_each_episode() -> None:
    """A handle that the user has wrapped is called once per episode and once per replay."""
    calls: list[int] = []

    def steps(context: Context) -> Steps:
        for number in range(3):
            yield context.call_activity("say", number)

    app = app_of(steps)
    for builder in app._function_builders:
        function = builder._function
        if function._name == "steps":
            handle = function._func

            def wrapped(context: Any, handle: Any = handle) -> Any:
                calls.append(1)
                return handle(context)

            wrapped.orchestrator_function = handle.orchestrator_function  # type: ignore[attr-defined]
            function._func = wrapped
    with Simulation(app, guard="off") as sim:
        sim.start("steps").result()
    assert len(calls) == 4

"""What the fast lane leans on inside `azure-functions-durable`.

When a test here fails, a release has moved something that the `_sdk.py` in live or observing, both
in wfsim/workers/azure_functions, must follow.
"""

from __future__ import annotations

import functools
import json
import re
from datetime import datetime
from typing import Any

import azure.durable_functions as df
import pytest
from azure.durable_functions.models.history import HistoryEvent as SdkEvent
from azure.durable_functions.models.Task import TaskBase

from tests.apps import Context, Steps, app_of, through_middleware
from tests.worker.test_sdk_contract import STARTED, body
from wfsim import Simulation
from wfsim.clock import to_us
from wfsim.history import HistoryEvent
from wfsim.workers.azure_functions.given._sdk import history_event, read_context
from wfsim.workers.azure_functions.live._sdk import KeptOrchestrator, is_plain
from wfsim.workers.azure_functions.observing._sdk import Observation
from wfsim.workers.azure_functions.prepared import UNHEARD
from wfsim.workers.azure_functions.reply import Reply

STARTED_US = to_us(datetime.fromisoformat(STARTED))

pytestmark = pytest.mark.filterwarnings("ignore:azure.functions")


def event(kind: int, **fields: Any) -> object:
    """Return one of the SDK's events."""
    return history_event(kind, -1, STARTED_US, fields, is_played=False)


def completed(number: int, result: object) -> list[object]:
    """Return the events of an episode in which an activity has completed."""
    return [event(12), event(5, TaskScheduledId=number, Result=json.dumps(result))]


def kept(code: Any, *, is_marked: bool = True) -> tuple[KeptOrchestrator, Reply]:
    """Return an orchestrator after its first episode, and what it has answered."""
    handle = df.Orchestrator.create(code)
    orchestrator = KeptOrchestrator(
        handle, code, read_context(body()), Observation(), is_marked=is_marked
    )
    return orchestrator, orchestrator.open()


def inside(state: dict[str, Any]) -> dict[str, str]:
    """Return what objects hold, as text in which no address stands."""
    return {
        name: re.sub(" at 0x[0-9a-f]+", "", repr(shown(value))) for name, value in state.items()
    }


def shown(value: Any) -> Any:
    """Return a value with the insides of tasks and events."""
    if isinstance(value, list | tuple):
        return [shown(item) for item in value]
    if isinstance(value, dict):
        return {name: shown(item) for name, item in value.items()}
    if isinstance(value, TaskBase | SdkEvent):
        return {name: shown(item) for name, item in vars(value).items() if name != "parent"}
    return value


def named(reply: Reply) -> list[str]:
    """Return which activities an answer calls."""
    return [action["functionName"] for action in reply.actions]


def add(context: Context) -> Steps:
    """Call two activities, and return the sum."""
    one = yield context.call_activity("one", None)
    two = yield context.call_activity("two", one)
    return one + two


def test_an_executor_goes_on_with_what_is_new() -> None:
    """Fed event by event it answers the new actions, and in the end the output."""
    orchestrator, first = kept(add)
    assert named(first) == ["one"]
    assert named(orchestrator.feed(completed(0, 1), [])) == ["two"]
    last = orchestrator.feed(completed(1, 2), [])
    assert (last.is_done, last.output, last.actions) == (True, "3", [])
    assert named(orchestrator.whole()) == ["one", "two"]


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
    orchestrator.feed(completed(0, 1), [])
    orchestrator.feed(completed(1, 2), [])
    assert flags == [True]


def test_what_was_not_marked_is_marked_from_then_on() -> None:
    """An executor that nobody asked whether it replays tells so once somebody may ask."""
    flags: list[bool] = []

    def late(context: Context) -> Steps:
        first = context.call_activity("one", None)
        second = context.call_activity("two", None)
        yield context.task_any([first, second])
        yield context.call_activity("three", None)
        flags.append(context._is_replaying)
        yield second
        flags.append(context._is_replaying)

    orchestrator, _ = kept(late, is_marked=False)
    orchestrator.feed(completed(0, 1), [])
    orchestrator.feed(completed(1, 2), [])
    orchestrator.start_marking(orchestrator._context._histories)
    orchestrator.feed(completed(2, 3), [])
    assert flags == [False, True]


@pytest.mark.parametrize("kind", sorted(UNHEARD, key=str))
def test_what_need_not_be_told_changes_nothing(kind: type[HistoryEvent]) -> None:
    """Events that are left out leave the executor, its context and its tasks as they were."""
    orchestrator, _ = kept(add)
    executor, context = orchestrator._executor, orchestrator._context
    before = inside(vars(executor)), inside(vars(context))
    executor.process_event(event(kind.type, TaskScheduledId=0))
    assert (inside(vars(executor)), inside(vars(context))) == before
    assert named(orchestrator.feed([None, *completed(0, 1), None], [])) == ["two"]


def test_a_list_of_actions_grows_in_place_where_nothing_else_is_told() -> None:
    """The list of what was told is the answer's own, with what is new behind it."""
    orchestrator, first = kept(add)
    told = first.actions
    answer = orchestrator.feed(completed(0, 1), told)
    assert answer.actions is told
    assert named(answer) == ["one", "two"]


def test_a_timer_that_is_cancelled_later_is_seen() -> None:
    """An action that was told as open and is cancelled makes the whole answer another."""

    def race(context: Context) -> Steps:
        timer = context.create_timer(context.current_utc_datetime)
        yield context.task_any([context.call_activity("one", None), timer])
        timer.cancel()
        yield context.call_activity("two", None)

    orchestrator, _ = kept(race)
    assert not orchestrator.is_rewritten()
    orchestrator.feed(completed(0, 1), [])
    assert orchestrator.is_rewritten()
    assert not orchestrator.is_rewritten()
    timer = orchestrator.whole().actions[0]["compoundActions"][1]
    assert timer["isCanceled"]


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

    app = through_middleware(app_of(steps), "steps", lambda: calls.append(1))
    with Simulation(app, guard="off") as sim:
        sim.start("steps").result()
    assert len(calls) == 4

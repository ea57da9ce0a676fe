"""Random orchestrations as data, and the one orchestrator that runs them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import azure.durable_functions as df
from hypothesis import strategies as st

from tests.apps import Context, Steps

__all__ = ["EVENTS", "PROGRAMS", "later", "program"]

EVENTS = ("red", "green")

_VALUES = st.integers(0, 3)
_TASKS: st.SearchStrategy[Any] = st.deferred(
    lambda: st.one_of(
        st.tuples(st.just("say"), _VALUES),
        st.tuples(st.just("boom"), _VALUES),
        st.tuples(st.just("nap"), st.integers(0, 30)),
        st.tuples(st.just("timer"), st.integers(-1, 60)),
        st.tuples(st.just("long timer"), st.integers(5, 20)),
        st.tuples(st.just("wait"), st.sampled_from(EVENTS)),
        st.tuples(st.just("retry"), st.sampled_from(["say", "boom"]), st.integers(1, 3)),
        st.tuples(st.just("child"), _PROGRAM),
        st.tuples(st.just("child with retry"), _PROGRAM, st.integers(1, 2)),
        st.tuples(st.sampled_from(["all", "any"]), st.lists(_TASKS, max_size=3)),
    )
)
_STEPS = st.one_of(
    st.tuples(st.just("do"), _TASKS),
    st.tuples(st.just("race"), st.lists(_TASKS, min_size=1, max_size=3)),
    st.tuples(st.just("status"), st.integers(0, 2)),
    st.tuples(st.just("make"), _TASKS),
    st.just(("log",)),
)
_PROGRAM: st.SearchStrategy[Any] = st.lists(_STEPS, max_size=3)

PROGRAMS = st.fixed_dictionaries(
    {
        "steps": st.lists(_STEPS, max_size=5),
        "generations": st.integers(0, 2),
        "fails": st.booleans(),
    }
)


def program(context: Context) -> Steps:
    """Do what the input says, and return what came of it."""
    plan = context.get_input()
    if isinstance(plan, list):
        plan = {"steps": plan, "generations": 0, "fails": False}
    results: list[Any] = []
    for step in plan["steps"]:
        try:
            results.append((yield from _step(context, step)))
        except Exception as error:
            results.append(str(error)[:60])
    if plan["generations"] > 0:
        context.continue_as_new(plan | {"generations": plan["generations"] - 1})
        return None
    if plan["fails"]:
        raise ValueError("the program says so")
    return results


def later(context: Context, **parts: float) -> datetime:
    """Return a time after the orchestrator's own."""
    now: datetime = context.current_utc_datetime
    return now + timedelta(**parts)


def _step(context: Context, step: list[Any]) -> Steps:
    match step:
        case ["do", task]:
            return (yield _task(context, task))
        case ["race", tasks]:
            made = [_task(context, task) for task in tasks]
            winner = yield context.task_any(made)
            for task in made:
                if task is not winner and hasattr(task, "cancel") and not task.is_completed:
                    task.cancel()
            return made.index(winner)
        case ["status", number]:
            context.set_custom_status(number)
        case ["make", task]:
            _task(context, task)
        case _:
            return [context.new_uuid(), context.current_utc_datetime.isoformat()]
    return None


def _task(context: Context, task: list[Any]) -> Any:
    now = context.current_utc_datetime
    match task:
        case ["timer", seconds]:
            return context.create_timer(now + timedelta(seconds=seconds))
        case ["long timer", days]:
            return context.create_timer(now + timedelta(days=days))
        case ["wait", name]:
            return context.wait_for_external_event(name)
        case ["retry", name, attempts]:
            return context.call_activity_with_retry(name, df.RetryOptions(1_000, attempts), 1)
        case ["child", steps]:
            return context.call_sub_orchestrator("program", steps)
        case ["child with retry", steps, attempts]:
            retry = df.RetryOptions(1_000, attempts)
            return context.call_sub_orchestrator_with_retry("program", retry, steps)
        case ["all", tasks]:
            return context.task_all([_task(context, item) for item in tasks])
        case ["any", tasks]:
            return context.task_any([_task(context, item) for item in tasks])
        case [name, value]:
            return context.call_activity(name, value)
        case _:
            raise AssertionError(task)

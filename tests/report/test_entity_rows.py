"""Entities and functions in the timeline, exactly as they are read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import azure.durable_functions as df

from tests.apps import Context, Steps
from tests.entities.counters import COUNTER, app_with, sleeper
from wfsim import Simulation
from wfsim.report import render_timeline
from wfsim.trace import FunctionFinished, FunctionStarted, Trace


def order(context: Context) -> Steps:
    context.signal_entity(COUNTER, "add", 5)
    total = yield context.call_entity(COUNTER, "get")
    try:
        yield context.call_entity(COUNTER, "boom")
    except Exception:
        return total


def text(sim: Simulation) -> str:
    return f"\n{sim.timeline(width=76)}\n"


def test_requests_results_and_states() -> None:
    """An entity's lines say who asked for what, what came of it, and the state it led to."""
    with Simulation(app_with(order)) as sim:
        sim.start("order", instance_id="order-1").result()
        counter = sim.entity("counter", "k")
        counter.signal("add", 1)
        sim.run_until_idle()
        counter.call("delete")
        assert (
            text(sim)
            == """
T+0s  order-1   ▶   order
      counter@k │ ✉ add(5) from order-1
      counter@k │ ✉ get() from order-1
      counter@k │ · add
      counter@k │ · get  → 5
      counter@k │ … state  5
      order-1   ·   counter@k get()  → 5
      counter@k │ ✉ boom() from order-1
      counter@k │ ✗ boom failed: boom
      counter@k │ … state  99
      order-1   ✗   counter@k boom() failed: boom
      order-1   ■   Completed  5
      counter@k   ✉ add(1)
      counter@k   · add
      counter@k   … state  100
      counter@k   ✉ delete()
      counter@k   · delete
      counter@k   … deleted
"""
        )


def test_an_answer_that_comes_too_late() -> None:
    """A discarded answer is named by the call, not by its id."""

    def hurries(context: Context) -> Steps:
        call = context.call_entity(df.EntityId("sleeper", "k"), "sleep", 90)
        timer = context.create_timer(context.current_utc_datetime + timedelta(seconds=1))
        yield context.task_any([call, timer])

    with Simulation(app_with(hurries, entities=(sleeper,))) as sim:
        sim.start("hurries", instance_id="h").result()
        sim.advance("2m")
        assert [line.strip() for line in text(sim).splitlines()[-3:]] == [
            "sleeper@k   … state  [90]",
            "h         …   answer to sleeper@k sleep(90) discarded: the",
            "instance has ended",
        ]


def test_made_up_callers_are_cut() -> None:
    """The caller's id is shown as in its own column."""
    with Simulation(app_with(order)) as sim:
        run = sim.start("order")
        run.result()
        assert f"✉ add(5) from {run.instance_id[:6]}\n" in sim.timeline()


def test_long_and_strange_inputs() -> None:
    """Inputs are cut to 60 characters, and what steers a terminal is shown as an escape."""

    def keeper(context: Context) -> None:
        context.set_result("\u202e")

    with Simulation(app_with(entities=(keeper,))) as sim:
        entity = sim.entity("keeper", "\x1b[31m")
        entity.call("x\n", "y" * 80)
        first, second, third = sim.timeline().splitlines()
        assert first == f'T+0s  keeper@\\x1b[31m ✉ x\\n("{"y" * 58}…)'
        assert second == '      keeper@\\x1b[31m · x\\n  → "\\u202e"'
        assert third == "      keeper@\\x1b[31m … state  null"


def test_a_thousand_equal_signals_are_folded() -> None:
    """What repeats to the letter comes once, with a count."""
    with Simulation(app_with()) as sim:
        for _ in range(1000):
            sim.entity("counter", "k").signal("add", 1)
        sim.run_until_idle()
        assert [line.strip() for line in sim.timeline().splitlines()] == [
            "T+0s  counter@k ✉ add(1)",
            "⟳            │ the last line, 999 times more",
            "counter@k · add",
            "⟳            │ the last line, 999 times more",
            "counter@k … state  1000",
        ]


def function(name: str, trigger: str, given: str, **outcome: str | None) -> list[Any]:
    """Return the records of one call of a function that took a second."""
    ended = {"result": None, "failure": None} | outcome
    return [
        FunctionStarted(at_us=0, instance_id="5e1f", name=name, trigger=trigger, input=given),
        FunctionFinished(at_us=1_000_000, instance_id="5e1f", name=name, **ended),
    ]


def rendered(records: list[Any]) -> list[str]:
    trace = Trace(start_us=0)
    for record in records:
        trace.add(record)
    return render_timeline(trace).splitlines()


def test_functions_stand_under_their_names() -> None:
    """HTTP functions show method, path and status code; others their trigger and payload."""
    assert rendered(function("start_order", "httpTrigger", "POST /api/orders", result="202")) == [
        "T+0s  start_order ▶ POST /api/orders",
        "T+1s  start_order ■ 202",
    ]
    assert rendered(function("take", "queueTrigger", '{"id": 1}')) == [
        'T+0s  take ▶ queue  {"id": 1}',
        "T+1s  take ■ done",
    ]


def test_a_functions_failure_takes_one_line() -> None:
    """A function that raised says so, with its exception."""
    failed = function("take", "timerTrigger", "", failure="ValueError: no\n  such thing")
    assert rendered(failed)[1] == "T+1s  take ✗ failed: ValueError: no such thing"

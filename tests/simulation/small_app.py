"""A function app of many small orchestrators, each there to show one thing."""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta
from pathlib import Path
from typing import Any

import azure.durable_functions as df

Steps = Generator[Any, Any, Any]
Context = Any  # df.DurableOrchestrationContext; the SDK has no types for checkers

APPS = Path(__file__).parents[2] / "fixtures" / "apps"

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def echo(context: Context) -> Steps:
    """Return the input."""
    return context.get_input()
    yield


@app.orchestration_trigger(context_name="context")
def cents(context: Context) -> Steps:
    """Return the cents of a sum of money."""
    return context.get_input().cents
    yield


@app.orchestration_trigger(context_name="context")
def call_once(context: Context) -> Steps:
    """Return what the activity makes of the input."""
    context.set_custom_status({"step": 1})
    return (yield context.call_activity("work", context.get_input()))


@app.orchestration_trigger(context_name="context")
def call_thrice(context: Context) -> Steps:
    """Return the results of three calls, one after the other."""
    first = yield context.call_activity("work", 0)
    second = yield context.call_activity("work", 1)
    return [first, second, (yield context.call_activity("work", 2))]


@app.orchestration_trigger(context_name="context")
def wait(context: Context) -> Steps:
    """Return the payload of the event `go`."""
    return (yield context.wait_for_external_event("go"))


@app.orchestration_trigger(context_name="context")
def nap(context: Context) -> Steps:
    """Sleep for as many hours as the input says, then return the time."""
    hours = context.get_input()
    yield context.create_timer(context.current_utc_datetime + timedelta(hours=hours))
    return context.current_utc_datetime.isoformat()


@app.orchestration_trigger(context_name="context")
def wait_and_nap(context: Context) -> Steps:
    """Wait for an event, three hours and an activity at once."""
    event = context.wait_for_external_event("go")
    timer = context.create_timer(context.current_utc_datetime + timedelta(hours=3))
    yield context.task_any([event, timer, context.call_activity("slow", None)])
    timer.cancel()


@app.orchestration_trigger(context_name="context")
def boom(context: Context) -> Steps:
    """Fail with an error of its own."""
    raise LookupError("nothing there")
    yield


@app.orchestration_trigger(context_name="context")
def parent(context: Context) -> Steps:
    """Start one child for each entry of the input, with its name and input."""
    children = [context.call_sub_orchestrator(*entry) for entry in context.get_input()]
    return (yield context.task_all(children))


@app.orchestration_trigger(context_name="context")
def count_up(context: Context) -> Steps:
    """Count to three, an hour and a generation each."""
    number = context.get_input()
    if number == 3:
        return number
    yield context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    context.continue_as_new(number + 1)


@app.orchestration_trigger(context_name="context")
def spin(context: Context) -> Steps:
    """Never become idle."""
    yield context.create_timer(context.current_utc_datetime)
    context.continue_as_new(None)


@app.activity_trigger(input_name="number")
def work(number: Any) -> Any:
    """Return ten times the number."""
    return number * 10


@app.activity_trigger(input_name="nothing")
async def slow(nothing: None) -> str:
    """Take two hours."""
    import asyncio

    await asyncio.sleep(7_200)
    return "slow"

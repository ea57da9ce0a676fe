"""What the benchmark of exploring runs."""

from collections.abc import Generator
from datetime import timedelta
from typing import Any

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)

Steps = Generator[Any, Any, Any]


@app.orchestration_trigger(context_name="context")
def reviewed(context: df.DurableOrchestrationContext) -> Steps:
    """Do four things at once, and wait up to a day for a yes."""
    yield context.task_all([context.call_activity("double", number) for number in range(4)])
    deadline = context.create_timer(context.current_utc_datetime + timedelta(hours=24))
    approval = context.wait_for_external_event("approval")
    winner = yield context.task_any([deadline, approval])
    if winner is approval:
        deadline.cancel()
        return "approved"
    return "too late"


@app.orchestration_trigger(context_name="context")
def chain(context: df.DurableOrchestrationContext) -> Steps:
    """Do ten things, one after the other."""
    value = 1
    for _ in range(10):
        value = yield context.call_activity("double", value)
    return value


@app.orchestration_trigger(context_name="context")
def trip(context: df.DurableOrchestrationContext) -> Steps:
    """Book three things, and undo what was booked when one is not to be had."""
    booked: list[str] = []
    try:
        for what in ("flight", "hotel", "car"):
            yield context.call_activity("book", what)
            booked.append(what)
    except Exception:
        for what in reversed(booked):
            yield context.call_activity("cancel", what)
        return "undone"
    return "booked"


@app.activity_trigger(input_name="number")
def double(number: int) -> int:
    """Double a number."""
    return 2 * number


@app.activity_trigger(input_name="what")
def book(what: str) -> str:
    """Book something; there are no cars."""
    if what == "car":
        raise ValueError("no cars")
    return what


@app.activity_trigger(input_name="what")
def cancel(what: str) -> str:
    """Cancel what was booked."""
    return what

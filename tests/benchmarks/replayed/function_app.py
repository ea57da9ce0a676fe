"""Two activities, one after the other: a history of eleven events."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import azure.durable_functions as df

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def order(context: df.DurableOrchestrationContext) -> Generator[Any, Any, str]:
    """Reserve, then charge."""
    reserved = yield context.call_activity("reserve", {"id": 1})
    charged: str = yield context.call_activity("charge", {"of": reserved})
    return charged


@app.activity_trigger(input_name="item")
def reserve(item: Any) -> str:
    """Reserve an item."""
    return "reserved"


@app.activity_trigger(input_name="item")
def charge(item: Any) -> str:
    """Charge for it."""
    return "charged"

"""Apps whose activities run agents; their models are providers' clients that need a key."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

from agent_framework import (
    BaseChatClient,
    ChatMiddlewareLayer,
    FunctionInvocationLayer,
)
from agent_framework.observability import ChatTelemetryLayer

from tests.apps import Context, app_of
from wfsim import Simulation

__all__ = ["KeyedClient", "answer_of", "asking"]


class KeyedClient(
    FunctionInvocationLayer[Any],
    ChatMiddlewareLayer[Any],
    ChatTelemetryLayer[Any],
    BaseChatClient[Any],
):
    """A provider's client: no key, no client; and it must never be asked here."""

    def __init__(self, model: str = "large", **options: Any) -> None:
        super().__init__(**options)
        self.key = os.environ["WFSIM_NO_SUCH_KEY"]
        self.model = model

    def _inner_get_response(self, **_: Any) -> Any:
        raise AssertionError("the provider was asked")


def asking(work: Any) -> Simulation:
    """Return a simulation of an app whose orchestrator runs one activity, which awaits `work`."""

    async def ask(question: str) -> Any:
        return await work(question)

    def lead(context: Context) -> Generator[Any, Any, Any]:
        return (yield context.call_activity("ask", context.get_input()))

    return Simulation(app_of(lead, ask))


def answer_of(simulation: Simulation, question: str = "How much?") -> Any:
    """Return what the activity makes of a question."""
    return simulation.start("lead", input=question).result(timeout="1d")

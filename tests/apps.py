"""Small function apps for tests, made of plain functions, and a few activities they share."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Generator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import azure.durable_functions as df

__all__ = [
    "FIXTURE_APPS",
    "HAS_AGENTS",
    "Context",
    "Steps",
    "app_of",
    "boom",
    "fixture_app",
    "list_of",
    "nap",
    "say",
    "through_middleware",
]

Context = Any
"""The SDK's context, which is untyped."""
Steps = Generator[Any, Any, Any]

ROOT = Path(__file__).parents[1]
HAS_AGENTS = find_spec("agent_framework_azurefunctions") is not None
FIXTURE_APPS = sorted(
    path.parent.name
    for path in (ROOT / "fixtures" / "apps").glob("*/function_app.py")
    if path.parent.name not in {"bad", "broken"}
    and (HAS_AGENTS or not path.parent.name.startswith("agents_"))
)
"""All of them; those with agents need the extra `agents`."""


def fixture_app(name: str) -> Path:
    """Return the folder of one of the apps under fixtures/apps."""
    return ROOT / "fixtures" / "apps" / name


def app_of(*functions: Callable[..., Any]) -> Any:
    """Return an app: a function whose parameter is `context` is an orchestrator, others activities.

    The activities of this module are in every app.
    """
    app = df.DFApp()
    for function in (*functions, say, boom, nap):
        parameter = next(iter(inspect.signature(function).parameters))
        if parameter == "context":
            app.orchestration_trigger(context_name=parameter)(function)
        else:
            app.activity_trigger(input_name=parameter)(function)
    return app


def through_middleware(app: Any, name: str, note: Callable[[], object]) -> Any:
    """Return an app whose orchestrator is called through middleware that only notes it."""
    for builder in app._function_builders:
        function = builder._function
        if function._name == name:
            handle = function._func

            def wrapped(context: Any, handle: Any = handle) -> Any:
                note()
                return handle(context)

            wrapped.orchestrator_function = handle.orchestrator_function  # type: ignore[attr-defined]
            function._func = wrapped
    return app


def list_of(value: object) -> list[Any]:
    """Return a result that is a list, for the type checkers."""
    assert isinstance(value, list)
    return value


def say(value: Any) -> Any:
    return value


def boom(value: Any) -> Any:
    raise ValueError(f"boom {value}")


async def nap(seconds: float) -> float:
    await asyncio.sleep(seconds)
    return seconds

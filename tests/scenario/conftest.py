"""Scenarios of a small app, written as text and played in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.scenario.outside import OUTSIDE_APP
from wfsim.scenario import LoadedScenario, Outcome, load, play

SMALL_APP = """
import azure.durable_functions as df

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def echo(context):
    return (yield context.call_activity("say", context.get_input()))


@app.orchestration_trigger(context_name="context")
def retry(context):
    options = df.RetryOptions(60_000, 3)
    return (yield context.call_activity_with_retry("say", options, context.get_input()))


@app.orchestration_trigger(context_name="context")
def listen(context):
    heard = []
    for _ in range(context.get_input() or 1):
        heard.append((yield context.wait_for_external_event("go")))
    return heard


@app.orchestration_trigger(context_name="context")
def fail(context):
    context.set_custom_status({"about": "to fail"})
    raise ValueError("it went wrong")
    yield


@app.orchestration_trigger(context_name="context")
def generations(context):
    left = context.get_input()
    yield context.call_activity("say", left)
    yield context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    if left:
        context.continue_as_new(left - 1)


@app.activity_trigger(input_name="value")
def say(value):
    return value


from datetime import timedelta
"""

Write = Callable[[str], Path]
Load = Callable[[str], LoadedScenario]
Play = Callable[[str], Outcome]


@pytest.fixture
def written(tmp_path: Path) -> Write:
    """Writes a scenario of the small app; `app:` is put in front."""
    (tmp_path / "function_app.py").write_text(SMALL_APP, encoding="utf-8")

    def write(text: str) -> Path:
        path = tmp_path / "s.yaml"
        path.write_text(f"app: function_app.py\n{text}", encoding="utf-8")
        return path

    return write


@pytest.fixture
def loaded(written: Write) -> Load:
    """Loads a scenario of the small app."""
    return lambda text: load(written(text))


@pytest.fixture
def played(loaded: Load) -> Play:
    """Plays a scenario of the small app."""
    return lambda text: play(loaded(text))


@pytest.fixture
def outside(written: Write, tmp_path: Path) -> Play:
    """Plays a scenario of the app with functions that are reached from outside."""
    (tmp_path / "function_app.py").write_text(OUTSIDE_APP, encoding="utf-8")
    return lambda text: play(load(written(text)))

"""Activities with more parameters than their input."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import pytest

from tests.functions.conftest import OpenApp


@pytest.fixture
def app() -> df.DFApp:
    """An app whose orchestrator calls the activity "work" with 7."""
    app = df.DFApp()

    @app.orchestration_trigger(context_name="context")
    def main(context: Any) -> Generator[Any, Any, Any]:
        return (yield context.call_activity("work", 7))

    @app.orchestration_trigger(context_name="context")
    def other(context: Any) -> object:
        return context.get_input()

    return app


def test_an_activity_gets_a_client(app: df.DFApp, open_app: OpenApp) -> None:
    """An activity with a durable client starts an orchestration by it."""

    @app.activity_trigger(input_name="number")
    @app.durable_client_input(client_name="client")
    async def work(number: int, client: df.DurableOrchestrationClient) -> Any:
        return await client.start_new("other", client_input=number)

    sim = open_app(app)
    started = sim.start("main").result()
    assert sim.run(str(started)).result() == 7


def test_an_activity_gets_its_context(app: df.DFApp, open_app: OpenApp) -> None:
    """An activity with a parameter `context` is told its own name."""

    @app.activity_trigger(input_name="number")
    def work(number: int, context: func.Context) -> list[object]:
        return [number, context.function_name]

    assert open_app(app).start("main").result() == [7, "work"]


def test_an_input_may_be_called_context(app: df.DFApp, open_app: OpenApp) -> None:
    """The input of an activity stays its input, whatever the parameter's name."""

    @app.activity_trigger(input_name="context")
    def work(context: int) -> int:
        return context

    assert open_app(app).start("main").result() == 7


def test_an_activity_sets_outputs(app: df.DFApp, open_app: OpenApp) -> None:
    """An activity may put values into output bindings, and its result is its own."""

    @app.activity_trigger(input_name="number")
    @app.queue_output(arg_name="out", queue_name="q", connection="c")
    def work(number: int, out: func.Out[str]) -> int:
        out.set("queued")
        return number + len(out.get())

    assert open_app(app).start("main").result() == 13


def test_an_activity_cannot_read_from_outside(app: df.DFApp, open_app: OpenApp) -> None:
    """An activity with an input binding fails and says that it has to be stubbed."""

    @app.activity_trigger(input_name="number")
    @app.blob_input(arg_name="blob", path="a/b", connection="c")
    def work(number: int, blob: str) -> str:
        return blob * number

    sim = open_app(app)
    run = sim.start("main")
    sim.run_until_idle()
    assert run.failure is not None
    assert "'work' reads its parameter 'blob'" in run.failure
    assert "stub the activity" in run.failure
    sim.stub_activity("work", returns="stubbed")
    assert sim.start("main").result() == "stubbed"

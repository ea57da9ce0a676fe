"""`call_http` is an activity of the host; unknown entities are found (semantics 2.12, 7.4)."""

from __future__ import annotations

from typing import Any

import azure.durable_functions as df
import pytest

from tests.apps import Context, Steps, app_of
from wfsim import FindingError, OrchestrationFailed, Simulation, UsageError
from wfsim.history import TaskScheduled


def fetching(context: Context) -> Steps:
    return (yield context.call_http("POST", "https://example.org/api", {"a": 1}))


def test_call_http_is_an_activity_of_the_host() -> None:
    """It is scheduled under the host's name, and its stub sees the request."""
    with Simulation(app_of(fetching)) as sim:
        stub = sim.stub_activity("BuiltIn::HttpActivity", returns={"statusCode": 404})
        run = sim.start("fetching")
        assert run.result() == {"statusCode": 404}
        assert run.history.short == "OS ES TS0 OC · OS TC0 EC1 OC"
        scheduled = run.history[2]
        assert isinstance(scheduled, TaskScheduled)
        assert scheduled.name == "BuiltIn::HttpActivity"
        (request,) = stub.calls
        assert (request["method"], request["uri"]) == ("POST", "https://example.org/api")
        assert request["content"] == '{"a": 1}'


def test_call_http_hands_a_202_to_the_orchestrator() -> None:
    """There is no polling: the SDK never asks for it."""
    accepted = {"statusCode": 202, "headers": {"Location": "https://example.org/op/1"}}
    with Simulation(app_of(fetching)) as sim:
        sim.stub_activity("BuiltIn::HttpActivity", returns=accepted)
        run = sim.start("fetching")
        assert run.result() == accepted


def test_call_http_without_a_stub_is_a_wrong_call() -> None:
    """A simulation has no network, and says how to answer instead."""
    with Simulation(app_of(fetching)) as sim:
        sim.start("fetching")
        with pytest.raises(UsageError, match=r"sim\.stub_http"):
            sim.run_until_idle()
        sim.close(check=False)


def signalling(context: Context) -> Steps:
    context.signal_entity(df.EntityId("nobody", "k"), "add", 1)
    yield context.call_activity("say", 1)


def calling(context: Context) -> Steps:
    yield context.call_entity(df.EntityId("nobody", "k"), "get")


def test_a_signal_to_an_unknown_entity_fails_the_orchestrator() -> None:
    """The host sends signals synchronously, so its exception comes through."""
    with Simulation(app_of(signalling), findings="ignore") as sim:
        run = sim.start("signalling")
        with pytest.raises(OrchestrationFailed, match="nobody"):
            run.result()


def test_a_call_of_an_unknown_entity_hangs() -> None:
    """Calls are swallowed like those of unknown activities."""
    with Simulation(app_of(calling), findings="ignore") as sim:
        run = sim.start("calling")
        sim.advance("1d")
        assert (run.history.short, run.status) == ("OS ES OC", "Running")


@pytest.mark.parametrize("code", [signalling, calling])
def test_an_unknown_entity_is_a_certain_bug(code: Any) -> None:
    """It raises by default."""
    with Simulation(app_of(code)) as sim:
        sim.start(code.__name__)
        with pytest.raises(FindingError, match="WF107"):
            sim.run_until_idle()

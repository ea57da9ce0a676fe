"""Custom status: recomputed in every episode (semantics 2.13)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.apps import Context, Steps, app_of
from wfsim import OrchestrationFailed, Simulation


def stated(context: Context) -> Steps:
    """Set one status after another, a second apart."""
    for status in context.get_input():
        context.set_custom_status(status)
        yield context.call_activity("nap", 1)


def test_custom_status_is_that_of_the_latest_episode() -> None:
    """Each episode replays all assignments, and the last one counts."""
    with Simulation(app_of(stated)) as sim:
        run = sim.start("stated", input=["one", {"two": 2}])
        shown = []
        for _ in range(3):
            sim.run_until_idle()
            shown.append(run.custom_status)
            sim.advance("1s")
        assert shown == ["one", {"two": 2}, {"two": 2}]


@pytest.mark.parametrize("falsy", ["", 0, False, [], {}, None])
def test_a_falsy_custom_status_clears_it(falsy: Any) -> None:
    """The SDK sends only what is truthy, and the host stores null for what it does not send."""
    with Simulation(app_of(stated)) as sim:
        run = sim.start("stated", input=["shown", falsy])
        sim.run_until_idle()
        assert run.custom_status == "shown"
        sim.advance("1s")
        assert run.custom_status is None


def big(context: Context) -> Steps:
    yield context.call_activity("say", 1)
    context.set_custom_status("x" * context.get_input())
    yield context.call_activity("say", 2)


@pytest.mark.parametrize(("length", "status"), [(8190, "Completed"), (8191, "Failed")])
def test_custom_status_is_limited_to_16_kb_of_utf_16(length: int, status: str) -> None:
    """Quotes count, each character is two bytes, and one character too many fails the instance."""
    with Simulation(app_of(big)) as sim:
        run = sim.start("big", input=length)
        sim.run_until_idle()
        assert run.status == status


def test_a_custom_status_that_is_too_large_fails_before_any_action_is_walked() -> None:
    """Nothing is decided again in that episode, so the host complains of its own replay."""
    with Simulation(app_of(big)) as sim:
        run = sim.start("big", input=9000)
        sim.run_until_idle()
        assert run.history.short == "OS ES TS0 OC · OS TC0 EC0 OC"
        assert "Non-Deterministic workflow detected" in str(run.failure)


def test_a_custom_status_that_is_too_large_at_once_says_so() -> None:
    """Without earlier decisions the host's own text comes through."""

    def at_once(context: Context) -> Steps:
        context.set_custom_status("x" * 9000)
        yield context.call_activity("say", 2)

    with Simulation(app_of(at_once)) as sim:
        run = sim.start("at_once")
        with pytest.raises(OrchestrationFailed, match="must not exceed 16 KB"):
            run.result()
        assert run.history.short == "OS ES EC0 OC"


def test_custom_status_is_applied_on_a_failing_episode() -> None:
    """The reply that carries the failure carries the status, too."""

    def failing(context: Context) -> Steps:
        yield context.call_activity("say", 1)
        context.set_custom_status("about to fail")
        raise ValueError("x")

    with Simulation(app_of(failing)) as sim:
        run = sim.start("failing")
        sim.run_until_idle()
        assert (run.status, run.custom_status) == ("Failed", "about to fail")

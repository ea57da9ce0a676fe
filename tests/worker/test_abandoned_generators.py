"""The SDK drops an orchestrator's generator after each episode; nobody must hear of it."""

from __future__ import annotations

from tests.apps import Context, Steps, app_of
from wfsim import Simulation


def cleans_up(context: Context) -> Steps:
    try:
        yield context.call_activity("say", "work")
        yield context.wait_for_external_event("go")
    finally:
        yield context.call_activity("say", "cleanup")


def test_a_yield_in_finally_runs_once_and_quietly() -> None:
    """Cleanup in `finally` is decided once, without complaints about generators."""
    # Complaints would be errors: pytest turns what cannot be raised into warnings.
    with Simulation(app_of(cleans_up)) as sim:
        run = sim.start("cleans_up")
        sim.run_until_idle()
        run.raise_event("go")
        run.result()
        assert run.history.short == "OS ES TS0 OC · OS TC0 OC · OS EVR TS1 OC · OS TC1 EC2 OC"
    assert sim.findings == []

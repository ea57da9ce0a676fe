"""A simulation draws itself in four forms."""

from __future__ import annotations

import json

import pytest

from tests.apps import Context, Steps, app_of
from wfsim import AsyncSimulation, Simulation, UsageError


def _greets(context: Context) -> Steps:
    return (yield context.call_activity("say", "hello"))


def test_a_run_is_drawn_in_every_form() -> None:
    """Text, a page, a sequence diagram and trace-event JSON tell of the same run."""
    with Simulation(app_of(_greets)) as sim:
        sim.start("_greets", instance_id="g").result()
        drawings = {form: sim.timeline(form) for form in ("text", "html", "mermaid", "perfetto")}
        assert sim.timeline() == drawings["text"]
    assert "say" in drawings["text"]
    assert drawings["html"].startswith("<!doctype html>")
    assert drawings["mermaid"].startswith("sequenceDiagram")
    assert json.loads(drawings["perfetto"])["traceEvents"]
    assert all("hello" in drawing for drawing in drawings.values())


def test_other_forms_are_refused() -> None:
    """The message names the nearest form."""
    with (
        Simulation(app_of(_greets)) as sim,
        pytest.raises(UsageError, match=r"^A timeline has no form 'mermade'\..*'mermaid'"),
    ):
        sim.timeline("mermade")  # type: ignore[arg-type]


@pytest.mark.asyncio
async def test_async_simulations_draw_the_same() -> None:
    """AsyncSimulation has the same forms, and they need no await."""
    async with AsyncSimulation(app_of(_greets)) as sim:
        await (await sim.start("_greets")).result()
        assert sim.timeline("mermaid").startswith("sequenceDiagram")

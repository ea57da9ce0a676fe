"""The garbage collector while a simulation runs: asked less often, and left as it was."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from tests.apps import Context, Steps, app_of
from wfsim import Simulation


@pytest.fixture(autouse=True)
def threshold() -> Iterator[None]:
    """Put the thresholds back whatever a test does."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def inside() -> tuple[int, int, int]:
    """Return the thresholds that an orchestrator sees."""
    seen: list[tuple[int, int, int]] = []

    def look(context: Context) -> Steps:
        seen.append(gc.get_threshold())
        yield context.call_activity("say", 1)

    with Simulation(app_of(look), guard="off") as sim:
        sim.start("look").result()
    return seen[0]


def test_it_looks_less_often_and_afterwards_as_before() -> None:
    """In an operation of the simulation more objects may come up."""
    gc.set_threshold(700, 10, 10)
    assert inside() == (50_000, 10, 10)
    assert gc.get_threshold() == (700, 10, 10)


@pytest.mark.parametrize("chosen", [(0, 10, 10), (80_000, 5, 5)])
def test_what_somebody_has_chosen_stays(chosen: tuple[int, int, int]) -> None:
    """A collector that is switched off, or asked even less often, is left alone."""
    gc.set_threshold(*chosen)
    assert inside() == chosen

"""One simulation of the small app for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulation.small_app import app
from wfsim import Simulation


@pytest.fixture
def simulation() -> Iterator[Simulation]:
    """The small app, simulated; what is left behind at the end is of no interest."""
    with Simulation(app, findings="ignore") as opened:
        yield opened

"""Simulations of apps that tests write themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import azure.functions as func
import pytest

from wfsim import Simulation

OpenApp = Callable[..., Simulation]


@pytest.fixture
def open_app() -> Iterator[OpenApp]:
    """Open simulations, and close them without a last look for what is left."""
    opened: list[Simulation] = []

    def opening(app: object, **options: Any) -> Simulation:
        sim = Simulation(app, **options)
        opened.append(sim)
        return sim

    yield opening
    for sim in opened:
        sim.close(check=False)


@pytest.fixture
def app() -> func.FunctionApp:
    """An app without functions, to be filled by the test."""
    return func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

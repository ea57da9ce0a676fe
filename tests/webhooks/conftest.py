"""A simulation of the webhooks' app, and a client of its extension."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.webhooks.app import SETTINGS, Client, webhooks_app
from wfsim import Simulation


@pytest.fixture
def client() -> Iterator[Client]:
    """A client of the extension; `client.sim` is the simulation."""
    with Simulation(webhooks_app(), findings="ignore", settings=SETTINGS) as sim:
        yield Client(sim)

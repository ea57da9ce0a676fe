"""Workflows in process; none of their tests may open a socket."""

from __future__ import annotations

import socket
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from agent_framework import workflow

from wfsim.workflows import WorkflowSimulation

# The framework says once in each process that functional workflows are experimental, wherever the
# first one is met, and warnings are errors here.
with warnings.catch_warnings():
    warnings.simplefilter("ignore", FutureWarning)

    @workflow
    async def _first_of_all(text: str) -> str:
        """Take the warning."""
        return text


OpenWorkflow = Callable[..., WorkflowSimulation]


@pytest.fixture(scope="session", autouse=True)
def warmed_up() -> None:
    """Let no test pay for what the first simulation of a process imports and looks at."""
    with WorkflowSimulation(_first_of_all) as sim:
        sim.run("hello")


@pytest.fixture(autouse=True)
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches for the network fails, whoever swallows the exception on the way."""

    def refuse(_: socket.socket, address: object) -> Any:
        pytest.fail(f"a test has opened a socket, to {address}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)


@pytest.fixture
def opened() -> Iterator[OpenWorkflow]:
    """Opens simulations of workflows, and looks at what is left of each at the end."""
    sims: list[WorkflowSimulation] = []

    def opening(workflow: object, **options: Any) -> WorkflowSimulation:
        sim = WorkflowSimulation(workflow, **options)
        sims.append(sim)
        return sim

    yield opening
    for sim in sims:
        sim.close()

"""Apps with agents need `agent-framework-azurefunctions`; none of their tests may open a socket."""

from __future__ import annotations

import importlib.util
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.apps import fixture_app
from wfsim import Simulation

if importlib.util.find_spec("agent_framework_azurefunctions") is None:
    collect_ignore_glob = ["test_*.py"]

OpenApp = Callable[..., Simulation]


@pytest.fixture(scope="session", autouse=True)
def warmed_up() -> None:
    """Let no test pay for what the first app of a process imports."""
    with Simulation(fixture_app("agents_single")):
        pass


@pytest.fixture(autouse=True)
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches for the network fails, whoever swallows the exception on the way."""

    def refuse(_: socket.socket, address: object) -> Any:
        pytest.fail(f"a test has opened a socket, to {address}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The apps' models want a key, and no test has one."""
    monkeypatch.delenv("HOSTED_MODEL_API_KEY", raising=False)


@pytest.fixture
def opened() -> Iterator[OpenApp]:
    """Opens fixture apps, and looks at what is left of each at the end."""
    sims: list[Simulation] = []

    def opening(name: str, **options: Any) -> Simulation:
        sim = Simulation(fixture_app(name), **options)
        sims.append(sim)
        return sim

    yield opening
    for sim in sims:
        sim.close()

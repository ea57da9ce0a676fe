"""The guard that keeps these tests from the network."""

from __future__ import annotations

import socket

import pytest
from agent_framework import Agent, RunContext, workflow

from fixtures.workflows.hosted_model import HostedModelClient
from tests.workflow_scenarios.conftest import OpenWorkflow


def test_a_socket_fails_the_test() -> None:
    """The failure is no `Exception`, so that no code under test swallows it."""
    with (
        socket.socket() as opened,
        pytest.raises(BaseException, match="has opened a socket") as caught,
    ):
        opened.connect(("127.0.0.1", 9))
    assert not isinstance(caught.value, Exception)


def test_a_model_that_is_really_asked_gets_no_socket(opened: OpenWorkflow) -> None:
    """Bound to an agent by name, the app's own client runs, and the loop has no network for it."""

    @workflow
    async def careless(question: str, ctx: RunContext) -> str:
        agent = Agent(HostedModelClient(), name="Careless")
        return str((await agent.run(question)).text)

    sim = opened(careless)
    sim.script("Careless", ["nobody was asked"])
    assert sim.run("hello").result() == "nobody was asked"

"""Workflows in process."""

from __future__ import annotations

import warnings

import pytest
from agent_framework import step

from wfsim.agents import AgentScripts

# The framework says once in each process that functional workflows are experimental, wherever the
# first one is met, and warnings are errors here.
with warnings.catch_warnings():
    warnings.simplefilter("ignore", FutureWarning)

    @step
    async def _first_of_all() -> None:
        """Take the warning."""


@pytest.fixture(scope="session", autouse=True)
def warmed_up() -> None:
    """Import what the first operation of a process imports, so that no test pays for it."""
    with AgentScripts().active():
        pass

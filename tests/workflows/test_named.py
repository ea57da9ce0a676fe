"""Workflows that are named by text."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from wfsim import AppLoadError
from wfsim.workflows import WorkflowSimulation

MODULE = """
from agent_framework import Agent, AgentExecutor, WorkflowBuilder
from tests.agents.support import KeyedClient

writer = AgentExecutor(Agent(client=KeyedClient(), name="Writer"), id="writer")
graph = WorkflowBuilder(start_executor=writer, name="graph").build()
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A module of a user's whose client needs a key when it is imported."""
    (tmp_path / "wfsim_named_flows.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "wfsim_named_broken.py").write_text("raise ValueError('no')", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield "wfsim_named_flows"
    sys.modules.pop("wfsim_named_flows", None)


def test_a_module_is_imported_without_the_key_of_its_client(module: str) -> None:
    """The workflow of a module that makes its client at import time runs with a script."""
    with WorkflowSimulation(f"{module}:graph") as sim:
        sim.script("Writer", ["Once upon a time."])
        run = sim.run("Write!")
        assert "".join(update.text for update in run.outputs) == "Once upon a time."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("chain", r"^'chain' names no workflow\. Write 'module:attribute'"),
        ("wfsim_nobody:x", r"^The module 'wfsim_nobody' of the workflow .* cannot be imported"),
        ("wfsim_named_broken:x", r"cannot be imported: ValueError: no$"),
        ("wfsim_named_flows:grahp", r"has no attribute 'grahp'\. Did you mean 'graph'\?$"),
    ],
)
def test_a_name_that_names_nothing_is_explained(module: str, text: str, message: str) -> None:
    """A wrong name says what is wrong with it."""
    with pytest.raises(AppLoadError, match=message):
        WorkflowSimulation(text)

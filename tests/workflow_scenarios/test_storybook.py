"""Agents as nodes of a graph."""

from __future__ import annotations

from datetime import timedelta

from fixtures.workflows.storybook import build
from tests.workflow_scenarios.conftest import OpenWorkflow
from wfsim.chat import Reply, ToolCall, ToolCalls


def test_a_page(opened: OpenWorkflow) -> None:
    """One agent calls a tool and writes, the next one reads that, a function makes the page."""
    sim = opened(build)
    writer = sim.script(
        "Writer",
        [
            ToolCalls(ToolCall("find_animal", {"letter": "o"}), takes="2s"),
            Reply("An otter went to sea.", takes="3s"),
        ],
    )
    illustrator = sim.script("Illustrator", [Reply("An otter in a boat.", takes="5s")])
    run = sim.run("animals with o")
    assert run.outputs[-1] == {"text": "An otter went to sea.", "picture": "An otter in a boat."}
    assert run.elapsed == timedelta(seconds=10)
    assert writer.requests[1].tool_results == {"find_animal": "otter"}
    assert illustrator.requests[0].messages[-1].text == "An otter went to sea."


def test_the_agents_answers_are_outputs_too(opened: OpenWorkflow) -> None:
    """Each agent yields its answer as the graph streams, before the page is there."""
    sim = opened(build)
    sim.script("Writer", ["An otter."])
    sim.script("Illustrator", ["A boat."])
    run = sim.run("otters")
    by = [event.executor_id for event in run.events if event.type == "output"]
    assert list(dict.fromkeys(by)) == ["Writer", "Illustrator", "page"]


def test_a_restart_between_the_agents(opened: OpenWorkflow) -> None:
    """The first agent's answer is in the checkpoint; it is not asked again."""
    sim = opened(build)
    writer = sim.script("Writer", ["An otter."])
    sim.script("Illustrator", lambda _: "A boat.")
    first = sim.run("otters")
    written = next(
        item for item in first.checkpoints if "An otter." in str(item.messages) + str(item.state)
    )
    again = sim.resume_from(written)
    assert again.outputs[-1] == {"text": "An otter.", "picture": "A boat."}
    assert len(writer.requests) == 1

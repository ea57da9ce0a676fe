"""Every scenario is interrupted at each of its checkpoints, and ends as if nothing had happened."""

from typing import Never

import pytest
from agent_framework import (
    Agent,
    AgentExecutor,
    AgentExecutorResponse,
    Workflow,
    WorkflowBuilder,
    WorkflowContext,
    executor,
)

from fixtures.workflows.hosted_model import HostedModelClient
from fixtures.workflows.storybook import Brief
from tests.workflow_scenarios.scenes import SCENES
from wfsim.workflows import check_resume

# The first has a test of its own, and the last a smaller one in its place.
CHECKED = [name for name in SCENES if name not in {"plain", "agents in a graph"}]


@pytest.mark.slow
@pytest.mark.parametrize("name", CHECKED)
def test_resumes_as_it_runs(name: str) -> None:
    """In a new process and in the same one, in two orders of finishing."""
    scene = SCENES[name]
    report = check_resume(
        scene.workflow, scene.message, scene.answers, scripts=scene.scripts, schedules=2
    )
    assert report.ok
    assert report.tries >= 2


def test_a_workflow_without_steps_has_one_checkpoint() -> None:
    """It is written at the end, and restored it gives out what came out before."""
    scene = SCENES["plain"]
    report = check_resume(scene.workflow, scene.message)
    assert report.checkpoints == 1


@executor(id="print")
async def print_it(answer: AgentExecutorResponse, ctx: WorkflowContext[Never, str]) -> None:
    """Print what the agent has written."""
    await ctx.yield_output(f"printed: {answer.agent_response.text}")


def test_an_agent_in_a_graph() -> None:
    """Its conversation is in the checkpoints: it is asked once, or asked the same again."""

    def build() -> Workflow:
        brief, writer = Brief(id="brief"), Agent(HostedModelClient(), name="Writer")
        builder = WorkflowBuilder(start_executor=brief, name="story")
        return builder.add_chain([brief, AgentExecutor(writer), print_it]).build()

    report = check_resume(build, "otters", scripts={"Writer": ["An otter."]})
    assert report.tries >= 4

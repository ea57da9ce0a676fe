"""Small apps with agents, for tests that need one that behaves in one certain way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agent_framework import (
    Agent,
    AgentExecutor,
    BaseChatClient,
    FunctionInvocationLayer,
    Workflow,
    WorkflowBuilder,
)
from agent_framework_azurefunctions import AgentFunctionApp

__all__ = ["agent", "chain", "hosted"]


class NoModel(FunctionInvocationLayer[Any], BaseChatClient[Any]):
    """The client of a model that nobody can ask."""

    def _inner_get_response(self, **_: Any) -> Any:
        raise AssertionError("this model must not be asked")


def agent(name: str, **options: Any) -> Agent[Any]:
    """Make an agent without a model."""
    return Agent(NoModel(), name=name, **options)


def chain(name: str, nodes: Sequence[Any], **options: Any) -> Workflow:
    """Build a workflow of nodes one behind the other; an agent is a node, too."""
    nodes = [AgentExecutor(node) if isinstance(node, Agent) else node for node in nodes]
    builder = WorkflowBuilder(start_executor=nodes[0], name=name, **options)
    return builder.add_chain(nodes).build() if len(nodes) > 1 else builder.build()


def hosted(*workflows: Workflow, agents: Sequence[Any] = (), **options: Any) -> AgentFunctionApp:
    """Make an app of workflows and agents."""
    return AgentFunctionApp(agents=list(agents), workflows=list(workflows), **options)

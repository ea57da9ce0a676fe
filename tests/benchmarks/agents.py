"""Agent Framework with and without wfsim: the same workflows on a plain event loop, and simulated.

The plain side is what one would write by hand: `asyncio.run`, and a fake client that remembers what
it was asked and answers as a provider does, with ids, a date and arguments that are JSON text. It
checks nothing. Checkpoints are off on both sides.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from statistics import median
from typing import Any

from agent_framework import (
    Agent,
    BaseChatClient,
    ChatMiddlewareLayer,
    ChatResponse,
    Content,
    Executor,
    FunctionInvocationLayer,
    Message,
    WorkflowBuilder,
    WorkflowContext,
    handler,
    step,
    tool,
    workflow,
)
from agent_framework.observability import ChatTelemetryLayer
from rich import box
from rich.console import Console
from rich.table import Table

from tests.benchmarks.stopwatch import stopwatch
from wfsim.chat import Reply, ToolCall
from wfsim.workflows import WorkflowSimulation

__all__ = ["AgentLaps", "measure_agents", "show_agents"]

Build = Callable[[], Any]

RUNS_PER_LAP = 50


@step
async def double(number: int) -> int:
    """Double a number."""
    return 2 * number


@step
async def add_one(number: int) -> int:
    """Add one."""
    return number + 1


@step
async def as_text(number: int) -> str:
    """Write a number down."""
    return str(number)


@workflow(name="three_steps")
async def three_steps(number: int) -> str:
    """Run three steps one after the other."""
    return await as_text(await add_one(await double(number)))


class Shout(Executor):
    """The first executor."""

    @handler
    async def shout(self, text: str, ctx: WorkflowContext[str]) -> None:
        """Pass the text on, louder."""
        await ctx.send_message(text.upper())


class Say(Executor):
    """The second executor."""

    @handler
    async def say(self, text: str, ctx: WorkflowContext[Any, str]) -> None:
        """Put the text out."""
        await ctx.yield_output(text)


def two_executors() -> Any:
    """Return a graph of two executors."""
    shout = Shout(id="shout")
    return WorkflowBuilder(name="two", start_executor=shout).add_edge(shout, Say(id="say")).build()


class HandMade(
    FunctionInvocationLayer[Any],
    ChatMiddlewareLayer[Any],
    ChatTelemetryLayer[Any],
    BaseChatClient[Any],
):
    """The fake that people write: a tool call, then a text."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[list[Message]] = []

    def _inner_get_response(
        self, *, messages: Sequence[Message], stream: bool, options: Mapping[str, Any], **_: Any
    ) -> Awaitable[ChatResponse[Any]]:
        assert not stream
        self.requests.append(list(messages))
        return self._answer(is_second=messages[-1].role == "tool")

    async def _answer(self, *, is_second: bool) -> ChatResponse[Any]:
        if is_second:
            content = Content.from_text("It rains.")
        else:
            content = Content.from_function_call("call-1", "look", arguments='{"city": "Oslo"}')
        return ChatResponse(
            messages=[Message("assistant", [content], message_id=f"m{len(self.requests)}")],
            response_id=f"r{len(self.requests)}",
            model="fake",
            created_at="2000-01-01T00:00:00Z",
            finish_reason="stop" if is_second else "tool_calls",
        )


@tool(approval_mode="never_require")
async def look(city: str) -> str:
    """Look out of the window."""
    return f"rain in {city}"


forecaster = Agent(client=HandMade(), name="Forecaster", tools=[look])


@workflow(name="forecast")
async def forecast(question: str) -> str:
    """Ask an agent that has a tool."""
    return (await forecaster.run(question)).text


TURNS = (ToolCall("look", {"city": "Oslo"}), Reply("It rains."))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Workload:
    name: str
    build: Build
    message: Any
    output: Any
    has_agent: bool = False


_WORKLOADS = (
    _Workload(name="functional, 3 steps", build=lambda: three_steps, message=3, output="7"),
    _Workload(name="graph, 2 executors", build=two_executors, message="hi", output="HI"),
    _Workload(
        name="agent, one tool call",
        build=lambda: forecast,
        message="Oslo?",
        output="It rains.",
        has_agent=True,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLaps:
    """Seconds for one run of a workload, lap by lap."""

    name: str
    plain: list[float]
    ours: list[float]
    opening: list[float]
    """Seconds to open a simulation, run once in it, and close it."""

    @property
    def ratio(self) -> float:
        """How many times as long a run takes in a simulation."""
        return median(self.ours) / median(self.plain)


def show_agents(results: Sequence[AgentLaps], console: Console) -> dict[str, object]:
    """Print one line for each workload, and return what was measured."""
    table = Table(title="Agent Framework with and without wfsim", box=box.SIMPLE_HEAD)
    table.add_column("workload", no_wrap=True)
    for name in ("plain", "wfsim", "ratio", "opened"):
        table.add_column(name, justify="right", no_wrap=True)
    for result in results:
        table.add_row(
            result.name,
            f"{1 / median(result.plain):,.0f}/s",
            f"{1 / median(result.ours):,.0f}/s",
            f"{result.ratio:.2f} x",
            f"{median(result.opening) * 1_000:.1f} ms",
        )
    console.print(table)
    return {
        "versions": {"agent-framework-core": version("agent-framework-core")},
        "results": [{**asdict(result), "ratio": result.ratio} for result in results],
    }


def measure_agents(*, laps: int) -> list[AgentLaps]:
    """Measure each workload on both sides, turn about, so that both see the same machine."""
    results: list[AgentLaps] = []
    for workload in _WORKLOADS:
        plain: list[float] = []
        ours: list[float] = []
        opening: list[float] = []
        _plain(workload), _ours(workload)
        for _ in range(laps):
            plain.append(_plain(workload))
            ours.append(_ours(workload))
            opening.append(_opened(workload))
        results.append(AgentLaps(name=workload.name, plain=plain, ours=ours, opening=opening))
    return results


def _plain(workload: _Workload) -> float:
    instance = _instance(workload)

    async def lap() -> float:
        watch = stopwatch()
        for _ in range(RUNS_PER_LAP):
            result = await instance.run(workload.message)
            assert result.get_outputs() == [workload.output]
        return watch()

    return asyncio.run(lap()) / RUNS_PER_LAP


def _instance(workload: _Workload) -> Any:
    made = workload.build()
    return made.build() if hasattr(made, "build") else made


def _ours(workload: _Workload) -> float:
    with _simulation(workload, runs=RUNS_PER_LAP) as sim:
        watch = stopwatch()
        for _ in range(RUNS_PER_LAP):
            assert sim.run(workload.message).outputs == [workload.output]
        return watch() / RUNS_PER_LAP


def _opened(workload: _Workload) -> float:
    watch = stopwatch()
    with _simulation(workload, runs=1) as sim:
        assert sim.run(workload.message).outputs == [workload.output]
    return watch()


def _simulation(workload: _Workload, *, runs: int) -> WorkflowSimulation:
    sim = WorkflowSimulation(workload.build(), checkpoints=False)
    if workload.has_agent:
        sim.script("Forecaster", [*TURNS] * runs)
    return sim

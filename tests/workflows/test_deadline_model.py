"""Answers, time and deadlines against a naive model."""

# No `from __future__ import annotations`: older releases of the framework read annotations as they
# stand.

from typing import Any

import pytest
from agent_framework import (
    Executor,
    RunContext,
    Workflow,
    WorkflowBuilder,
    WorkflowContext,
    handler,
    response_handler,
    workflow,
)
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from wfsim.errors import UsageError
from wfsim.workflows import WorkflowRun, WorkflowSimulation

ROUNDS = 4


@workflow
async def asks(_: str, ctx: RunContext) -> str:
    """Ask four times, one after the other."""
    got = [
        await ctx.request_info({"round": number}, int, request_id=f"round {number}")
        for number in range(ROUNDS)
    ]
    return " ".join(map(str, got))


class Asker(Executor):
    """Asks four times, one after the other."""

    def __init__(self) -> None:
        super().__init__("asker")
        self.got: list[int] = []

    @handler
    async def ask(self, _: str, ctx: WorkflowContext[str, str]) -> None:
        """Ask first."""
        await ctx.request_info({"round": 0}, int)

    @response_handler
    async def answered(self, _: dict, answer: int, ctx: WorkflowContext[str, str]) -> None:  # type: ignore[type-arg]
        """Ask again, or end."""
        self.got.append(answer)
        if len(self.got) == ROUNDS:
            await ctx.yield_output(" ".join(map(str, self.got)))
        else:
            await ctx.request_info({"round": len(self.got)}, int)


def asking() -> Workflow:
    """The same as a graph."""
    return WorkflowBuilder(start_executor=Asker(), name="asking").build()


class Machine(RuleBasedStateMachine):
    """A simulation, and lists of what should be."""

    flow: Any = asks

    @initialize()
    def begin(self) -> None:
        """Run until the first question."""
        self.sim = WorkflowSimulation(self.flow)
        self.sim._flow.enter()
        self.run: WorkflowRun = self.sim.run("x")
        self.start = self.sim.now
        self.now = self.asked_at = 0
        self.got: list[int] = []
        self.deadlines: list[tuple[int, int]] = []
        self.armed: list[tuple[int, int, int]] = []
        self.order = 0

    def teardown(self) -> None:
        """Close without looking for what was left."""
        if hasattr(self, "sim"):
            self.sim.close(check=False)

    @property
    def is_over(self) -> bool:
        """Whether all was answered."""
        return len(self.got) == ROUNDS

    def _answer(self, value: int) -> None:
        self.got.append(value)
        self.asked_at, self.armed = self.now, []
        if not self.is_over:
            for after, answer in self.deadlines:
                self._arm(after, answer)

    def _arm(self, after: int, answer: int) -> None:
        self.order += 1
        self.armed.append((max(self.now, self.asked_at + after), self.order, answer))

    @rule(seconds=st.integers(0, 12))
    def advance(self, seconds: int) -> None:
        """Let time pass, and deadlines with it."""
        target = self.now + seconds
        self.sim.advance(seconds=seconds)
        while self.armed and min(self.armed)[0] <= target:
            due, _, answer = min(self.armed)
            self.now = due
            self._answer(answer)
        self.now = target

    @rule(value=st.integers(0, 9))
    def respond(self, value: int) -> None:
        """Answer, or be refused."""
        if self.is_over:
            with pytest.raises(UsageError, match="waits for no answer"):
                self.sim.respond("*", value)
        else:
            self.sim.respond("*", value)
            self._answer(value)

    @rule(after=st.integers(1, 9), answer=st.integers(10, 19))
    def set_deadline(self, after: int, answer: int) -> None:
        """Watch what is open, and what is to come."""
        self.sim.on_timeout("*", after=f"{after}s", answer=answer)
        self.deadlines.append((after, answer))
        if not self.is_over:
            self._arm(after, answer)

    @invariant()
    def both_agree(self) -> None:
        """Answers, time, what is open, and the output."""
        if not hasattr(self, "sim"):
            return
        assert list(self.run.answers.values()) == self.got
        assert (self.sim.now - self.start).total_seconds() == self.now
        assert self.run.has_ended is self.is_over
        assert len(self.run.pending) == (0 if self.is_over else 1)
        if self.is_over:
            assert self.run.outputs == [" ".join(map(str, self.got))]
        else:
            since = self.run.pending[0].since - self.start
            assert since.total_seconds() == self.asked_at


class GraphMachine(Machine):
    """The same with a graph."""

    flow = staticmethod(asking)


TestFunctional = pytest.mark.slow(Machine.TestCase)
TestGraph = pytest.mark.slow(GraphMachine.TestCase)

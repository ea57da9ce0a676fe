"""Steps and executors that run at the same time finish in every order."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from agent_framework import step, workflow
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows import flows
from wfsim.workflows import WorkflowRun, WorkflowSimulation
from wfsim.workflows.log import Happened


def ends(run: WorkflowRun) -> str:
    """Return what ended, in order, by the first letter of each result."""
    done = [entry.event for entry in run.log if isinstance(entry, Happened)]
    return "".join(event.data[0] for event in done if event.type == "executor_completed")


def sent(run: WorkflowRun) -> str:
    """Return which of the workers finished, in order."""
    done = [event.executor_id for event in run.events if event.type == "executor_completed"]
    return "".join(name for name in done if name and len(name) == 1)


def test_without_a_schedule_it_is_any_event_loops_order() -> None:
    """Steps that take no time finish as they were called; slower ones later."""
    assert ends(WorkflowSimulation(flows.trio).run("abc")) == "abc"
    assert ends(WorkflowSimulation(flows.race).run("abc")) == "CBA"
    assert sent(WorkflowSimulation(flows.slow_fan).run("x")) == "cba"


def test_a_schedule_says_who_is_next() -> None:
    """0 is whoever came first; the choices have names."""
    with WorkflowSimulation(flows.trio, schedule=[2, 1]) as sim:
        run = sim.run("abc")
        assert (ends(run), run.result()) == ("cba", "a! b! c!")
        assert [choice.options for choice in sim.choices.made] == [
            ("shout", "shout #2", "shout #3"),
            ("shout", "shout #2"),
        ]
        assert {choice.about for choice in sim.choices.made} == {"next to finish"}
    assert ends(WorkflowSimulation(flows.trio, schedule=lambda *_: 0).run("abc")) == "abc"


def test_an_empty_schedule_is_none() -> None:
    """The recorded answers of a quiet run repeat it."""
    with WorkflowSimulation(flows.race, schedule=[]) as sim:
        assert ends(sim.run("abc")) == "CBA"
        assert sim.choices.answers == []


def test_recorded_answers_repeat_a_run() -> None:
    """Whatever the schedule was."""
    with WorkflowSimulation(flows.branches, schedule="random", seed=4) as sim:
        first = sim.run("abcd")
        answers = sim.choices.answers
    again = WorkflowSimulation(flows.branches, schedule=answers, seed=4).run("abcd")
    assert again.to_data() == first.to_data()


@given(st.integers(0, 10_000))
def test_random_schedules_are_orders(seed: int) -> None:
    """Each is one of the six, and changes nothing about the result."""
    run = WorkflowSimulation(flows.trio, schedule="random", seed=seed).run("abc")
    assert ends(run) in {"".join(order) for order in permutations("abc")}
    assert run.result() == "a! b! c!"


@pytest.mark.slow
def test_all_orders_of_three_steps_are_reached() -> None:
    """Random schedules find all six, of steps that take no time and of others."""
    wanted = {"".join(order) for order in permutations("abc")}
    for flow in (flows.trio, flows.race):
        seen = {
            ends(WorkflowSimulation(flow, schedule="random", seed=seed).run("abc")).lower()
            for seed in range(40)
        }
        assert seen == wanted


@pytest.mark.slow
def test_all_orders_of_three_executors_are_reached() -> None:
    """A fan-in still joins in the order of its edges."""
    for build in (flows.fan, flows.slow_fan):
        runs = [
            WorkflowSimulation(build, schedule="random", seed=seed).run("x") for seed in range(40)
        ]
        assert {sent(run) for run in runs} == {"".join(order) for order in permutations("abc")}
        assert {run.result() for run in runs} == {"x a, x b, x c"}


def test_messages_are_sent_in_the_order_of_finishing() -> None:
    """So whoever gets them one by one sees that order."""

    def build() -> Any:
        from agent_framework import WorkflowBuilder

        sender, printer = flows.Sender(id="s"), flows.Printer(id="p")
        workers = [flows.Worker(id=name) for name in "abc"]
        builder = WorkflowBuilder(start_executor=sender, name="plain")
        for worker in workers:
            builder = builder.add_edge(sender, worker).add_edge(worker, printer)
        return builder.build()

    assert WorkflowSimulation(build).run("x").outputs == ["x a", "x b", "x c"]
    backwards = WorkflowSimulation(build, schedule=[2, 1]).run("x")
    assert backwards.outputs == ["x c", "x b", "x a"]


def test_no_timeout_fires_for_a_step_that_was_held() -> None:
    """Every schedule gives the same outcome: being held does not make a step late."""
    outcomes = {
        WorkflowSimulation(flows.boxed, schedule="random", seed=seed).run("abc").result()
        for seed in range(20)
    }
    assert outcomes == {"A B late"}


@step
async def opens(text: str) -> str:
    """Let the other one go on when it is over."""
    return text


def test_a_step_that_waits_for_one_that_is_held() -> None:
    """It is let through, since nobody else can be next."""
    import asyncio

    gates: list[asyncio.Event] = []

    async def waits() -> str:
        await gates[-1].wait()
        return await opens("b")

    async def goes() -> str:
        found = await opens("a")
        gates[-1].set()
        return found

    async def both(_: str) -> str:
        gates.append(asyncio.Event())
        return " ".join(await asyncio.gather(waits(), goes()))

    for seed in range(8):
        with WorkflowSimulation(
            workflow(both), schedule="random", seed=seed, checkpoints=False
        ) as sim:
            assert sim.run("x").result() == "b a"


def test_nested_steps_are_not_held_against_each_other() -> None:
    """A step that waits for a step inside it cannot be next."""
    for seed in range(8):
        with WorkflowSimulation(nesting, schedule="random", seed=seed) as sim:
            assert sim.run("ab").result() == "(a) (b)"
            options = {name for choice in sim.choices.made for name in choice.options}
            assert options <= {"inner", "inner #2", "outer", "outer #2"}


@step
async def inner(name: str) -> str:
    """Be inside."""
    return name


@step
async def outer(name: str) -> str:
    """Have one inside."""
    return f"({await inner(name)})"


@workflow
async def nesting(names: str) -> str:
    """Steps in steps, at once."""
    import asyncio

    return " ".join(await asyncio.gather(*(outer(name) for name in names)))

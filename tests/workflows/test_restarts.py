"""`resume_from`: fresh objects, and what a new process forgets."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import deque
from functools import lru_cache
from typing import Any

import pytest
from agent_framework import WorkflowCheckpoint, step, workflow

from tests.workflows import flows
from wfsim.errors import StuckError, UsageError
from wfsim.workflows import WorkflowSimulation, check_resume


class Kept:
    """An object with slots."""

    __slots__ = ("number",)

    def __init__(self) -> None:
        self.number = 0


class Shared:
    """State in a class and in an object."""

    total = 0

    def __init__(self) -> None:
        self.items: list[int] = []


number = 0
names: list[str] = []
table: dict[str, list[int]] = {"x": []}
members: set[int] = set()
queue: deque[int] = deque()
kept, shared = Kept(), Shared()
tickets = itertools.count(5, 2)
chance = random.Random(3)


@lru_cache
def cached(key: str) -> list[str]:
    """Remember a list."""
    return [key]


@step
async def touches(text: str) -> str:
    """Change everything, and tell what was found."""
    global number  # noqa: PLW0603
    found = [number, len(names), len(table["x"]), len(members), len(queue), kept.number]
    found += [Shared.total, len(shared.items), next(tickets), len(cached("x")), len(table)]
    found += [len(vars(shared)), round(chance.random() * 1000)]
    number += 1
    names.append(text)
    table["x"].append(1)
    table["y"] = []
    members.add(1)
    queue.append(1)
    kept.number += 1
    Shared.total += 1
    shared.items.append(1)
    vars(shared)["more"] = 1
    cached("x").append("y")
    return ",".join(map(str, found))


@workflow
async def touching(text: str) -> str:
    """One step that touches everything."""
    return await touches(text)


@step
async def nothing(text: str) -> str:
    """Give a checkpoint before anything is touched."""
    return text


@workflow
async def later(text: str) -> str:
    """The same, after a checkpoint."""
    return await touches(await nothing(text))


def test_a_new_process_has_forgotten_everything() -> None:
    """Globals, containers in place, slots, classes, counters, generators, caches."""
    before, held = number, names
    with WorkflowSimulation(later) as sim:
        first = sim.run("x")
        again = sim.resume_from(0)
        assert again.result() == first.result()
        assert names is held
        kept_on = sim.resume_from(0, restart=False)
        assert kept_on.result() != first.result()
        fresh = sim.resume_from(0)
        assert fresh.result() == first.result()
    assert number == before + 1
    sim._flow.restore_memory()
    assert (number, names, table, Shared.total) == (before, [], {"x": []}, 0)


def test_checkpoints_are_named_in_three_ways() -> None:
    """By themselves, by their ids, by their places."""
    with WorkflowSimulation(flows.chain) as sim:
        run = sim.run("x")
        checkpoint = run.checkpoints[1]
        for name in (checkpoint, checkpoint.checkpoint_id, 1):
            again = sim.resume_from(name)
            assert again.result() == "X!"
            kinds = [event.type for event in again.events]
            assert kinds.count("executor_bypassed") == 2


def test_a_wrong_checkpoint() -> None:
    """A place that is not taken, an id that is unknown, and something else."""
    with WorkflowSimulation(flows.chain) as sim:
        sim.run("x")
        with pytest.raises(UsageError, match=r"^There is no checkpoint 9: 3 were saved\.$"):
            sim.resume_from(9)
        with pytest.raises(UsageError, match=r"^A checkpoint is one of run\.checkpoints, its id"):
            sim.resume_from(2.5)
        assert "There is no checkpoint 'x'." in str(sim.resume_from("x").failure)


def test_answers_before_the_checkpoint_are_given_again() -> None:
    """A functional workflow asks for them all; the test gives those that came later."""
    with WorkflowSimulation(flows.stages) as sim:
        sim.run("x")
        run = sim.respond("auto::0", "Title")
        sim.respond("auto::1", False)
        after_the_title = run.checkpoints[2]
        again = sim.resume_from(after_the_title)
        assert [request.id for request in again.pending] == ["auto::1"]
        sim.respond("auto::1", True)
        assert again.result() == "Title: X!"


def test_answers_with_the_checkpoint() -> None:
    """They may be handed over in the same call."""
    with WorkflowSimulation(flows.panel) as sim:
        run = sim.run("x")
        paused = run.checkpoints[-1]
        (request,) = run.pending
        again = sim.resume_from(paused, responses={request.id: True})
        assert again.result() == "x a, x b (1)"


def test_a_message_after_the_restart() -> None:
    """What was restored ends first; then comes the next turn."""
    with WorkflowSimulation(flows.loop) as sim:
        run = sim.run("a")
        again = sim.resume_from(run.checkpoints[-1], message="b")
        assert again.outputs == ["b4"]


def test_a_graph_is_copied_from_before_its_first_run() -> None:
    """The user's own object ran first; the copy knows nothing of that but its checkpoint."""
    graph = flows.loop()
    with WorkflowSimulation(graph) as sim:
        run = sim.run("a")
        assert run.instance is graph
        again = sim.resume_from(run.checkpoints[1])
        assert again.instance is not graph
        assert again.result() == "a1 echo2 echo3"


def test_a_builder_is_copied_too() -> None:
    """Its executors are not shared."""
    from agent_framework import WorkflowBuilder

    tally, echo = flows.Tally(id="tally"), flows.Worker(id="echo")
    builder = WorkflowBuilder(start_executor=tally, name="loop")
    builder = builder.add_edge(tally, echo).add_edge(echo, tally)
    with WorkflowSimulation(builder) as sim:
        run = sim.run("a")
        assert tally.count == 3
        assert sim.resume_from(run.checkpoints[1]).result() == "a1 echo2 echo3"
        assert tally.count == 3


def test_a_graph_that_cannot_be_copied() -> None:
    """It runs once, and says what to give instead."""

    class Locked(flows.Worker):
        def __deepcopy__(self, _: Any) -> Any:
            raise TypeError("cannot be copied")

    def build() -> Any:
        return flows._fan("locked", flows.Printer(id="p"), Locked(id="a"), flows.Worker(id="b"))

    with WorkflowSimulation(build()) as sim:
        run = sim.run("x")
        assert run.result() == "x a, x b"
        text = r"^The workflow 'locked' is needed a second time, .* cannot be copied: TypeError: "
        with pytest.raises(UsageError, match=text):
            sim.resume_from(run.checkpoints[0])
    with WorkflowSimulation(build) as sim:
        run = sim.run("x")
        assert sim.resume_from(run.checkpoints[0]).result() == "x a, x b"


def test_what_was_planned_happens_after_the_restart() -> None:
    """Deadlines watch the run that was restored, and the old one no more."""
    with WorkflowSimulation(flows.review) as sim:
        run = sim.run("x")
        sim.on_timeout("review", after="1h", answer=True)
        again = sim.resume_from(run.checkpoints[-1])
        assert again.result() == "X!"
        assert run.pending
        with pytest.raises(StuckError, match=r"^review waits for an answer"):
            run.result()


limit = asyncio.Semaphore(1)


@step
async def limited(text: str) -> str:
    """Be alone."""
    async with limit:
        await asyncio.sleep(1)
        return text


@workflow
async def limiting(names: str) -> str:
    """Steps that wait for each other by a global of asyncio."""
    return " ".join(await asyncio.gather(*(limited(name) for name in names)))


def test_locks_in_globals_serve_every_simulation() -> None:
    """Asyncio binds them to a loop, and each simulation has its own."""
    for _ in range(2):
        with WorkflowSimulation(limiting) as sim:
            run = sim.run("abc")
            assert run.result() == "a b c"
            assert sim.resume_from(run.checkpoints[0]).result() == "a b c"
    assert check_resume(limiting, "ab", schedules=2).ok


def test_a_checkpoint_of_another_simulation() -> None:
    """A storage that outlives a simulation serves the next one."""
    with WorkflowSimulation(flows.review) as sim:
        paused = sim.run("x").checkpoints[-1]
        storage = sim.storage
    assert isinstance(paused, WorkflowCheckpoint)
    with WorkflowSimulation(flows.review, storage=storage, seed=1) as sim:
        run = sim.resume_from(paused)
        sim.respond("review", True)
        assert run.result() == "X!"

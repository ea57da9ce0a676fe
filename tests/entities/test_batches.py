"""Queues and batches: what runs together, what waits, and what runs on meanwhile (7.3)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import azure.durable_functions as df
import pytest

from tests.apps import Context, Steps
from tests.entities.counters import app_with, counter, sleeper
from wfsim import HostSettings, Simulation
from wfsim.choices import Schedule
from wfsim.hub import entities as hub_entities
from wfsim.trace import EntityOperated, EntityRequested

CHOICE = "operations in one batch of @logger@k"


def make_logger() -> tuple[list[list[Any]], Callable[[Context], None]]:
    """Return an entity, and the list of its calls with the operations of each."""
    batches: list[list[Any]] = []
    known: list[object] = []  # a context lives as long as its batch, and keeps its id so long

    def logger(context: Context) -> None:
        if not known or known[-1] is not context:
            known.append(context)
            batches.append([])
        batches[-1].append(context.get_input())

    return batches, logger


def cycling(answers: tuple[int, ...]) -> Schedule:
    """Return a schedule that gives these answers in turn, as far as a choice has so many."""
    turns = itertools.cycle(answers)
    return lambda about, options: next(turns) % len(options)


def signals(sim: Simulation, count: int) -> None:
    for number in range(count):
        sim.entity("logger", "k").signal("log", number)
    sim.run_until_idle()


def test_what_is_queued_runs_in_one_batch() -> None:
    """All requests that wait when the entity's turn comes go into one call, in their order."""
    batches, logger = make_logger()
    with Simulation(app_with(entities=(logger,))) as sim:
        signals(sim, 4)
        signals(sim, 2)
    assert batches == [[0, 1, 2, 3], [0, 1]]


@pytest.mark.parametrize("most", [1, 2, 3, 5])
def test_a_batch_has_a_largest_size(most: int) -> None:
    """max_entity_batch cuts the queue into batches, and nothing is lost or reordered."""
    batches, logger = make_logger()
    settings = HostSettings(max_entity_batch=most)
    with Simulation(app_with(entities=(logger,)), settings=settings) as sim:
        signals(sim, 5)
    sizes = [most] * (5 // most) + [5 % most] * (5 % most > 0)
    assert [len(batch) for batch in batches] == sizes
    assert list(itertools.chain(*batches)) == list(range(5))


def test_a_schedule_chooses_the_batches() -> None:
    """Any number of the waiting operations may be taken; each choice is labelled."""
    batches, logger = make_logger()
    seen: list[list[str]] = []

    def two_at_first(about: str, options: Any) -> int:
        if about != CHOICE:
            return 0
        seen.append(list(options))
        return 2 if len(seen) == 1 else 0

    with Simulation(app_with(entities=(logger,)), schedule=two_at_first) as sim:
        signals(sim, 4)
        assert [choice.about for choice in sim.choices.made] == [CHOICE, CHOICE]
    assert batches == [[0, 1], [2, 3]]
    assert seen == [
        ["all 4", "the first 1", "the first 2", "the first 3"],
        ["all 2", "the first 1"],
    ]


def test_batches_do_not_change_the_outcome_of_good_code() -> None:
    """A counter that adds ends with the same sum however its requests are cut into batches."""
    for answers in itertools.product(range(3), repeat=2):
        with Simulation(app_with(), schedule=cycling(answers)) as sim:
            entity = sim.entity("counter", "k")
            for number in range(4):
                entity.signal("add", number)
            sim.run_until_idle()
            assert entity.state == 6


def test_an_entity_that_sleeps_keeps_its_queue_waiting() -> None:
    """time.sleep in an entity lasts that long in virtual time; later requests wait for it."""
    with Simulation(app_with(entities=(sleeper,))) as sim:
        begun = sim.now
        sim.entity("sleeper", "k").signal("sleep", 10)
        sim.run_until_idle()
        sim.entity("sleeper", "k").signal("sleep", 5)
        sim.advance("1m")
        ended = [item.at_us for item in sim.trace if isinstance(item, EntityOperated)]
        asked = [item.at_us for item in sim.trace if isinstance(item, EntityRequested)]
        assert asked[0] == asked[1]
        assert [(us - asked[0]) // 1_000_000 for us in ended] == [10, 15]
        assert sim.now - begun == timedelta(minutes=1)


def test_other_entities_run_on_meanwhile() -> None:
    """Entities sleep side by side, those of one name with different keys too."""
    with Simulation(app_with(entities=(sleeper, counter))) as sim:
        for key in ("a", "b", "c"):
            sim.entity("sleeper", key).signal("sleep", 10)
        assert sim.entity("counter", "k").call("get") == 0
        sim.advance("10s")
        assert [sim.entity("sleeper", key).state for key in "abc"] == [[10]] * 3


def test_the_entitys_own_clock_goes_on_while_it_sleeps() -> None:
    """Inside the operation the wall clock shows the time after the sleep."""

    def clocked(context: Context) -> None:
        import time

        before = datetime.now()
        time.sleep(30)
        context.set_result(round((datetime.now() - before).total_seconds()))

    with Simulation(app_with(entities=(clocked,))) as sim:
        assert sim.entity("clocked", "k").call("x") == 30


def test_a_read_shows_the_last_saved_state() -> None:
    """While a batch runs, and while requests wait, the state is that of the batch before."""
    with Simulation(app_with(entities=(sleeper,))) as sim:
        entity = sim.entity("sleeper", "k")
        entity.call("sleep", 1)
        entity.signal("sleep", 2)
        assert entity.state == [1]
        sim.run_until_idle()
        assert entity.state == [1]
        assert [label for _, label in sim.pending] == ["batch of @sleeper@k ends"]
        sim.advance("2s")
        assert entity.state == [1, 2]


def test_one_senders_messages_keep_their_order() -> None:
    """Signals and calls of one orchestration arrive as they were sent, under any schedule."""

    def writes(context: Context) -> Steps:
        entity = df.EntityId("counter", "k")
        for number in range(3):
            context.signal_entity(entity, "set", number)
        return (yield context.call_entity(entity, "get"))

    for answers in itertools.product(range(3), repeat=2):
        with Simulation(app_with(writes), schedule=cycling(answers)) as sim:
            assert sim.start("writes").result() == 2


def test_a_purged_entity_starts_over() -> None:
    """Its queue, its state and the batch in progress are gone."""
    with Simulation(app_with(entities=(sleeper,))) as sim:
        entity = sim.entity("sleeper", "k")
        entity.call("sleep", 1)
        entity.signal("sleep", 5)
        sim.run_until_idle()
        entity.signal("sleep", 5)
        hub_entities.purge_entity(sim._world.hub, entity.entity_id)  # pyright: ignore[reportPrivateUsage]
        seen = len(sim.trace)
        sim.advance("1m")
        assert (entity.exists, len(sim.trace)) == (False, seen)
        entity.call("sleep", 2)
        assert entity.state == [2]

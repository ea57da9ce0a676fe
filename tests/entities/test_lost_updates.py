"""Two orchestrations and one counter: what a queue protects, and what it does not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import azure.durable_functions as df
import pytest

from tests.apps import Context, Steps
from tests.entities.counters import COUNTER, app_with, sleeper
from wfsim import Simulation
from wfsim.trace import EntityOperated


def careless(context: Context) -> Steps:
    """Add the input in two calls, with an hour between reading and writing."""
    value = yield context.call_entity(COUNTER, "get")
    yield context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    yield context.call_entity(COUNTER, "set", value + context.get_input())


def careful(context: Context) -> Steps:
    """Add the input in one operation."""
    yield context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    yield context.call_entity(COUNTER, "add", context.get_input())


@pytest.mark.parametrize(("name", "total"), [("careless", 2), ("careful", 3)])
def test_two_calls_lose_an_update_and_one_does_not(name: str, total: int) -> None:
    """Read-modify-write over two calls loses what the other wrote; an operation loses nothing."""
    with Simulation(app_with(careless, careful)) as sim:
        runs = [sim.start(name, input=number) for number in (1, 2)]
        for run in runs:
            run.result()
        assert sim.entity("counter", "k").state == total


def test_one_after_the_other_nothing_is_lost() -> None:
    """The careless orchestration is right as long as nobody else comes between."""
    with Simulation(app_with(careless)) as sim:
        for number in (1, 2):
            sim.start("careless", input=number).result()
        assert sim.entity("counter", "k").state == 3


def one_by_one(about: str, options: Sequence[str]) -> int:
    """Take the smallest batches."""
    return 1 if about.startswith("operations in one batch") else 0


def test_calls_queue_per_entity_while_others_run_on() -> None:
    """Calls of one entity take turns, ten seconds each; another entity answers in between."""

    def naps(context: Context) -> Steps:
        yield context.call_entity(df.EntityId("sleeper", context.get_input()), "sleep", 10)

    with Simulation(app_with(naps, entities=(sleeper,)), schedule=one_by_one) as sim:
        begun = sim.now
        runs = [sim.start("naps", input=key) for key in ("busy", "busy", "busy", "idle")]
        for run in runs:
            run.result()
        ended = [run.finished_at - begun for run in runs if run.finished_at]
        assert ended == [timedelta(seconds=seconds) for seconds in (10, 20, 30, 10)]
        done = [item.instance_id for item in sim.trace if isinstance(item, EntityOperated)]
        assert done == ["@sleeper@busy", "@sleeper@idle", "@sleeper@busy", "@sleeper@busy"]

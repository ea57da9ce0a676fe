"""Many entities under random requests and schedules, against a dictionary of lists."""

from __future__ import annotations

import random
import time
from typing import Any

import azure.durable_functions as df
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.apps import Context, Steps
from tests.entities.counters import app_with
from wfsim import FunctionFailed, HostSettings, Simulation

KEYS = st.sampled_from(["a", "A", "b"])
VALUES = st.integers(0, 3)
OPERATIONS = st.tuples(st.sampled_from(["append", "nap", "boom", "clear"]), VALUES)
REQUESTS = st.tuples(st.booleans(), KEYS, OPERATIONS)


def log(context: Context) -> None:
    """Append the input to the state, at once or after a nap, or fail once that is done."""
    value = context.get_input()
    if context.operation_name == "clear":
        context.set_result(None)  # after the deletion it would make the entity anew
        context.destruct_on_exit()
        return
    if context.operation_name == "nap":
        time.sleep(value)
    context.set_state([*(context.get_state() or []), value])
    if context.operation_name == "boom":
        raise ValueError(str(value))
    context.set_result(len(context.get_state()))


def driver(context: Context) -> Steps:
    """Send the requests of the input, one after the other; return what the calls gave."""
    results: list[Any] = []
    for is_signal, key, (operation, value) in context.get_input():
        entity = df.EntityId("Log", key)
        if is_signal:
            context.signal_entity(entity, operation, value)
            continue
        try:
            results.append((yield context.call_entity(entity, operation, value)))
        except Exception as error:
            results.append(str(error))
    yield context.call_activity("say", None)  # signals alone would leave no task to yield
    return results


class Entities(RuleBasedStateMachine):
    """What a queue per entity promises, whatever the schedule."""

    def __init__(self) -> None:
        super().__init__()
        self.lists: dict[str, list[int]] = {}

    @initialize(seed=st.integers(0, 999), most=st.sampled_from([1, 2, 5000]))
    def open(self, seed: int, most: int) -> None:
        chance = random.Random(seed)
        self.simulation = Simulation(
            app_with(driver, entities=(log,)),
            schedule=lambda about, options: chance.randrange(len(options)),
            settings=HostSettings(max_entity_batch=most),
            findings="error",
        )

    def apply(self, key: str, operation: str, value: int) -> int | str | None:
        """Do to the model what an operation does, and return what a call gives."""
        if operation == "clear":
            self.lists.pop(key, None)
            return None
        values = self.lists.setdefault(key, [])
        values.append(value)
        return str(value) if operation == "boom" else len(values)

    @rule(key=KEYS, operation=OPERATIONS)
    def signal(self, key: str, operation: tuple[str, int]) -> None:
        self.simulation.entity("log", key).signal(*operation)
        self.apply(key, *operation)

    @rule(key=KEYS, operation=OPERATIONS)
    def call(self, key: str, operation: tuple[str, int]) -> None:
        wanted = self.apply(key, *operation)
        try:
            got = self.simulation.entity("log", key).call(*operation, timeout="1h")
        except FunctionFailed as error:
            got = str(error.__cause__)
        assert got == wanted

    @rule(requests=st.lists(REQUESTS, max_size=6))
    def orchestrate(self, requests: list[tuple[bool, str, tuple[str, int]]]) -> None:
        self.settle()
        run = self.simulation.start("driver", input=requests)
        wanted = [(signals, self.apply(key, *asked)) for signals, key, asked in requests]
        assert run.result() == [result for signals, result in wanted if not signals]

    @rule(key=KEYS, values=st.lists(st.lists(VALUES, min_size=1, max_size=3), max_size=3))
    def orchestrate_side_by_side(self, key: str, values: list[list[int]]) -> None:
        self.settle()
        for own in values:
            self.simulation.start("driver", [(False, key, ("append", item)) for item in own])
        self.simulation.advance("1h")
        got: Any = self.simulation.entity("log", key).state or []
        before = self.lists.get(key, [])
        assert got[: len(before)] == before
        assert sorted(got[len(before) :]) == sorted(item for own in values for item in own)
        if got:
            self.lists[key] = got

    @rule()
    def settle(self) -> None:
        self.simulation.advance("1h")
        for key in ("a", "A", "b"):
            entity = self.simulation.entity("log", key)
            assert entity.state == self.lists.get(key)
            assert entity.exists == (key in self.lists)

    def teardown(self) -> None:
        try:
            self.settle()
        finally:
            self.simulation.close(check=False)


Entities.TestCase.settings = settings(
    max_examples=40, stateful_step_count=10, parent=settings.get_profile("repeatable")
)


TestEntities = pytest.mark.slow(Entities.TestCase)

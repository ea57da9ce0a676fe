"""How calls are seen in Python 3.12 and later, with what Python tells there played by hand."""

from __future__ import annotations

import functools
import os
import random
import time
from types import CodeType, SimpleNamespace
from typing import Any

import pytest

from wfsim.guards.tripwires import Wires
from wfsim.guards.watch import MonitoringWatch

DISABLE = object()


class Python:
    """Stands for `sys.monitoring`, and remembers what it was asked."""

    DISABLE = DISABLE
    events = SimpleNamespace(CALL=1)

    def __init__(self, *taken: int) -> None:
        self.taken = dict.fromkeys(taken, "other")
        self.followed: list[str] = []

    def get_tool(self, number: int) -> str | None:
        return self.taken.get(number)

    def use_tool_id(self, number: int, name: str) -> None:
        self.taken[number] = name

    def register_callback(self, number: int, event: int, call: Any) -> None:
        assert (self.taken[number], event) == ("wfsim", 1)

    def set_local_events(self, number: int, code: CodeType, events: int) -> None:
        assert (self.taken[number], events) == ("wfsim", 1)
        self.followed.append(code.co_name)


def users() -> None:
    """A function of the user's own."""


class Clock:
    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now

    def tick(self) -> None:
        self.now += 1


def told(function: object, first: object = None, code: CodeType = users.__code__) -> list[str]:
    """Return what is heard when Python tells of one call in a function of the user's."""
    heard: list[str] = []
    watch = MonitoringWatch(Python())
    with Wires([]).up(lambda _kind, name, _frame: heard.append(name)):
        watch.on_call(code, 0, function, first)
    return heard


@pytest.mark.parametrize(
    ("function", "first", "name"),
    [
        (time.process_time, None, ["time.process_time"]),
        (functools.partial(time.process_time), None, ["time.process_time"]),
        (functools.partial(functools.partial(os.getpid)), None, ["os.getpid"]),
        (random.choice, "ab", ["random.choice"]),
        (random.Random.choice, random.random.__self__, ["random.choice"]),  # type: ignore[attr-defined]
        (random.seed, 1, []),
        (random.Random(1).choice, "ab", []),
        (random.Random(1).random, None, []),
        (len, [], []),
        (users, None, []),
        (Clock().tick, None, []),
        (Clock(), None, []),
        (Clock, None, []),
    ],
)
def test_calls_are_told_by_what_they_call(function: object, first: object, name: list[str]) -> None:
    """Functions are known whatever holds them, and a generator by whether it is the shared one."""
    assert told(function, first) == name


def test_what_is_called_is_followed_once() -> None:
    """The user's functions, classes and objects that can be called; the SDK's and ours are not."""
    import azure.durable_functions as df

    python = Python()
    watch = MonitoringWatch(python)
    clock = Clock()
    with Wires([]).up(lambda *_: None):
        for function in [users, users, Clock, clock, clock.tick, len]:
            assert watch.on_call(users.__code__, 0, function, None) is None
        for other in [df.DurableOrchestrationContext.call_activity, MonitoringWatch.follow]:
            watch.on_call(users.__code__, 0, other, None)
    assert python.followed == ["users", "__init__", "__call__", "tick"]


def test_lines_of_libraries_are_looked_at_once() -> None:
    """A line of a library calls one thing; one of the user's may call whatever it is given."""
    watch = MonitoringWatch(Python())
    with Wires([]).up(lambda *_: None):
        assert watch.on_call(os.walk.__code__, 0, users, None) is DISABLE
        assert watch.on_call(users.__code__, 0, os.walk, None) is None


def test_nobody_hears_nothing() -> None:
    """Without a guard that listens, calls are not even looked up."""
    python = Python()
    assert MonitoringWatch(python).on_call(os.walk.__code__, 0, users, None) is None
    assert python.followed == []


def test_without_a_free_tool_it_does_without() -> None:
    """Where others have taken both numbers, steps are taken all the same."""
    python = Python(3, 4)
    watch = MonitoringWatch(python)
    watch.follow(users)
    assert python.followed == []
    assert watch.step(0, lambda: "taken") == "taken"
    assert python.taken == {3: "other", 4: "other"}

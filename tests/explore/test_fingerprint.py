"""What an orchestrator reads besides its history: each change of it is noticed."""

from __future__ import annotations

import enum
import functools
import json
import random
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import pytest

from wfsim.workers.azure_functions.fingerprint import Fingerprints

Change = Callable[[], object]


@dataclass
class Box:
    """An object that holds something."""

    held: object = None
    more: list[int] = field(default_factory=list[int])


class Slotted:
    """An object without a dict."""

    __slots__ = ("held",)

    def __init__(self) -> None:
        self.held = 1


class Tariff:
    """A class with data of its own."""

    rate = 5
    rates: ClassVar[list[int]] = [1]


class Colour(enum.Enum):
    """A few names."""

    RED = 1
    BLUE = 2


class Pair(NamedTuple):
    """Two things."""

    first: int
    second: object


LIST, DICT, SET = [1], {"a": 1}, {1}
NESTED: dict[str, list[dict[str, int]]] = {"a": [{"b": 1}]}
BOX, SLOTTED, PAIR = Box(), Slotted(), Pair(1, [2])
COUNTER, QUEUE, BY_NAME = Counter("ab"), deque([1]), defaultdict(list[int], a=[1])
NUMBER, TEXT, WHEN = 1, "a", datetime(2000, 1, 1, tzinfo=UTC)


def helper(value: int = 1) -> int:
    """Read a global of its own."""
    return value + NUMBER


def closure() -> tuple[Callable[[], object], Callable[[object], None]]:
    """Return a function, and what changes the cell that it reads."""
    held: object = 1

    def read() -> object:
        return held

    def change(value: object) -> None:
        nonlocal held
        held = value

    return read, change


READ_CELL, CHANGE_CELL = closure()


@contextmanager
def unchanged() -> Generator[None]:
    """Put the globals of this module back."""
    before = dict(globals())
    LIST[:], QUEUE[0], BOX.held, SLOTTED.held, Tariff.rate = [1], 1, None, 1, 5
    try:
        yield
    finally:
        globals().update(before)
        CHANGE_CELL(1)
        helper.__defaults__ = (1,)
        vars(helper).clear()


CHANGES: dict[str, tuple[Callable[[], Any], Change]] = {
    "list": (lambda: LIST, lambda: LIST.append(2)),
    "dict": (lambda: DICT, lambda: DICT.update(b=2)),
    "order of a dict": (lambda: DICT, lambda: DICT.update(a=DICT.pop("a"), c=0)),
    "nested": (lambda: NESTED, lambda: NESTED["a"][0].update(b=NESTED["a"][0]["b"] + 1)),
    "set": (lambda: len(SET), lambda: SET.add(len(SET) + 10)),
    "object": (lambda: BOX.held, lambda: setattr(BOX, "held", 2)),
    "list of an object": (lambda: BOX.more, lambda: BOX.more.append(1)),
    "slot": (lambda: SLOTTED.held, lambda: setattr(SLOTTED, "held", 2)),
    "class attribute": (lambda: Tariff.rate, lambda: setattr(Tariff, "rate", 6)),
    "list of a class": (lambda: Tariff().rates, lambda: Tariff.rates.append(1)),
    "tuple's list": (lambda: PAIR, lambda: PAIR.second.append(1)),  # type: ignore[attr-defined]
    "counter": (lambda: COUNTER, lambda: COUNTER.update("a")),
    "queue": (lambda: QUEUE, lambda: QUEUE.extend([7])),
    "default dict": (lambda: BY_NAME, lambda: BY_NAME["a"].append(1)),
    "number": (lambda: NUMBER, lambda: globals().update(NUMBER=2)),
    "number to bool": (lambda: NUMBER, lambda: globals().update(NUMBER=True)),
    "number to float": (lambda: NUMBER, lambda: globals().update(NUMBER=1.0)),
    "text": (lambda: TEXT, lambda: globals().update(TEXT="b")),
    "date": (lambda: WHEN, lambda: globals().update(WHEN=WHEN + timedelta(days=1))),
    "helper's global": (lambda: [helper()], lambda: globals().update(NUMBER=2)),
    "helper's default": (lambda: [helper()], lambda: setattr(helper, "__defaults__", (2,))),
    "helper's attribute": (lambda: [helper()], lambda: setattr(helper, "calls", 1)),
    "helper itself": (lambda: [helper()], lambda: globals().update(helper=lambda: 3)),
    "cell": (lambda: [READ_CELL()], lambda: CHANGE_CELL(2)),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_noticed(name: str) -> None:
    """Fingerprints before and after a change differ, and the cheap look notices it, too."""
    read, change = CHANGES[name]
    with unchanged():
        fingerprints = Fingerprints()
        before = fingerprints.of([read])
        assert before.mark is not None
        assert fingerprints.of([read]).mark == before.mark
        change()
        assert not before.holds()
        assert fingerprints.of([read]).mark != before.mark


def test_another_part_in_a_library_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library in which something was put in place of a function is in another state."""
    fingerprints = Fingerprints()

    def read() -> str:
        return json.dumps(1)

    before = fingerprints.of([read])
    assert before.holds()
    monkeypatch.setattr(json, "dumps", json.loads)
    assert not before.holds()
    assert fingerprints.of([read]).mark != before.mark


def test_what_cannot_change_is_looked_at_once() -> None:
    """Code that reads constants and libraries need not be looked at in full again."""
    with unchanged():
        state = Fingerprints().of([lambda: (timedelta(hours=NUMBER), helper())])
        assert state.mark is not None
        assert state.holds()


def test_aliases_are_part_of_a_fingerprint() -> None:
    """Two names for one list are another state than two lists that are alike."""
    fingerprints, one = Fingerprints(), [1]
    assert fingerprints.of([[one, one]]).mark != fingerprints.of([[[1], [1]]]).mark


def test_a_ring_has_a_fingerprint() -> None:
    """What holds itself is looked at once."""
    ring: list[object] = [1]
    ring.append(ring)
    assert Fingerprints().of([ring]).mark == Fingerprints().of([ring]).mark is not None


@functools.cache
def cached(value: int) -> int:
    """Remember."""
    return value


NUMBERS = iter(range(3))

STRANGE: dict[str, Callable[..., Any]] = {
    "a cache behind a decorator": lambda: cached(1),
    "an iterator": lambda: next(NUMBERS),
    "random numbers": lambda: random.random() + 1,
    "a file": lambda: open("x"),  # noqa: PTH123, SIM115
    "a path": lambda: Path("x").exists(),
    "a set": lambda: list({TEXT, "b"}),
    "a set of constants that is iterated": lambda: [item for item in {"a", "b"}],  # noqa: C416, PLC0208
    "an address": lambda: id(TEXT),
    "a hash": lambda: hash(TEXT),
    "names by text": lambda: globals()["TEXT"],
    "the inside of a function": lambda: helper.__globals__,
    "a module by another": lambda: enum.sys,  # type: ignore[attr-defined]
    "what nobody defined": lambda: undefined,  # type: ignore[name-defined]  # noqa: F821
}


@pytest.mark.parametrize("name", STRANGE)
def test_what_is_not_understood_has_no_fingerprint(name: str) -> None:
    """Code that may depend on anything is never taken for a function of its history."""
    assert Fingerprints().of([STRANGE[name]]).mark is None


PLAIN: dict[str, Callable[..., Any]] = {
    "arithmetic": lambda: sum(range(NUMBER)) + len("a"),
    "dates": lambda: WHEN + timedelta(hours=1),
    "dataclasses": lambda: Box(TEXT).held,
    "enums": lambda: Colour(NUMBER) is Colour.RED,
    "named tuples": lambda: Pair(1, 2).second,
    "membership": lambda: TEXT in {"a", "b"},
    "partial": functools.partial(helper, 1),
    "exceptions": lambda: ValueError("no"),
}


@pytest.mark.parametrize("name", PLAIN)
def test_what_is_usual_has_a_fingerprint(name: str) -> None:
    """What orchestrators do every day is understood."""
    assert Fingerprints().of([PLAIN[name]]).mark is not None

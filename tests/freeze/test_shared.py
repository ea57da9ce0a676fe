"""The state of a generator, copied or asked for, is the state of a generator."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfsim.freeze import shared
from wfsim.freeze.shared import Asked, Copied, Words, words_of

KINDS: tuple[Callable[[random.Random], Words], ...] = (words_of, Asked)
DRAWS = st.lists(st.sampled_from((1, 32, 33, 640, 32 * 624, 32 * 700)), max_size=6)


def state(generator: random.Random) -> tuple[int, ...]:
    """Return all that decides what comes next."""
    words: tuple[int, ...] = generator.getstate()[1]
    return words


@pytest.mark.parametrize("kind", KINDS)
@given(seed=st.integers(), before=DRAWS, after=DRAWS)
def test_a_state_brings_back_what_came_then(
    kind: Callable[[random.Random], Words], seed: int, before: list[int], after: list[int]
) -> None:
    """After going back, a generator draws what it drew, and shows what it showed."""
    generator = random.Random(seed)
    words = kind(generator)
    assert words.is_fresh()
    for bits in before:
        generator.getrandbits(bits)
    assert words.is_fresh() is not bool(before)
    known, shown = words.get(), state(generator)
    drawn = [generator.getrandbits(bits) for bits in after]
    assert (words.get() == known) is not bool(after)
    words.set(known)
    assert state(generator) == shown
    assert words.get() == known == words.made(shown)
    assert [generator.getrandbits(bits) for bits in after] == drawn


@given(seed=st.integers(), draws=DRAWS)
def test_a_state_made_of_numbers_is_theirs(seed: int, draws: list[int]) -> None:
    """Both ways put another generator's words into one."""
    other = random.Random(seed)
    for bits in draws:
        other.getrandbits(bits)
    for kind in KINDS:
        generator = random.Random(0)
        words = kind(generator)
        words.set(words.made(state(other)))
        assert state(generator) == state(other)


def test_cpython_keeps_the_words_where_they_are_copied() -> None:
    """A release that moves them is slower and no less right; here is where one hears of it."""
    assert type(words_of(random.Random(1))) is Copied


def test_elsewhere_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is looked at only where its layout is known."""
    monkeypatch.setattr(shared, "sys", SimpleNamespace(implementation=SimpleNamespace(name="pypy")))
    assert sys.implementation.name == "cpython"
    assert type(words_of(random.Random(1))) is Asked

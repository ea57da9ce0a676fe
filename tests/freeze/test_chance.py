"""Chance is seeded per simulation, however it was imported."""

from __future__ import annotations

import os
import random
import secrets
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.freeze import user_code
from wfsim.clock import VirtualClock
from wfsim.freeze import Freezer

DRAWS: dict[str, Callable[[], object]] = {
    "random.random": random.random,
    "from random import choice": lambda: user_code.choice(range(10**9)),
    "from random import random": user_code.random,
    "random.Random()": lambda: random.Random().random(),
    "random.SystemRandom": lambda: random.SystemRandom().random(),
    "random.seed()": lambda: (random.seed(), random.random()),
    "from random import seed": lambda: (user_code.seed(), random.random()),
    "uuid.uuid1": uuid.uuid1,
    "uuid.uuid4": uuid.uuid4,
    "from uuid import uuid1": user_code.uuid1,
    "from uuid import uuid4": user_code.uuid4,
    "secrets.token_hex": secrets.token_hex,
    "from secrets import token_hex": user_code.token_hex,
    "os.urandom": lambda: os.urandom(16),
    "from os import urandom": lambda: user_code.urandom(16),
}


def drawn(draw: Callable[[], object], *, seed: int) -> list[object]:
    with Freezer(VirtualClock(), seed=seed) as freezer:
        freezer.adopt([user_code])
        draws: list[object] = []
        for _ in range(2):
            with freezer.operation():
                draws += [draw(), draw()]
    return draws


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_the_seed_decides(draw: Callable[[], object]) -> None:
    """The same seed draws the same, another one differs, and no two draws are alike."""
    first = drawn(draw, seed=1)
    assert drawn(draw, seed=1) == first
    assert len({str(value) for value in first}) == 4
    # uuid1 is made of the time and of the node, which differs by seed
    assert drawn(draw, seed=2) != first


def test_the_outer_world_keeps_its_own_chance() -> None:
    """An operation neither reads nor disturbs the global generator of the test."""
    random.seed(5)
    expected = [random.random() for _ in range(3)]
    random.seed(5)
    seen = [random.random()]
    with Freezer(VirtualClock(), seed=1) as freezer:
        with freezer.operation():
            random.random()
        seen.append(random.random())
        with freezer.operation():
            random.seed(0)
            random.gauss()
    assert [*seen, random.random()] == expected


def test_a_seeded_generator_is_left_alone(freezer_: Freezer) -> None:
    """random.Random(7) gives what it gives everywhere."""
    expected = random.Random(7).random()
    with freezer_.operation():
        assert random.Random(7).random() == expected
        random.seed(7)
        assert random.random() == expected


@pytest.mark.parametrize(("size", "error"), [(-1, ValueError), ("x", TypeError), (1.5, TypeError)])
def test_urandom_refuses_what_the_real_one_refuses(
    freezer_: Freezer, size: Any, error: type[Exception]
) -> None:
    """Wrong sizes raise the same errors."""
    with pytest.raises(error) as real:
        os.urandom(size)
    with freezer_.operation(), pytest.raises(error) as ours:
        os.urandom(size)
    assert str(ours.value) == str(real.value)


def test_no_hardware_address_leaks(freezer_: Freezer) -> None:
    """uuid1 carries virtual time and a seeded node."""
    with freezer_.operation():
        made = uuid.uuid1()
    assert made.node == freezer_.entropy.node
    assert made.node >> 40 & 1
    assert made.time == (946_684_800 * 10**7) + 0x01B21DD213814000


def test_an_orchestrators_draws_leave_the_others_alone() -> None:
    """However often an orchestrator is replayed, activities draw the same."""

    def activity_draws(passes: int) -> list[object]:
        with Freezer(VirtualClock(), seed=1) as freezer, freezer.operation():
            for _ in range(passes):
                with freezer.orchestrator_pass():
                    random.random(), uuid.uuid4(), random.Random()
            return [random.random(), uuid.uuid4(), random.Random().random()]

    assert activity_draws(0) == activity_draws(1) == activity_draws(5)


def test_every_pass_draws_anew_but_the_same_in_every_run() -> None:
    """An orchestrator that draws gets other numbers in a replay, as in production."""

    def pass_draws() -> list[tuple[object, ...]]:
        with Freezer(VirtualClock(), seed=1) as freezer, freezer.operation():
            draws: list[tuple[object, ...]] = []
            for variant in (0, 0, 1):
                with freezer.orchestrator_pass(variant):
                    draws.append((random.random(), uuid.uuid4()))
            return draws

    draws = pass_draws()
    assert draws == pass_draws()
    assert len({number for number, _ in draws}) == len({made for _, made in draws}) == 3


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_a_pass_tells_whether_it_drew(freezer_: Freezer, draw: Callable[[], object]) -> None:
    """Drawing in any way touches the pass; not drawing leaves it untouched."""
    freezer_.adopt([user_code])
    with freezer_.operation():
        with freezer_.orchestrator_pass() as idle:
            random.Random(7).random()
        with freezer_.orchestrator_pass() as busy:
            draw()
    assert (idle.touched, busy.touched) == (False, True)


def test_drawing_a_whole_block_is_noticed(freezer_: Freezer) -> None:
    """However many words were drawn, a pass that drew does not look fresh."""
    with freezer_.operation():
        for words in (1, 623, 624, 625, 1248):
            with freezer_.orchestrator_pass() as busy:
                random.getrandbits(32 * words)
            assert busy.touched

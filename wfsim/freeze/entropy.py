"""Seeded chance: what `random`, `uuid`, `secrets` and `os.urandom` give to user code."""

from __future__ import annotations

import operator
import random
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from wfsim.freeze.alarms import ring
from wfsim.freeze.shared import SHARED, State, words_of

__all__ = ["SHARED", "Entropy"]

_FULL: Final[Any] = SHARED
_SEED: Final[Any] = random.Random.__base__.seed  # type: ignore[union-attr]
"""What seeds a generator with a number; Python's own looks at other types first."""
_WORDS: Final = words_of(SHARED)

_SEED_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beginning:
    """What a seed decides, before anything is drawn."""

    shared_state: tuple[State, object]
    pass_base: int
    node: int


@lru_cache(maxsize=16)
def _beginning(seed: int) -> _Beginning:
    _, words, gauss = random.Random(f"wfsim random {seed}").getstate()
    return _Beginning(
        shared_state=(_WORDS.made(words), gauss),
        pass_base=int.from_bytes(sha256(f"wfsim orchestrator {seed}".encode()).digest()[:8]),
        node=random.Random(f"wfsim node {seed}").getrandbits(48) | 1 << 40,
    )


class Entropy:
    """The chance of one simulation.

    Activities draw from the main streams, one of bytes and one behind the module `random`. An
    orchestrator is run again and again; what it draws comes from a stream of that one pass, so
    that the number of replays has no effect on the activities.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._bytes: random.Random | None = None
        beginning = _beginning(seed)
        self._shared_state, self._pass_base = beginning.shared_state, beginning.pass_base
        self._outer: list[tuple[State, object]] = []
        self.passes = 0
        """How many passes of orchestrators there were; decides what the next one draws."""
        self._pass_seed: int | None = None
        self._pass_bytes: random.Random | None = None
        self.node = beginning.node
        """What `uuid.getnode` gives: the multicast bit marks it as no hardware address."""

    def urandom(self, size: int, /) -> bytes:
        """Return `size` seeded bytes, in place of `os.urandom`."""
        count = operator.index(size)
        if count < 0:
            raise ValueError("negative argument not allowed")
        ring("randomness", "os.urandom")
        return self._stream().randbytes(count)

    def fresh_seed(self) -> int:
        """Return the seed of a generator that asked for none in particular."""
        return int.from_bytes(self.urandom(_SEED_BYTES))

    def _stream(self) -> random.Random:
        if self._pass_seed is None:
            if self._bytes is None:
                self._bytes = random.Random(f"wfsim bytes {self._seed}")
            return self._bytes
        if self._pass_bytes is None:  # most orchestrators draw nothing, so it is made late
            self._pass_bytes = random.Random(self._pass_seed + 1)
        return self._pass_bytes

    def __enter__(self) -> None:
        """Put the simulation's state into the shared generator until `__exit__`."""
        self._outer.append(_state())
        _go_to(self._shared_state)

    def __exit__(self, *_: object) -> None:
        self._shared_state = _state()
        _go_to(self._outer.pop())

    def begin_pass(self, variant: int) -> tuple[State, object]:
        """Draw from a stream of one pass, and leave the main streams alone until `end_pass`.

        Returns what that wants to have.
        """
        main = _state()
        self.passes += 1
        self._pass_seed = ((self._pass_base << 64 | self.passes) << 16 | variant) << 1
        _SEED(SHARED, self._pass_seed)
        _FULL.gauss_next = None
        return main

    def end_pass(self, main: tuple[State, object], *, is_watched: bool = True) -> bool:
        """Go back to the main streams; return whether the pass has drawn anything, if asked."""
        drew = is_watched and (self._pass_bytes is not None or not _WORDS.is_fresh())
        self._pass_seed = self._pass_bytes = None
        _go_to(main)
        return drew


def _state() -> tuple[State, object]:
    """Return the state of the shared generator, and what `gauss` keeps for its next call."""
    return _WORDS.get(), _FULL.gauss_next


def _go_to(state: tuple[State, object]) -> None:
    words, _FULL.gauss_next = state
    _WORDS.set(words)

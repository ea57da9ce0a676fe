"""Seeded chance: what `random`, `uuid`, `secrets` and `os.urandom` give to user code."""

from __future__ import annotations

import operator
import random
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, cast

from wfsim.freeze.alarms import ring

__all__ = ["SHARED", "Entropy"]

SHARED: Final = cast("random.Random", random.random.__self__)  # type: ignore[attr-defined]
"""The generator behind `random.random` and the other functions of that module."""

_FULL: Final[Any] = SHARED
_C: Final[Any] = random.Random.__base__
"""The generator without Python's wrappings, which cost a third, twice in each pass."""

_SEED_BYTES: Final = 32
_SEEDED_WORD: Final = 1 << 31


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beginning:
    """What a seed decides, before anything is drawn."""

    shared_state: tuple[object, object]
    pass_base: int
    node: int


@lru_cache(maxsize=16)
def _beginning(seed: int) -> _Beginning:
    _, words, gauss = random.Random(f"wfsim random {seed}").getstate()
    return _Beginning(
        shared_state=(words, gauss),
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

    @contextmanager
    def installed(self) -> Generator[None]:
        """Put the simulation's state into the shared generator meanwhile."""
        outer = _state()
        _go_to(self._shared_state)
        try:
            yield
        finally:
            self._shared_state = _state()
            _go_to(outer)

    def begin_pass(self, variant: int) -> tuple[object, object]:
        """Draw from a stream of one pass, and leave the main streams alone until `end_pass`.

        Returns what that wants to have.
        """
        main = _state()
        self.passes += 1
        self._pass_seed = ((self._pass_base << 64 | self.passes) << 16 | variant) << 1
        _C.seed(SHARED, self._pass_seed)
        _FULL.gauss_next = None
        return main

    def end_pass(self, main: tuple[object, object], *, is_watched: bool = True) -> bool:
        """Go back to the main streams; return whether the pass has drawn anything, if asked."""
        drew = is_watched and (self._pass_bytes is not None or not _is_fresh())
        self._pass_seed = self._pass_bytes = None
        _go_to(main)
        return drew


def _state() -> tuple[object, object]:
    """Return the words of the shared generator, and what `gauss` keeps for its next call."""
    return _C.getstate(SHARED), _FULL.gauss_next


def _go_to(state: tuple[object, object]) -> None:
    words, _FULL.gauss_next = state
    _C.setstate(SHARED, words)


def _is_fresh() -> bool:
    """Return whether the shared generator is as seeding has left it.

    Seeding sets the first word of a Mersenne Twister to 2**31 and the position to its end, where
    the first draw makes all words anew. This is half the price of comparing two states.
    """
    words: tuple[int, ...] = _C.getstate(SHARED)
    return words[0] == _SEEDED_WORD and words[-1] == len(words) - 1

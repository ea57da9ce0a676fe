"""The generator behind the module `random`, whose state each simulation exchanges for its own.

`getstate` makes 625 numbers and `setstate` reads as many, some 20 µs in each operation and in each
pass of an orchestrator that may draw. CPython keeps them in one piece of memory, which takes a
hundredth of that to copy. Where that memory is not found just as it should be, they are asked for.
"""

from __future__ import annotations

import ctypes
import random
import struct
import sys
from typing import Any, Final, Protocol, cast

__all__ = ["SHARED", "Asked", "Copied", "State", "Words", "words_of"]

SHARED: Final = cast("random.Random", random.random.__self__)  # type: ignore[attr-defined]
"""The generator behind `random.random` and the other functions of that module."""

State = object
"""All words of a generator, and where it stands among them; equal for equal states."""

_C: Final[Any] = random.Random.__base__
"""The generator without Python's wrappings, which cost a third."""
_COUNT: Final = 624
_SEEDED: Final = 1 << 31
"""Seeding sets the first word of a Mersenne Twister to this, and the position to the end."""
_LAYOUT: Final = struct.Struct(f"=I{_COUNT}I")
"""Where it stands, then its words."""


class Words(Protocol):
    """Reads and sets the state of one generator; what `gauss` keeps is no part of it."""

    def get(self) -> State:
        """Return the present state."""
        ...

    def set(self, state: State) -> None:
        """Go to a state that `get` or `made` has returned."""
        ...

    def made(self, words: tuple[int, ...]) -> State:
        """Return the state of the numbers in `random.getstate()[1]`."""
        ...

    def is_fresh(self) -> bool:
        """Whether nothing was drawn since it was seeded: a first draw makes all words anew."""
        ...


class Asked:
    """Asks the generator for its words.

    Args:
        generator: The generator.
    """

    def __init__(self, generator: random.Random) -> None:
        self._generator = generator

    def get(self) -> State:
        """Return the present state."""
        return cast("State", _C.getstate(self._generator))

    def set(self, state: State) -> None:
        """Go to a state."""
        _C.setstate(self._generator, state)

    def made(self, words: tuple[int, ...]) -> State:
        """Return the state of such words."""
        return words

    def is_fresh(self) -> bool:
        """Whether nothing was drawn since it was seeded."""
        words: tuple[int, ...] = _C.getstate(self._generator)
        return words[0] == _SEEDED and words[-1] == _COUNT


class Copied:
    """Copies the memory in which the generator keeps its words.

    Args:
        generator: The generator.
        memory: That memory, which is the generator's own.
    """

    def __init__(self, generator: random.Random, memory: ctypes.Array[ctypes.c_char]) -> None:
        self._generator = generator  # as long as it lives, its memory stays where it is
        self._memory = memory

    def get(self) -> State:
        """Return the present state."""
        return self._memory.raw

    def set(self, state: State) -> None:
        """Go to a state."""
        self._memory.raw = cast("bytes", state)

    def made(self, words: tuple[int, ...]) -> State:
        """Return the state of such words."""
        return _LAYOUT.pack(words[-1], *words[:-1])

    def is_fresh(self) -> bool:
        """Whether nothing was drawn since it was seeded."""
        return self._memory.raw[:8] == _FRESH


_FRESH: Final = struct.pack("=II", _COUNT, _SEEDED)


def words_of(generator: random.Random) -> Words:
    """Return what reads and sets the state of a generator.

    Leans on where CPython's `_random` keeps position and words: right behind the header of the
    object. That is looked at first: 625 numbers that are the right ones are there for no other
    reason.
    """
    header = object.__basicsize__
    padding = _C.__basicsize__ - header - _LAYOUT.size
    if sys.implementation.name != "cpython" or not 0 <= padding < ctypes.sizeof(ctypes.c_void_p):
        return Asked(generator)
    memory = (ctypes.c_char * _LAYOUT.size).from_address(id(generator) + header)
    position, *words = _LAYOUT.unpack(memory.raw)
    is_it = (*words, position) == _C.getstate(generator)
    return Copied(generator, memory) if is_it else Asked(generator)

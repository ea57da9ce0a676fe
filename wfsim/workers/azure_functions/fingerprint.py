"""In what state everything is that an orchestrator reads besides its history.

Two runs in which a fingerprint is the same answer the same history alike. What is not understood
has no fingerprint: a cache behind a decorator, a client of some service, a set that is iterated.
"""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterable
from operator import is_

from wfsim.workers.azure_functions.pins import Pins
from wfsim.workers.azure_functions.statewalk import ABSENT, StrangeError, Walk, content, held_by

__all__ = ["Fingerprints", "State"]


class State:
    """A fingerprint, and how to tell cheaply that it has not changed.

    Args:
        mark: The fingerprint; None where there is none.
        walk: The look that made it.
    """

    def __init__(self, mark: Hashable | None, walk: Walk) -> None:
        self.mark = mark
        self.has_data = walk.has_data
        """Whether some of it is data, and not just code."""
        self.is_inert = walk.is_inert
        """Whether the code itself cannot change any of it."""
        self.has_sets = walk.has_sets
        """Whether there are sets among it, or code that makes some."""
        self.attributes = frozenset(walk.attributes)
        """Names of the attributes that the code of the user's looks up."""
        self._is_fixed = walk.is_fixed and mark is not None
        self._names, self._cells, self._functions = walk.names, walk.cells, walk.functions
        self._holders = walk.holders

    def holds(self) -> bool:
        """Whether it is certain that a new look would give the same."""
        if not self._is_fixed:
            return False
        for names, name, value in self._names:
            if names.get(name, ABSENT) is not value:
                return False
        try:
            for cell, value in self._cells:
                if cell.cell_contents is not value:
                    return False
        except ValueError:  # one is empty, and was so before or has been emptied
            if not all(content(cell) is value for cell, value in self._cells):
                return False
        for holder, held in self._holders:
            now = held_by(holder)
            if len(now) != len(held) or not all(map(is_, now, held)):
                return False
        for function, (code, defaults, kwdefaults), count in self._functions:
            if function.__code__ is not code or len(function.__dict__) != count:
                return False
            if function.__defaults__ is not defaults or function.__kwdefaults__ is not kwdefaults:
                return False
        return True

    def reads_any_of(self, values: Container[object]) -> bool:
        """Whether a global or a closure has one of these values."""
        return any(value in values for *_, value in (*self._names, *self._cells))


class Fingerprints:
    """Makes fingerprints, and remembers what never changes.

    Args:
        keeps: For how many functions the latest state is kept, with all that they read.
    """

    def __init__(self, *, keeps: int = 0) -> None:
        self._pins = Pins()
        self._keeps = keeps
        self._latest: dict[int, tuple[object, State]] = {}

    @property
    def size(self) -> int:
        """How much is remembered."""
        return self._pins.size

    def of_call(self, handle: object, code: object) -> State:
        """Return the state of a function of an app, and of the user's code behind it."""
        known = self._latest.get(id(handle))
        if known is not None and known[0] is handle and known[1].holds():
            return known[1]
        state = self.of([handle, code])
        if self._keeps:
            self._latest[id(handle)] = handle, state
            if len(self._latest) > self._keeps:
                del self._latest[next(iter(self._latest))]
        return state

    def of(self, roots: Iterable[object]) -> State:
        """Return the state of values and all that they read."""
        walk = Walk(self._pins)
        try:
            return State(tuple([walk.mark(root) for root in roots]), walk)
        except (StrangeError, RecursionError):
            return State(None, walk)

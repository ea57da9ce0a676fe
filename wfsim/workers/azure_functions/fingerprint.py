"""In what state everything is that an orchestrator reads besides its history.

Two runs in which a fingerprint is the same answer the same history alike. What is not understood
has no fingerprint: a cache behind a decorator, a client of some service, a set that is iterated.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from types import FunctionType

from wfsim.workers.azure_functions.pins import Pins
from wfsim.workers.azure_functions.statewalk import ABSENT, StrangeError, Walk, content

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
        self._is_fixed = walk.is_fixed and mark is not None
        self._names, self._cells, self._functions = walk.names, walk.cells, walk.functions

    def holds(self) -> bool:
        """Whether it is certain that a new look would give the same."""
        if not self._is_fixed:
            return False
        for names, name, value in self._names:
            if names.get(name, ABSENT) is not value:
                return False
        for cell, value in self._cells:
            if content(cell) is not value:
                return False
        return all(map(_is_same, self._functions))


def _is_same(known: tuple[FunctionType, tuple[object, ...], int]) -> bool:
    """Whether nothing has been exchanged in a function."""
    function, (code, defaults, kwdefaults), count = known
    return (
        function.__code__ is code
        and function.__defaults__ is defaults
        and function.__kwdefaults__ is kwdefaults
        and len(vars(function)) == count
    )


class Fingerprints:
    """Makes fingerprints, and remembers what never changes."""

    def __init__(self) -> None:
        self._pins = Pins()

    def of(self, roots: Iterable[object]) -> State:
        """Return the state of values and all that they read."""
        walk = Walk(self._pins)
        try:
            return State(tuple([walk.mark(root) for root in roots]), walk)
        except (StrangeError, RecursionError):
            return State(None, walk)

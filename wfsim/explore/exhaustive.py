"""All orders, each once: depth first, leaving out orders that differ by independent steps only.

Two steps are independent if they touch different instances and nothing else that both could see.
Then it does not matter which goes first, and of the two orders one is enough. Which steps those are
is known from the step's own work item; a run's remaining steps fall asleep (Godefroid's sleep sets)
once the order with them first has been tried, and wake when a step happens that they depend on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from wfsim.choices import Chooser
from wfsim.explore.records import Observed

__all__ = ["Exhaustive"]

_WORK = "next work item"
_ACTIVITY = re.compile(r"activity .* of (?P<who>.*)#\d+(?:, again)?")
_EPISODE = re.compile(r"episode of \S+ (?P<who>.*)")
_BATCH = re.compile(r"batch of (?P<who>@.*)")


@dataclass(slots=True)
class _Point:
    """A choice on the present path."""

    about: str
    options: tuple[str, ...]
    picked: int
    asleep: frozenset[str]
    """Steps that need not be tried here: another order covers them."""
    tried: list[int] = field(default_factory=list[int])


class Exhaustive:
    """Tries every order.

    Args:
        is_independent: Whether two work items, by their labels, cannot see each other's effects.
            The default holds those of different instances for independent.
    """

    def __init__(self, is_independent: Callable[[str, str], bool] | None = None) -> None:
        self._is_independent = is_independent or different_instances
        self._path: list[_Point] = []
        self._depth = 0
        self._asleep: frozenset[str] = frozenset()
        self.is_done = False
        self.pruned = 0
        """Branches that another order covers."""

    @property
    def left(self) -> int:
        """How many branches of the present path are still to be tried."""
        return sum(len(self._open(point)) for point in self._path)

    def choosers(self) -> Iterator[Chooser]:
        """Yield choosers until all is tried; each continues where the one before ended."""
        while self._next_path():
            self._depth = 0
            self._asleep = frozenset()
            yield self._choose
        self.is_done = True

    def learn(self, observed: Observed) -> None:
        """Hear how a run ended; nothing is needed of it."""
        del observed

    def _choose(self, about: str, options: Sequence[str]) -> int:
        if self._depth == len(self._path):
            asleep = self._asleep if about == _WORK else frozenset[str]()
            awake = [index for index, label in enumerate(options) if label not in asleep]
            self.pruned += len(options) - len(awake)
            # Where everything sleeps, this path is covered; it is followed to its end all the same.
            picked = awake[0] if awake else 0
            self._path.append(
                _Point(about=about, options=tuple(options), picked=picked, asleep=asleep)
            )
        point = self._path[self._depth]
        self._depth += 1
        if point.picked not in point.tried:
            point.tried.append(point.picked)
        if about == _WORK:
            self._fall_asleep(point)
        return point.picked

    def _fall_asleep(self, point: _Point) -> None:
        """Let those sleep that were tried here before, as far as the step does not wake them."""
        step = point.options[point.picked]
        before = [point.options[index] for index in point.tried if index != point.picked]
        self._asleep = frozenset(
            label for label in (*point.asleep, *before) if self._is_independent(label, step)
        )

    def _open(self, point: _Point) -> list[int]:
        return [
            index
            for index, label in enumerate(point.options)
            if index not in point.tried and label not in point.asleep
        ]

    def _next_path(self) -> bool:
        if not self._path and not self.is_done and self._depth == 0:
            return True
        while self._path:
            rest = self._open(self._path[-1])
            if rest:
                self._path[-1].picked = rest[0]
                return True
            self._path.pop()
        return False


def different_instances(one: str, other: str) -> bool:
    """Whether two work items belong to different instances."""
    first, second = _owner(one), _owner(other)
    return first is not None and second is not None and first != second


def _owner(label: str) -> str | None:
    for pattern in (_ACTIVITY, _EPISODE, _BATCH):
        match = pattern.fullmatch(label)
        if match is not None:
            return match["who"]
    return None

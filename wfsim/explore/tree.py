"""All ways through some choices, each once: depth first, without orders that differ in nothing.

Two steps are independent if nothing happens to the same instance, entity or state of the app in
both. Then it does not matter which goes first, and of the two orders one is enough. So a step falls
asleep where the order with it first has been tried (Godefroid's sleep sets, 1996), and wakes when a
step happens that it depends on. What a step touches is observed and not guessed: the hub tells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["WORK", "Step", "Tree"]

WORK = "next work item"
"""What choices of the next step are about."""
Names = frozenset[str] | None
"""What a step touches; None for everything."""
_NOTHING: Mapping[str, Names] = {}


@dataclass(frozen=True, slots=True)
class Step:
    """An answer on the way: to which question, and which."""

    about: str
    options: tuple[str, ...]
    picked: int


@dataclass(slots=True)
class _Point:
    """A choice on the present path."""

    about: str
    options: tuple[str, ...]
    asleep: Mapping[str, Names]
    """Steps that need not be tried here, since another order covers them, and what they touch."""
    picked: int = 0
    tried: dict[int, Names] = field(default_factory=dict[int, Names])
    """What was tried here, and what it touched until the next step was chosen."""

    def sleepers(self) -> int:
        """Return how many options are not tried here."""
        return sum(label in self.asleep for label in self.options)

    def rest(self) -> list[int]:
        """Return what is still to be tried."""
        return [
            index
            for index, label in enumerate(self.options)
            if index not in self.tried and label not in self.asleep
        ]


class Tree:
    """Goes all ways through the choices that it is asked for.

    Args:
        is_reduced: Whether orders that differ by independent steps only are left out.
    """

    def __init__(self, *, is_reduced: bool = True) -> None:
        self._is_reduced = is_reduced
        self._path: list[_Point] = []
        self._depth = 0
        self._asleep: Mapping[str, Names] = _NOTHING
        self._latest: _Point | None = None
        """Where the step was chosen whose touches come next."""
        self._is_covered = False
        self._is_done = False
        self.ways = 0
        """How many ways have been gone to their end and showed something new."""
        self.slept = 0
        """Branches that were left out, because another order covers them."""

    @property
    def is_covered(self) -> bool:
        """Whether the present way, or the one that has ended, shows nothing new."""
        # Whoever still sleeps at the end was the only one who could go on, and did.
        return self._is_covered or bool(self._asleep)

    @property
    def is_stopped(self) -> bool:
        """Whether that is known already, and the rest of the way need not be gone."""
        return self._is_covered

    @property
    def left(self) -> int:
        """How many branches of the present path are still to be tried."""
        return sum(len(point.rest()) for point in self._path)

    @property
    def share(self) -> float:
        """How much of the tree has been seen, where each branch of a choice counts the same."""
        if self._is_done:
            return 1.0
        seen, weight = 0.0, 1.0
        for point in self._path:
            rest = len(point.rest())
            branches = len(point.tried) + rest
            seen += weight * (branches - rest - 1) / branches
            weight /= branches
        return seen + weight

    @property
    def steps(self) -> tuple[Step, ...]:
        """The present way."""
        return tuple(Step(item.about, item.options, item.picked) for item in self._path)

    def begin(self) -> None:
        """Go the present way from its beginning."""
        self._depth = 0
        self._asleep, self._latest, self._is_covered = _NOTHING, None, False

    def advance(self) -> bool:
        """Turn to the next way; return whether there is one."""
        while self._path:
            rest = self._path[-1].rest()
            if rest:
                self._path[-1].picked = rest[0]
                return True
            self._path.pop()
        self._is_done = True
        return False

    def ran(self, touched: Names) -> None:
        """Hear what the latest step touched, and let others sleep on or wake."""
        point, self._latest = self._latest, None
        if point is None:
            # There was no choice: the one step that could come next sleeps if anybody does.
            self._is_covered = self._is_covered or bool(self._asleep)
            return
        # A step may have choices of its own; it depends on whatever any of them touches.
        known = point.tried.get(point.picked, frozenset())
        point.tried[point.picked] = None if known is None or touched is None else known | touched
        if not self._is_reduced:
            return
        # A label that two options have says of neither that it was tried.
        before = {
            point.options[index]: names
            for index, names in point.tried.items()
            if index != point.picked and point.options.count(point.options[index]) == 1
        }
        self._asleep = {
            label: names
            for label, names in {**point.asleep, **before}.items()
            if names is not None and touched is not None and not names & touched
        }

    def choose(self, about: str, options: Sequence[str]) -> int:
        """Return how to go on; once all is covered, 0."""
        if self._is_covered:
            return 0
        if self._depth == len(self._path):
            new = self._point(about, tuple(options))
            if new is None:
                # Every step that could come next has come first in another order.
                self._is_covered = True
                return 0
            self._path.append(new)
        point = self._path[self._depth]
        self._depth += 1
        point.tried.setdefault(point.picked, frozenset())
        if about == WORK:
            self._latest = point
        return point.picked

    def _point(self, about: str, options: tuple[str, ...]) -> _Point | None:
        asleep = self._asleep if about == WORK else _NOTHING
        if asleep:
            asleep = {label: names for label, names in asleep.items() if options.count(label) == 1}
        point = _Point(about=about, options=options, asleep=asleep)
        rest = point.rest()
        if not rest:
            return None
        self.slept += point.sleepers()
        point.picked = rest[0]
        return point

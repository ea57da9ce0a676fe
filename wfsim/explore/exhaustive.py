"""All orders, each once: depth first, leaving out orders that differ by independent steps only.

Two steps are independent if nothing happens to the same instance, entity or state of the app in
both. Then it does not matter which goes first, and of the two orders one is enough. So a step falls
asleep where the order with it first has been tried (Godefroid's sleep sets, 1996), and wakes when a
step happens that it depends on. What a step touches is observed and not guessed: the hub tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from wfsim.choices import Chooser

__all__ = ["Exhaustive"]

_WORK = "next work item"
_NOTHING: Mapping[str, frozenset[str]] = {}


@dataclass(slots=True)
class _Point:
    """A choice on the present path."""

    about: str
    options: tuple[str, ...]
    asleep: Mapping[str, frozenset[str]]
    """Steps that need not be tried here, since another order covers them, and what they touch."""
    picked: int = 0
    tried: dict[int, frozenset[str]] = field(default_factory=dict[int, frozenset[str]])
    """What was tried here, and what it touched until the next step was chosen."""

    def rest(self) -> list[int]:
        """Return what is still to be tried."""
        return [
            index
            for index, label in enumerate(self.options)
            if index not in self.tried and label not in self.asleep
        ]


class Exhaustive:
    """Tries every order."""

    def __init__(self) -> None:
        self._path: list[_Point] = []
        self._depth = 0
        self._has_begun = False
        self._asleep: Mapping[str, frozenset[str]] = _NOTHING
        self._latest: _Point | None = None
        """Where the step was chosen whose touches come next."""
        self.is_done = False
        self._is_covered = False
        self.covered = 0
        """How many runs were such."""

    @property
    def is_covered(self) -> bool:
        """Whether the present run, or the one that has ended, shows nothing new."""
        # Whoever still sleeps at the end was the only one who could go on, and did.
        return self._is_covered or bool(self._asleep)

    @property
    def left(self) -> int:
        """How many branches of the present path are still to be tried."""
        return sum(len(point.rest()) for point in self._path)

    def choosers(self) -> Iterator[Chooser]:
        """Yield choosers until all is tried; each continues where the one before ended."""
        while self._finds_path():
            self._depth = 0
            self._asleep, self._latest, self._is_covered = _NOTHING, None, False
            yield _Path(self)
            self.covered += self.is_covered
        self.is_done = True

    def _finds_path(self) -> bool:
        if not self._has_begun:
            self._has_begun = True
            return True
        while self._path:
            rest = self._path[-1].rest()
            if rest:
                self._path[-1].picked = rest[0]
                return True
            self._path.pop()
        return False

    def hear(self, touched: frozenset[str]) -> None:
        """Hear what the step touched that was chosen last, and let others sleep on or wake."""
        point, self._latest = self._latest, None
        if point is None:
            # There was no choice: the one step that could come next sleeps if anybody does.
            self._is_covered = self._is_covered or bool(self._asleep)
            return
        point.tried[point.picked] = touched
        before = {
            point.options[index]: known
            for index, known in point.tried.items()
            if index != point.picked
        }
        self._asleep = {
            label: known
            for label, known in {**point.asleep, **before}.items()
            if not known & touched
        }

    def choose(self, about: str, options: Sequence[str]) -> int:
        """Return how to go on."""
        if self._is_covered:
            return 0
        if self._depth == len(self._path):
            point = _Point(
                about=about,
                options=tuple(options),
                asleep=self._asleep if about == _WORK else _NOTHING,
            )
            rest = point.rest()
            if not rest:
                # Every step that could come next has come first in another order.
                self._is_covered = True
                return 0
            point.picked = rest[0]
            self._path.append(point)
        point = self._path[self._depth]
        self._depth += 1
        point.tried.setdefault(point.picked, frozenset())
        if about == _WORK:
            self._latest = point
        return point.picked


class _Path:
    """The chooser of one run."""

    def __init__(self, search: Exhaustive) -> None:
        self.hear = search.hear
        self._search = search

    def __call__(self, about: str, options: Sequence[str]) -> int:
        return self._search.choose(about, options)

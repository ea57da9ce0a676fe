"""All orders, each once; and parts of a world that never touch are not multiplied.

Instances and entities that have nothing to do with each other make the parts of a world. What one
part does is the same whatever the others do, so each is taken through all of its orders while the
others go their quiet way, and then through one way to each of its ends for each end of the others:
six orders and six make eleven runs and not thirty-six. Which parts there are is observed: the first
run starts from what the hub tells, every run is checked against what the parts have shown alone,
and as soon as two turn out to have to do with each other, they are one part from then on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod

from wfsim.choices import Chooser
from wfsim.explore.endings import Ending, endings
from wfsim.explore.parts import WHOLE, Parts
from wfsim.explore.records import Observed, Space
from wfsim.explore.tree import WORK, Step, Tree
from wfsim.explore.words import ORDERS
from wfsim.hub.touches import EVERYTHING, Touched

__all__ = ["Exhaustive", "Redundant"]

_AT_ONCE = ("episode of ", "batch of ")
"""What goes first where each message has an episode of its own."""


@dataclass(slots=True)
class _Way:
    """How a part went in some run, and what came of it."""

    steps: tuple[Step, ...]
    ending: Ending | None


@dataclass(slots=True)
class _Run:
    """What is known of the present run."""

    active: str | None
    """The part whose tree answers; None where all do."""
    ways: Mapping[str, _Way]
    """How the others go."""
    asked: dict[str, int] = field(default_factory=dict[str, int])
    """How many questions each of them has been asked."""
    picks: list[int] = field(default_factory=list[int])
    observed: Observed | None = None
    is_over: bool = False
    """Whether it was given up."""


class Exhaustive:
    """Tries every order.

    Args:
        at_once: Whether each message gets an episode of its own, as soon as it is there. Then
            orders are tried, and not also the ways in which messages may share episodes.
    """

    def __init__(self, *, at_once: bool = False) -> None:
        self.at_once = at_once
        self._parts = Parts()
        self._trees = {WHOLE: Tree(is_reduced=not at_once)}
        self._ends: dict[str, list[_Way]] = {}
        """For each part the first way to each of its ends; the quiet one comes first."""
        self._is_split = False
        self._has_joined = False
        """Whether parts turned out to be one that this round takes to be apart."""
        self._run = _Run(active=None, ways={})
        self._part: str | None = None
        """The part whose step runs."""
        self._played: set[tuple[int, ...]] = set()
        self._combinations = 0
        """How many combinations of ends are still to be played."""
        self._slept = 0
        self.is_done = False
        self.covered = 0
        """How many runs showed nothing new."""

    # --- what a search asks ---------------------------------------------------------------------

    @property
    def is_covered(self) -> bool:
        """Whether the present run, or the one that has ended, shows nothing new."""
        tree = self._trees.get(self._run.active or WHOLE)
        return (
            self._run.is_over
            or (tree is not None and tree.is_covered)
            or tuple(self._run.picks) in self._played
        )

    @property
    def left(self) -> int:
        """How many branches are known that are still to be tried."""
        return sum(tree.left for tree in self._trees.values()) + self._combinations

    @property
    def space(self) -> Space:
        """How much there was to try, and what was left out."""
        trees = self._trees.values()
        return Space(
            parts=max(1, len(trees)),
            combinations=max(0, prod(tree.ways for tree in trees) - len(self._played))
            if self._is_split
            else 0,
            equivalent=self._slept + sum(tree.slept for tree in trees),
            at_once=self.at_once,
            share=1.0 if self.is_done else self._share(),
        )

    def _share(self) -> float:
        return sum(tree.share for tree in self._trees.values()) / max(1, len(self._trees))

    def saw(self, observed: Observed) -> None:
        """Hear what came of a run; without, nothing counts as independent but steps."""
        self._run.observed = observed

    # --- round by round -------------------------------------------------------------------------

    def choosers(self) -> Iterator[Chooser]:
        """Yield choosers until all is tried; each continues where the one before ended."""
        # The first run, as if all were one part, shows which parts there are.
        yield from self._play(None)
        if self._seems_whole():
            self._parts.is_whole = True
            yield from self._others(WHOLE)
        else:
            yield from self._rounds()
        self.is_done = True

    def _seems_whole(self) -> bool:
        observed = self._run.observed
        if observed is None or self._parts.is_whole:
            return True
        return len(endings(observed.trace, self._parts.part_of)) < 2

    def _rounds(self) -> Iterator[Chooser]:
        self._has_joined = True
        while self._has_joined:
            self._has_joined = False
            self._slept += sum(tree.slept for tree in self._trees.values())
            self._is_split = not self._parts.is_whole
            self._trees, self._ends = {}, {}
            yield from self._round()

    def _round(self) -> Iterator[Chooser]:
        yield from self._play(None)
        for part in list(self._trees):
            yield from self._others(part)
        if self._is_split and not self._has_joined:
            yield from self._combined()

    def _others(self, part: str) -> Iterator[Chooser]:
        """Take one part through all the ways that are left of its tree."""
        while not self._has_joined and self._trees[part].advance():
            yield from self._play(part, self._quiet())

    def _quiet(self) -> dict[str, _Way]:
        return {part: ways[0] for part, ways in self._ends.items()}

    def _combined(self) -> Iterator[Chooser]:
        """Let each end of a part meet each end of the others."""
        parts, quiet = list(self._ends), self._quiet()
        combinations = [
            ways
            for ways in product(*self._ends.values())
            if sum(way is not quiet[part] for part, way in zip(parts, ways, strict=True)) > 1
        ]
        for number, ways in enumerate(combinations):
            if self._has_joined:
                return
            self._combinations = len(combinations) - number
            yield from self._play(WHOLE, dict(zip(parts, ways, strict=True)))
        self._combinations = 0

    def _play(
        self, active: str | None, ways: Mapping[str, _Way] | None = None
    ) -> Iterator[Chooser]:
        """Yield the chooser of one run, and learn from it afterwards."""
        self._run = run = _Run(active=active, ways={} if ways is None else ways)
        self._part = None
        for part, tree in self._trees.items():
            if active in {None, part}:
                tree.begin()
        yield _Path(self)
        if run.is_over:
            self.covered += 1
            return
        self.covered += self.is_covered
        self._played.add(tuple(run.picks))
        for part, tree in self._trees.items():
            tree.ways += active in {None, part} and not tree.is_covered
        if self._is_split:
            self._learn(run)

    def _learn(self, run: _Run) -> None:
        """Check that everybody went as they do when alone, and note a new end."""
        if run.observed is None:
            self._join_all()
            return
        found = endings(run.observed.trace, self._parts.part_of)
        if run.active is None:
            for part in {**dict.fromkeys(self._trees), **dict.fromkeys(found)}:
                tree = self._trees.get(part)
                steps = () if tree is None else tree.steps
                self._ends[part] = [_Way(steps, found.get(part))]
            return
        for part in {**run.ways, **found}:
            way = run.ways.get(part)
            if part == run.active:
                continue
            if (
                way is None
                or found.get(part) != way.ending
                or run.asked.get(part, 0) != len(way.steps)
            ):
                self._depends(part)
        ending = found.get(run.active)
        tree, ends = self._trees.get(run.active), self._ends.get(run.active, [])
        is_new = all(_end(ending) != _end(way.ending) for way in ends)
        if tree is not None and not tree.is_covered and is_new:
            ends.append(_Way(tree.steps, ending))

    def _depends(self, part: str) -> None:
        """Take in that a part goes otherwise because others do."""
        self._has_joined = True
        if self._run.active in {None, WHOLE} or WHOLE in {part, self._run.active}:
            self._join_all()
        else:
            self._parts.join([part, str(self._run.active)])

    def _join_all(self) -> None:
        self._parts.is_whole = True
        self._has_joined = True

    # --- what a run asks ------------------------------------------------------------------------

    def hear(self, touched: Touched) -> None:
        """Hear what the step touched that was chosen last."""
        if self._run.is_over:
            return  # it was cut short by nobody but this search
        part, self._part = self._part, None
        self._parts.note(touched)
        self._check()
        if not touched.step:
            return
        names = touched.names
        if not self._is_split:
            part = WHOLE
        elif part is None:
            part = self._parts.owner(touched.step)
            part = self._parts.part_of(min(names)) if part is None and names else part
        tree = None if part is None else self._trees.get(part)
        if tree is not None and self._run.active in {None, part}:
            tree.ran(None if touched.is_seen or EVERYTHING in names else names)

    def _check(self) -> None:
        """Notice whether parts have become one that this round takes to be apart."""
        if self._is_split and any(self._parts.part_of(part) != part for part in self._trees):
            self._has_joined = True

    def choose(self, about: str, options: Sequence[str]) -> int:
        """Return how to go on.

        Raises:
            Redundant: the run shows nothing new.
        """
        picked = 0
        if not self._run.is_over:
            picked = self._picked(about, options)
            self._run.picks.append(picked)
        # Elsewhere than between two steps, code of the app may be at work.
        if self._run.is_over and about == WORK:
            raise Redundant
        return picked

    def _picked(self, about: str, options: Sequence[str]) -> int:
        chosen = list(range(len(options)))
        if self.at_once and about == WORK:
            chosen = [index for index in chosen if options[index].startswith(_AT_ONCE)] or chosen
        part = WHOLE
        if self._is_split:
            part, chosen = self._own(about, options, chosen)
            self._check()
        if self._has_joined:
            self._run.is_over = True
            return 0
        if about == WORK:
            self._part = part
        if len(chosen) == 1:
            return chosen[0]
        return chosen[self._answer(part, about, tuple(options[index] for index in chosen))]

    def _own(self, about: str, options: Sequence[str], among: list[int]) -> tuple[str, list[int]]:
        """Return whose question it is, and which of the options are theirs.

        Whoever is first in line goes on; that others could as well is no choice of this part.
        """
        if about not in ORDERS:
            return self._parts.owner(about) or self._part or self._parts.part_of(about), among
        for index in among:
            self._parts.owner(options[index])  # a label may make two parts one
        owners = {index: self._parts.owner(options[index]) for index in among}
        # What names nobody is taken to be about whoever is asked; if it is not, that will show.
        first = next(filter(None, owners.values()), None) or self._parts.part_of(about)
        return first, [index for index in among if owners[index] in {None, first}]

    def _answer(self, part: str, about: str, options: tuple[str, ...]) -> int:
        active = self._run.active
        if active not in {None, part}:
            return self._follow(part, about, options)
        tree = self._trees.get(part)
        if tree is None:
            tree = self._trees[part] = Tree(is_reduced=not self.at_once)
        picked = tree.choose(about, options)
        self._run.is_over = self._run.is_over or (about == WORK and tree.is_stopped)
        return picked

    def _follow(self, part: str, about: str, options: tuple[str, ...]) -> int:
        """Return what a part answered when it was alone."""
        count = self._run.asked.get(part, 0)
        way = self._run.ways.get(part)
        steps = () if way is None else way.steps
        if count >= len(steps) or (steps[count].about, steps[count].options) != (about, options):
            self._depends(part)
            self._run.is_over = True
            return 0
        self._run.asked[part] = count + 1
        return steps[count].picked


class Redundant(BaseException):
    """Ends a run that is known to show nothing new; no app and no test is to catch it."""


def _end(ending: Ending | None) -> bytes | None:
    return None if ending is None else ending.end


class _Path:
    """The chooser of one run."""

    def __init__(self, search: Exhaustive) -> None:
        self.hear = search.hear
        self._search = search

    def __call__(self, about: str, options: Sequence[str]) -> int:
        return self._search.choose(about, options)

"""Finds runs again: the same answers to the same questions make the same run.

A strategy often gives a schedule that was played before. It is asked what the earlier run was
asked, and only where it answers otherwise, anything is played.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from wfsim.choices import Chooser
from wfsim.explore.records import Observed
from wfsim.explore.words import listener
from wfsim.hub.touches import Touched

__all__ = ["Path", "Repeats"]

_MOST: Final = 500
"""So many runs are kept, with their traces; later ones are not."""


@dataclass(frozen=True, slots=True)
class _Heard:
    touched: Touched


@dataclass(frozen=True, slots=True)
class _Asked:
    about: str
    options: tuple[str, ...]


_Moment = _Heard | _Asked


@dataclass(slots=True)
class _Node:
    """What comes next after certain answers: a question, something to hear, or the end."""

    moment: _Moment | None = None
    observed: Observed | None = None
    later: dict[int, _Node] = field(default_factory=dict[int, "_Node"])
    """By the answer; what is heard has none, which counts as 0."""


class Path:
    """A chooser on its way: it has answered what earlier runs were asked, and goes on from there.

    Args:
        chooser: Answers.
        node: Where to begin.
    """

    def __init__(self, chooser: Chooser, node: _Node) -> None:
        self._chooser = chooser
        self._tell = listener(chooser)
        self.hear = None if self._tell is None else self._hear
        """Hears what steps touch, where the chooser does."""
        self._moments: list[tuple[_Moment, int]] = []
        self._said: list[int] = []
        """Answers, and 0 for what was heard, that the run has still to come to."""
        self._follow(node)

    def _follow(self, node: _Node) -> None:
        self.observed: Observed | None = node.observed
        """The run, if it was played before."""
        while (moment := node.moment) is not None:
            picked = self._go_on(moment)
            self._said.append(picked)
            if picked not in node.later:
                return
            node = node.later[picked]
            self.observed = node.observed

    def _go_on(self, moment: _Moment) -> int:
        if isinstance(moment, _Asked):
            return self._chooser(moment.about, moment.options)
        if self._tell is not None:
            self._tell(moment.touched)
        return 0

    def _come_to(self, moment: _Moment) -> int:
        count = len(self._moments)
        picked = self._said[count] if count < len(self._said) else self._go_on(moment)
        self._moments.append((moment, picked))
        return picked

    def _hear(self, touched: Touched) -> None:
        """Tell the chooser what steps touch, once."""
        self._come_to(_Heard(touched))

    def __call__(self, about: str, options: Sequence[str]) -> int:
        """Return the chooser's answer, which it is asked for once."""
        return self._come_to(_Asked(about, tuple(options)))

    def end(self, observed: Observed, node: _Node) -> None:
        """Remember below a node what was played along this path."""
        for moment, picked in self._moments:
            node.moment = moment
            node = node.later.setdefault(picked, _Node())
        node.observed = observed


class Repeats:
    """Runs that were played, by the answers that made them.

    Args:
        most: How many are kept.
    """

    def __init__(self, *, most: int = _MOST) -> None:
        self._most = most
        self._roots: dict[Hashable, _Node] = {}
        self._state: Hashable = None
        self.kept = 0
        """How many runs are kept."""
        self.found = 0
        """How many were found again."""

    def follow(self, chooser: Chooser, kind: Hashable, state: Hashable) -> Path:
        """Ask a chooser what earlier runs were asked.

        Args:
            chooser: Answers; a new one.
            kind: Only runs of the same kind are the same.
            state: What all runs depend on; when it changes, all are forgotten.
        """
        if state != self._state:
            self._roots.clear()
            self._state, self.kept = state, 0
        path = Path(chooser, self._root(kind, hears=listener(chooser) is not None))
        self.found += path.observed is not None
        return path

    def keep(
        self, path: Path, observed: Observed, kinds: Iterable[Hashable], state: Hashable
    ) -> None:
        """Take in a run, as long as there is room.

        Args:
            path: From `follow`.
            observed: What the run showed.
            kinds: For which kinds of runs.
            state: In which state of everything; the first run may be the one that tells.
        """
        if self.kept == 0:
            self._state = state
        if self.kept < self._most and state == self._state:
            for kind in kinds:
                path.end(observed, self._root(kind, hears=path.hear is not None))
            self.kept += 1

    def _root(self, kind: Hashable, *, hears: bool) -> _Node:
        """Return where runs of a kind begin; who hears is told more than who does not."""
        return self._roots.setdefault((kind, hears), _Node())

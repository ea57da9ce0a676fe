"""Runs schedules until something is found, everything is tried, or the budget is spent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from wfsim.choices import Chooser, first_in_first_out
from wfsim.explore.exhaustive import Exhaustive
from wfsim.explore.records import (
    Exploration,
    Failure,
    Observed,
    OutcomeCount,
    Problem,
    Race,
    Reach,
)
from wfsim.explore.shrink import shrink
from wfsim.explore.strategies import Strategy
from wfsim.explore.words import Deviation, FollowWords, unparse

__all__ = ["Budget", "Progress", "Trial", "search"]


class Trial(Protocol):
    """What is explored."""

    def run(self, chooser: Chooser) -> Observed:
        """Play once, with everything new."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How much may be tried."""

    schedules: int = 1000
    seconds: float | None = None
    """Of real time; None is no limit."""
    failures: int = 1
    """Distinct problems after which it stops."""


@dataclass(slots=True)
class Progress:
    """What is known so far; grows while the search goes on, and survives its interruption."""

    schedules: int = 0
    runs: list[Observed] = field(default_factory=list[Observed])
    """The first run of each distinct schedule, traces of those without a problem left out."""
    counts: dict[str, int] = field(default_factory=dict[str, int])
    """Schedules by outcome."""
    examples: dict[str, tuple[Deviation, ...]] = field(
        default_factory=dict[str, tuple[Deviation, ...]]
    )
    """For each outcome the schedule with the fewest deviations that led to it."""
    distinct: set[str] = field(default_factory=set[str])
    offered: set[str] = field(default_factory=set[str])
    taken: set[str] = field(default_factory=set[str])
    points: int = 0
    failures: list[Failure] = field(default_factory=list[Failure])

    def note(self, observed: Observed) -> None:
        """Take in a run."""
        self.schedules += 1
        self.counts[observed.outcome] = self.counts.get(observed.outcome, 0) + 1
        known = self.examples.get(observed.outcome)
        if known is None or len(observed.deviations) < len(known):
            self.examples[observed.outcome] = observed.deviations
        self.distinct.add(observed.words)
        self.offered |= observed.labels
        self.taken.update(item.words for item in observed.deviations)
        self.points = max(self.points, observed.points)


def search(
    trial: Trial,
    strategy: Strategy | Exhaustive,
    budget: Budget,
    *,
    first: Sequence[Sequence[Deviation]] = (),
    on_run: Callable[[Progress], None] = lambda _: None,
    clock: Callable[[], float] = time.monotonic,
) -> Exploration:
    """Explore.

    Args:
        trial: What is played.
        strategy: How choices are answered.
        budget: When it ends.
        first: Schedules to try before all others, such as earlier failures.
        on_run: Called after each run.
        clock: Real time in seconds.
    """
    began = clock()
    progress = Progress()
    quiet = trial.run(first_in_first_out)
    searcher = _Searcher(trial, strategy, budget, progress, quiet)
    deadline = None if budget.seconds is None else began + budget.seconds
    try:
        for chooser in searcher.choosers(first):
            searcher.look_at(quiet if chooser is first_in_first_out else trial.run(chooser))
            on_run(progress)
            if len(progress.failures) >= budget.failures:
                break
            if progress.schedules >= budget.schedules or (deadline and clock() > deadline):
                break
    except KeyboardInterrupt:
        searcher.notes.append("interrupted")
    return searcher.conclude(clock() - began)


class _Searcher:
    def __init__(
        self,
        trial: Trial,
        strategy: Strategy | Exhaustive,
        budget: Budget,
        progress: Progress,
        quiet: Observed,
    ) -> None:
        self._trial = trial
        self._strategy = strategy
        self._budget = budget
        self._progress = progress
        self._quiet = quiet
        self._known: set[str] = set()
        """Keys of problems that have been told."""
        self.notes: list[str] = []

    def choosers(self, first: Sequence[Sequence[Deviation]]) -> Iterator[Chooser]:
        """Yield how to answer the choices of one schedule after the other; the quiet one first."""
        yield first_in_first_out
        for deviations in first:
            yield FollowWords(deviations)
        if isinstance(self._strategy, Exhaustive):
            yield from self._strategy.choosers()
            return
        for number in range(self._budget.schedules):
            yield self._strategy.chooser(number)

    def look_at(self, observed: Observed) -> None:
        """Take in a run, and shrink what is wrong with it."""
        self._progress.note(observed)
        if isinstance(self._strategy, Exhaustive):
            self._strategy.learn(observed)
        fresh = next((item for item in observed.problems if item.key not in self._known), None)
        if fresh is None:
            return
        self._known.add(fresh.key)
        self._progress.failures.append(self._failure(observed, fresh))

    def _failure(self, observed: Observed, problem: Problem) -> Failure:
        def shows(other: Observed) -> bool:
            return any(item.key == problem.key for item in other.problems)

        small = shrink(self._trial.run, observed, shows)
        told = next(item for item in small.observed.problems if item.key == problem.key)
        return Failure(
            problem=told,
            observed=small.observed,
            found_after=self._progress.schedules,
            quiet=small.nearest or self._quiet,
        )

    def conclude(self, seconds: float) -> Exploration:
        """Return the answer."""
        progress, strategy = self._progress, self._strategy
        outcomes = tuple(
            OutcomeCount(
                outcome=outcome, schedules=count, words=unparse(progress.examples[outcome])
            )
            for outcome, count in sorted(
                progress.counts.items(), key=lambda pair: (-pair[1], pair[0])
            )
        )
        return Exploration(
            failures=tuple(progress.failures),
            race=self._race(outcomes),
            outcomes=outcomes,
            reach=Reach(
                schedules=progress.schedules,
                distinct=len(progress.distinct),
                points=progress.points,
                labels=len(progress.offered),
                taken=len(progress.taken & progress.offered),
                crashes=sum("crash" in words for words in progress.taken),
                seconds=seconds,
            ),
            proven=isinstance(strategy, Exhaustive) and strategy.is_done,
            left=strategy.left if isinstance(strategy, Exhaustive) else 0,
            notes=tuple(self.notes),
        )

    def _race(self, outcomes: tuple[OutcomeCount, ...]) -> Race | None:
        if len(outcomes) < 2:
            return None
        other = next(item for item in outcomes if item.outcome != self._quiet.outcome)
        deviations = self._progress.examples[other.outcome]
        found = self._trial.run(FollowWords(deviations))
        small = shrink(self._trial.run, found, lambda run: run.outcome == other.outcome)
        words = small.observed.words
        shrunk = tuple(
            OutcomeCount(outcome=item.outcome, schedules=item.schedules, words=words)
            if item is other
            else item
            for item in outcomes
        )
        first = small.observed.deviations[:1]
        return Race(outcomes=shrunk, deciding=str(first[0]) if first else words)

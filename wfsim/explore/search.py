"""Runs schedules until something is found, everything is tried, or the budget is spent."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Final, Protocol

from wfsim.choices import Chooser, first_in_first_out
from wfsim.explore.exhaustive import Exhaustive, Redundant
from wfsim.explore.records import (
    Exploration,
    Failure,
    Observed,
    OutcomeCount,
    Problem,
    Race,
    Reach,
)
from wfsim.explore.seen import Seen
from wfsim.explore.shrink import Shrunk, shrink
from wfsim.explore.strategies import Strategy
from wfsim.explore.words import Deviation, FollowWords, Numbered, unparse

__all__ = ["INTERRUPTED", "Budget", "Progress", "Runs", "Trial", "here", "search"]

INTERRUPTED: Final = "interrupted: this is what was known by then"
"""A note of the answer."""


class Trial(Protocol):
    """What is explored."""

    def run(self, chooser: Chooser) -> Observed:
        """Play once, with everything new."""
        ...


class Runs(Protocol):
    """Where the numbered schedules of a strategy are played: here, or in other processes."""

    def __call__(self, strategy: Strategy, numbers: range) -> Generator[Observed]:
        """Yield the runs in the order of their numbers, whoever is done first."""
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
    seen: Seen = field(default_factory=Seen)
    borders: int = 0
    """Turn borders of all schedules."""
    replayed: int = 0
    """Those of them that were replayed."""
    proven: int = 0
    """Those that need no replay."""
    """What all runs have shown of waits and events."""
    _last_seen: Seen | None = None

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
        # Of each schedule, also one that was found again: where it is played must not show.
        self.borders += observed.seen.borders
        self.replayed += observed.seen.replayed
        self.proven += observed.seen.proven
        if observed.seen is not self._last_seen:  # a run that was found again shows nothing new
            self._last_seen = observed.seen
            self.seen |= observed.seen


def search(
    trial: Trial,
    strategy: Strategy | Exhaustive,
    budget: Budget,
    *,
    first: Sequence[Sequence[Deviation]] = (),
    runs: Runs | None = None,
    on_run: Callable[[Progress], None] = lambda _: None,
    clock: Callable[[], float] = time.monotonic,
) -> Exploration:
    """Explore.

    Args:
        trial: What is played.
        strategy: How choices are answered.
        budget: When it ends.
        first: Schedules to try before all others, such as earlier failures.
        runs: Where a strategy's schedules are played; the default is here. All others, such as
            those that shrink a failure, are played here in any case.
        on_run: Called after each run.
        clock: Real time in seconds.
    """
    began = clock()
    progress = Progress()
    quiet = trial.run(first_in_first_out)
    searcher = _Searcher(trial, strategy, progress, quiet)
    deadline = None if budget.seconds is None else began + budget.seconds
    try:
        with (
            _steady_heap(),
            closing(searcher.results(first, budget.schedules, runs or here(trial))) as results,
        ):
            for observed in results:
                if progress.schedules >= budget.schedules and searcher.is_over(observed, budget):
                    break
                if observed is not None:
                    searcher.look_at(observed)
                    on_run(progress)
                if len(progress.failures) >= budget.failures:
                    break
                if not searcher.may_go_on(budget) or (deadline and clock() > deadline):
                    break
    except KeyboardInterrupt:
        searcher.notes.append(INTERRUPTED)
    return searcher.conclude(clock() - began)


@contextmanager
def _steady_heap() -> Generator[None]:
    """Spare the garbage collector what was there before the search: libraries, mostly.

    It would walk all of that again and again while runs come and go, a tenth of their time. What
    runs leave behind is collected as ever.
    """
    if gc.get_freeze_count():
        yield  # somebody else's, who will undo it
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def here(trial: Trial) -> Runs:
    """Return what plays schedules in this process."""

    def runs(strategy: Strategy, numbers: range) -> Generator[Observed]:
        for number in numbers:
            yield trial.run(Numbered(number, strategy.chooser(number)))

    return runs


class _Searcher:
    def __init__(
        self,
        trial: Trial,
        strategy: Strategy | Exhaustive,
        progress: Progress,
        quiet: Observed,
    ) -> None:
        self._trial = trial
        self._strategy = strategy
        self._progress = progress
        self._quiet = quiet
        self._known: set[str] = set()
        """Keys of problems that have been told."""
        self.notes: list[str] = []
        self._beyond = 0
        """How many runs there were after the budget was spent."""
        self._has_more = False
        """Whether one of these was a schedule that the budget does not allow."""

    def may_go_on(self, budget: Budget) -> bool:
        """Whether another run may be played.

        A search that may have tried everything looks whether it has, once its budget is spent: what
        is left may well be runs that show nothing new, and these are no schedules.
        """
        if self._progress.schedules < budget.schedules:
            return True
        return isinstance(self._strategy, Exhaustive) and self._beyond < budget.schedules

    def is_over(self, observed: Observed | None, budget: Budget) -> bool:
        """Whether a run after the last that was allowed ends the search; it is forgotten then."""
        self._beyond += 1
        self._has_more = observed is not None
        return self._has_more or not self.may_go_on(budget)

    def results(
        self, first: Sequence[Sequence[Deviation]], schedules: int, runs: Runs
    ) -> Generator[Observed | None]:
        """Yield one run after the other; the quiet one first, as all strategies have it.

        None is a run that shows nothing new.
        """
        strategy = self._strategy
        if not isinstance(strategy, Exhaustive):
            yield self._quiet
        for deviations in first:
            yield self._trial.run(FollowWords(deviations))
        if not isinstance(strategy, Exhaustive):
            yield from runs(strategy, range(schedules))
            return
        for number, chooser in enumerate(strategy.choosers()):
            try:
                observed = self._trial.run(Numbered(number, chooser))
            except Redundant:
                yield None
                continue
            # A run that tells what another has told costs time, and is no schedule.
            is_covered = strategy.is_covered
            strategy.saw(observed)
            yield None if is_covered else observed

    def look_at(self, observed: Observed) -> None:
        """Take in a run, and shrink what is wrong with it."""
        self._progress.note(observed)
        fresh = next((item for item in observed.problems if item.key not in self._known), None)
        if fresh is None:
            return
        self._known.add(fresh.key)
        found_after = self._progress.schedules
        failures = self._progress.failures
        # As it was found: whoever interrupts the shrinking gets this one.
        failures.append(
            Failure(problem=fresh, observed=observed, found_after=found_after, quiet=self._quiet)
        )
        small = self._shrunk(observed, fresh)
        failures[-1] = Failure(
            problem=next(item for item in small.observed.problems if item.key == fresh.key),
            observed=small.observed,
            found_after=found_after,
            quiet=small.nearest or self._quiet,
        )

    def _shrunk(self, observed: Observed, problem: Problem) -> Shrunk:
        def shows(other: Observed) -> bool:
            return any(item.key == problem.key for item in other.problems)

        if not observed.deviations:
            return Shrunk(observed, runs=0, nearest=None)
        again = self._trial.run(FollowWords(observed.deviations))
        if shows(again):
            return shrink(self._trial.run, again, shows)
        self.notes.append(
            f"a problem ({problem.key}) did not show again under the same choices: something that "
            "they do not decide has a part in it, such as the state of another run"
        )
        return Shrunk(observed, runs=1, nearest=None)

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
                never_resumed=progress.seen.never_resumed,
                never_late=progress.seen.never_late,
                borders=progress.borders,
                replayed=progress.replayed,
                proven_borders=progress.proven,
            ),
            proven=isinstance(strategy, Exhaustive) and strategy.is_done,
            left=strategy.left + self._has_more if isinstance(strategy, Exhaustive) else 0,
            space=strategy.space if isinstance(strategy, Exhaustive) else None,
            notes=tuple(self.notes),
        )

    def _race(self, outcomes: tuple[OutcomeCount, ...]) -> Race | None:
        if len(outcomes) < 2:
            return None
        other = next(item for item in outcomes if item.outcome != self._quiet.outcome)
        deviations = self._shrunk_way(other.outcome)
        words = unparse(deviations)
        shrunk = tuple(
            OutcomeCount(outcome=item.outcome, schedules=item.schedules, words=words)
            if item is other
            else item
            for item in outcomes
        )
        return Race(outcomes=shrunk, deciding=str(deviations[0]) if deviations else words)

    def _shrunk_way(self, outcome: str) -> tuple[Deviation, ...]:
        """Return the fewest choices that lead to an outcome."""
        way = self._progress.examples[outcome]
        if INTERRUPTED in self.notes:
            return way  # nobody waits any more
        found = self._trial.run(FollowWords(way))
        if found.outcome != outcome:
            return way
        small = shrink(self._trial.run, found, lambda run: run.outcome == outcome)
        return small.observed.deviations

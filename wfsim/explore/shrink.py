"""The smallest schedule that still shows a problem."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from wfsim.choices import Chooser
from wfsim.explore.records import Observed
from wfsim.explore.words import Deviation, FollowWords

__all__ = ["Shrunk", "shrink"]

Run = Callable[[Chooser], Observed]


class Shrunk:
    """A schedule from which nothing can be taken away.

    Args:
        observed: Its run.
        runs: How many runs it took.
        nearest: A run that lacks one deviation and does not show the problem, if one was seen.
    """

    def __init__(self, observed: Observed, *, runs: int, nearest: Observed | None) -> None:
        self.observed = observed
        self.runs = runs
        self.nearest = nearest


def shrink(
    run: Run, observed: Observed, shows: Callable[[Observed], bool], *, most: int = 400
) -> Shrunk:
    """Take deviations away, many at first and then one by one, as long as the problem stays.

    Args:
        run: Plays a schedule.
        observed: A run that shows the problem.
        shows: Whether a run shows it.
        most: How many runs may be spent.
    """
    best, nearest, runs = observed, None, 0
    size = max(1, len(best.deviations) // 2)
    while best.deviations and runs < most:
        is_smaller = False
        for start in range(0, len(best.deviations), size):
            kept = [*best.deviations[:start], *best.deviations[start + size :]]
            tried = run(FollowWords(kept))
            runs += 1
            if shows(tried) and _is_less(tried.deviations, best.deviations):
                best, is_smaller = tried, True
                break
            if size == 1 and not shows(tried):
                nearest = tried
            if runs >= most:
                break
        if is_smaller:
            size = min(size, max(1, len(best.deviations)))
        elif size == 1:
            break
        else:
            size = max(1, size // 2)
    return Shrunk(best, runs=runs, nearest=nearest)


def _is_less(one: Sequence[Deviation], other: Sequence[Deviation]) -> bool:
    return len(one) < len(other)

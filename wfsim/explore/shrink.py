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
    state = _State(run, shows, most, observed)
    size = max(1, len(observed.deviations) // 2)
    while state.best.deviations and not state.is_spent:
        if state.takes_away(size):
            size = min(size, max(1, len(state.best.deviations)))
        elif size == 1:
            break
        else:
            size = max(1, size // 2)
    return Shrunk(state.best, runs=state.runs, nearest=state.nearest)


class _State:
    def __init__(
        self,
        run: Run,
        shows: Callable[[Observed], bool],
        most: int,
        observed: Observed,
    ) -> None:
        self._run = run
        self._shows = shows
        self._most = most
        self.best = observed
        self.nearest: Observed | None = None
        self.runs = 0

    @property
    def is_spent(self) -> bool:
        return self.runs >= self._most

    def takes_away(self, size: int) -> bool:
        """Look for a smaller schedule without so many deviations in a row; remember the first."""
        deviations = self.best.deviations
        for start in range(0, len(deviations), size):
            kept = [*deviations[:start], *deviations[start + size :]]
            for tried in (kept, _earlier(kept)):
                if self.is_spent or (tried is not kept and tried == kept):
                    break
                found = self._run(FollowWords(tried))
                self.runs += 1
                if self._shows(found):
                    if len(found.deviations) < len(deviations):
                        self.best = found
                        return True
                elif size == 1:
                    self.nearest = found
        return False


def _earlier(deviations: Sequence[Deviation]) -> list[Deviation]:
    """Return deviations once earlier: what was taken away may have repeated a choice."""
    return [Deviation(item.words, max(1, item.count - 1)) for item in deviations]

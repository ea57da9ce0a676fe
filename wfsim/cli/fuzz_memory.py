"""What `wfsim fuzz` remembers of a scenario from one time to the next."""

from __future__ import annotations

import sys

from wfsim.errors import UsageError
from wfsim.explore import Exploration
from wfsim.explore.database import Database, Known
from wfsim.explore.replaying import follow
from wfsim.explore.search import Trial
from wfsim.history.printable import printable
from wfsim.scenario import LoadedScenario

__all__ = ["Memory"]


class Memory:
    """The failures of one scenario.

    Args:
        scenario: The scenario.
        circle: What may go wrong, as text; what was found under anything else is left alone.
    """

    def __init__(self, scenario: LoadedScenario, circle: str) -> None:
        self._database = Database(scenario.path)
        self._circle = circle
        known = self._database.read()
        self._others = [item for item in known if item.circle != circle]
        self._failing = [item for item in known if item.circle == circle]

    def still_failing(self, trial: Trial) -> list[str]:
        """Return the schedules that still show their problem; the others are forgotten."""
        self._failing = [item for item in self._failing if _shows(trial, item)]
        return [item.schedule for item in self._failing]

    def keep(self, found: Exploration) -> None:
        """Remember what was found, in place of what showed the same problems before."""
        fresh = [
            Known(schedule=failure.words, problem=failure.problem.key, circle=self._circle)
            for failure in found.failures
            if failure.observed.deviations  # the quiet run is always tried first
        ]
        told = {item.problem for item in fresh}
        kept = [item for item in self._failing if item.problem not in told]
        self._database.write([*self._others, *kept, *fresh])

    def complain(self, *, once: set[str]) -> None:
        """Say that nothing can be written, if nobody has said so yet."""
        complaint = self._database.complaint
        if complaint and not once:
            once.add(complaint)
            print(
                f"wfsim: failures cannot be kept for next time: {printable(complaint)}. "
                "Use --no-database where that is meant.",
                file=sys.stderr,
            )


def _shows(trial: Trial, known: Known) -> bool:
    try:
        problems = follow(trial, known.schedule).observed.problems
    except UsageError:
        return False
    return any(problem.key == known.problem for problem in problems)

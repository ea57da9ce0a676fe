"""What makes a run count as wrong without anybody asserting anything, and how it ended."""

from __future__ import annotations

import re
from typing import Final

from wfsim.errors import InvariantError, NonDeterminismError, WfsimError
from wfsim.explore.records import Problem, ProblemKind
from wfsim.history.jsontext import write
from wfsim.report.failures import cause
from wfsim.simulation import Simulation
from wfsim.trace import Finding
from wfsim.verdicts import TOO_OFTEN

__all__ = [
    "TOLD_BY_ERRORS",
    "End",
    "nameless",
    "problem_of_error",
    "problem_of_finding",
    "shown_end",
]

TOLD_BY_ERRORS: Final = ("WF109", "WF110")
"""Findings that the error which stopped the run tells as well."""
_STUCK: Final = ("WF101", "WF113")
_OFTEN: Final = 24
_EVERY: Final = 8
"""So many schedules are replayed by another worker at the end, and then each eighth."""
_GUID: Final = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")


class End:
    """Looks at a simulation before it is closed.

    Args:
        run: Which run it is, from 0.
    """

    def __init__(self, *, run: int) -> None:
        self.is_replayed = run < _OFTEN or run % _EVERY == 0
        self.error: NonDeterminismError | None = None
        self.duplicated: frozenset[tuple[str, str]] = frozenset()
        self.slowed: tuple[str, ...] = ()
        self.replayed = self.proven = 0
        """How many turn borders were replayed, and how many need no replay."""
        self.is_repeated = False
        self.has_faults = False
        self.is_turned = False
        """Whether somebody interfered, or something failed that would not."""

    def __call__(self, simulation: Simulation) -> None:
        """Note which faults fell, and let another worker replay every instance."""
        borders, faults = simulation.borders, simulation.faults
        self.replayed, self.proven = borders.replayed, borders.proven
        if faults is not None:
            self.duplicated = frozenset(faults.duplicated)
            self.slowed = tuple(faults.slowed)
            self.is_repeated = bool(faults.repeated)
            self.is_turned = bool(faults.turned)
            self.has_faults = faults.fell > 0
        if self.is_replayed:
            try:
                simulation.replay_elsewhere()
            except NonDeterminismError as error:
                self.error = error

    def explains(self, finding: Finding) -> bool:
        """Whether a finding only describes a fault: nobody waits for a second copy of an event.

        There is one where its delivery was doubled, and where an activity that was done again has
        sent it again. And a run that was made to end early waits for nothing any more.
        """
        if finding.code != "WF102":
            return False
        if self.is_turned:
            return True
        if self.is_repeated and TOO_OFTEN in finding.way_out:
            return True
        return any(
            instance_id == finding.instance_id and f"{name!r}" in finding.message
            for instance_id, name in self.duplicated
        )


def nameless(text: str) -> str:
    """Return a text without made-up ids."""
    return _GUID.sub("<id>", text)


def shown_end(name: str, status: str, output: object) -> str:
    """Return how an orchestration ended, in words."""
    if output is None:
        return f"{name} {status}"
    said = f" {write(output)}" if status == "Completed" else f": {cause(str(output))}"
    return f"{name} {status}{said}"


def problem_of_error(error: WfsimError) -> Problem:
    """Return what stopped a run, or differs on replay."""
    if isinstance(error, NonDeterminismError):
        where = error.cause or f"{error.file}:{error.line}"
        return Problem(kind="replay", key=f"replay {error.orchestrator} {where}", text=str(error))
    if isinstance(error, InvariantError):
        return Problem(kind="invariant", key=f"invariant {error.name}", text=str(error))
    name = type(error).__name__
    return Problem(kind="error", key=f"error {name}", text=f"{name}: {error}")


def problem_of_finding(finding: Finding) -> Problem:
    """Return a finding as a problem."""
    kind: ProblemKind = "stuck" if finding.code in _STUCK else "finding"
    return Problem(kind=kind, key=finding.code, text=str(finding), finding=finding)

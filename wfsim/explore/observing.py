"""What one explored simulation showed, whoever ran it: a function, a test, a state machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from wfsim.errors import WfsimError
from wfsim.explore.oracles import (
    TOLD_BY_ERRORS,
    End,
    nameless,
    problem_of_error,
    problem_of_finding,
    shown_end,
)
from wfsim.explore.records import Observed, Problem
from wfsim.explore.seen import seen_in
from wfsim.explore.words import Recorder
from wfsim.simulation import Simulation
from wfsim.trace import ActivityStarted

__all__ = ["observed", "problem_of_test"]

_LONGEST: Final = 2_000
"""Characters of a test's own error that a problem repeats."""


def observed(
    simulation: Simulation,
    recorder: Recorder,
    end: End,
    problem: Problem | None,
) -> Observed:
    """Return what a simulation showed, after it was closed.

    Args:
        simulation: The simulation.
        recorder: Answered its choices.
        end: Looked at it before it was closed.
        problem: What stopped the run, if something did.
    """
    return Observed(
        outcome=_outcome(simulation),
        problems=tuple(_problems(simulation, end, problem)),
        deviations=tuple(recorder.deviations),
        points=recorder.points,
        labels=frozenset(recorder.offered),
        trace=simulation.trace,
        seen=seen_in(simulation.trace, replayed=end.replayed, proven=end.proven),
        executions=Counter(
            (item.instance_id, item.name, item.task_id)
            for item in simulation.trace
            if isinstance(item, ActivityStarted)
        ),
    )


def problem_of_test(error: BaseException, *, where: str = "") -> Problem:
    """Return what a test raised as a problem.

    Args:
        error: Any exception.
        where: The line of the test at which it was raised: two assertions are two problems.
    """
    if isinstance(error, WfsimError):
        return problem_of_error(error)
    name = type(error).__name__
    text = f"{name}: {error}" if str(error) else name
    return Problem(kind="expect", key=f"test {name} {where}".rstrip(), text=text[:_LONGEST])


def _problems(simulation: Simulation, end: End, problem: Problem | None) -> Iterator[Problem]:
    is_stopped = problem is not None or end.error is not None
    if problem is not None:
        yield problem
    if end.error is not None:
        yield problem_of_error(end.error)
    for finding in simulation.findings:
        if is_stopped and finding.code in TOLD_BY_ERRORS:
            continue
        if not end.explains(finding):
            yield problem_of_finding(finding)


def _outcome(simulation: Simulation) -> str:
    ends = [shown_end(run.name, run.status, run.output) for run in simulation.runs]
    return nameless("; ".join(ends)) or "nothing"

"""One explored run of a test's own function: played under a chooser, and seen from outside."""

from __future__ import annotations

import asyncio
import inspect
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from wfsim.async_simulation import AsyncSimulation
from wfsim.choices import Chooser
from wfsim.errors import UsageError, WfsimError
from wfsim.explore.oracles import (
    TOLD_BY_ERRORS,
    End,
    nameless,
    problem_of_error,
    problem_of_finding,
    shown_end,
)
from wfsim.explore.records import Observed, Problem
from wfsim.explore.words import Recorder
from wfsim.hub.faults import Faults
from wfsim.simulation import Simulation
from wfsim.trace import ActivityStarted

__all__ = ["FunctionTrial"]


class FunctionTrial:
    """Runs a function with simulations under choosers.

    Args:
        function: Takes an open `Simulation`, or an `AsyncSimulation` if it is a coroutine function;
            what it raises is a failure.
        app: See `Simulation`. Modules are loaded afresh for each run where it names them.
        faults: What may go wrong.
        options: Further arguments of `Simulation`.
    """

    def __init__(
        self,
        function: Callable[[Any], object],
        app: object,
        *,
        faults: Faults | None = None,
        **options: Any,  # noqa: ANN401 - Simulation's own
    ) -> None:
        self._function = function
        self._app = app
        self.faults = faults
        self._options = options
        self._runs = 0

    def run(self, chooser: Chooser) -> Observed:
        """Run once.

        Raises:
            UsageError: the function uses wfsim wrongly, whatever the schedule.
        """
        recorder, end = Recorder(chooser), End(run=self._runs)
        self._runs += 1
        options = {**self._options, "findings": "ignore", "schedule": recorder}
        simulation = AsyncSimulation(self._app, faults=self.faults, **options)
        problem: Problem | None = None
        with simulation.sync as sync:
            try:
                self._play(simulation)
            except UsageError:
                raise
            except WfsimError as error:
                problem = problem_of_error(error)
            except Exception as error:  # noqa: BLE001 - whatever a test raises
                problem = _of_test(error)
            end(sync)
        return Observed(
            outcome=_outcome(sync),
            problems=tuple(_problems(sync, end, problem)),
            deviations=tuple(recorder.deviations),
            points=recorder.points,
            labels=frozenset(recorder.offered),
            trace=sync.trace,
            executions=Counter(
                (item.instance_id, item.name, item.task_id)
                for item in sync.trace
                if isinstance(item, ActivityStarted)
            ),
        )

    def _play(self, simulation: AsyncSimulation) -> None:
        if inspect.iscoroutinefunction(self._function):
            asyncio.run(self._function(simulation))
        else:
            self._function(simulation.sync)


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


def _of_test(error: Exception) -> Problem:
    name = type(error).__name__
    return Problem(kind="expect", key=f"test {name}", text=f"{name}: {error}")

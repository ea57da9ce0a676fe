"""One explored run of an Agent Framework workflow: its concurrent steps end in another order."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from wfsim.choices import Chooser
from wfsim.clock import to_us
from wfsim.errors import UsageError
from wfsim.explore.observing import problem_of_test
from wfsim.explore.oracles import nameless
from wfsim.explore.records import Observed, Problem
from wfsim.explore.words import Recorder
from wfsim.snapshot.naming import Naming
from wfsim.snapshot.plain import plain
from wfsim.trace import Trace

__all__ = ["WorkflowTrial"]


class WorkflowTrial:
    """Runs a function with simulations of a workflow under choosers.

    Args:
        function: Takes an open `WorkflowSimulation`; what it raises is a failure.
        workflow: See `WorkflowSimulation`.
        seed: Decides ids and randomness, the same in every run.
    """

    def __init__(
        self, function: Callable[[Any], object], workflow: object, *, seed: int = 0
    ) -> None:
        self._function = function
        self._workflow = workflow
        self._seed = seed

    def run(self, chooser: Chooser) -> Observed:
        """Run once.

        Raises:
            UsageError: the function uses wfsim wrongly, whatever the schedule.
        """
        # Agent Framework takes a second to import, and most explorations do without.
        from wfsim.workflows import WorkflowSimulation  # noqa: PLC0415

        recorder = Recorder(chooser)
        problem: Problem | None = None
        simulation = WorkflowSimulation(self._workflow, seed=self._seed, schedule=recorder)
        try:
            with simulation:
                self._function(simulation)
        except UsageError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a test raises
            problem = problem_of_test(error)
        ends = [
            f"{run.workflow} {run.status} "
            f"{json.dumps(plain(run.outputs, Naming(blank=True)), sort_keys=True)}"
            for run in simulation.runs
        ]
        return Observed(
            outcome=nameless("; ".join(ends)) or "nothing",
            problems=() if problem is None else (problem,),
            deviations=tuple(recorder.deviations),
            points=recorder.points,
            labels=frozenset(recorder.offered),
            trace=Trace(start_us=to_us(simulation.now)),
            executions={},
        )

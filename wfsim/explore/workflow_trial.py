"""One explored run of an Agent Framework workflow: other orders, other chunks, another process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

from wfsim.choices import Chooser, first_in_first_out
from wfsim.clock import to_us
from wfsim.errors import UsageError
from wfsim.explore.observing import problem_of_test
from wfsim.explore.oracles import nameless
from wfsim.explore.records import Observed, Problem
from wfsim.explore.words import ORDERS, Deviation, FollowWords, Recorder
from wfsim.hub.faults import Faults
from wfsim.snapshot.naming import Naming
from wfsim.snapshot.plain import plain
from wfsim.trace import Trace

__all__ = ["WorkflowTrial"]

_CRASH: Final = "crash after save("


class WorkflowTrial:
    """Runs a function with simulations of a workflow under choosers.

    Args:
        function: Takes an open `WorkflowSimulation`; what it raises is a failure.
        workflow: See `WorkflowSimulation`.
        faults: See `WorkflowSimulation`. A run whose process dies must end as one that is not
            interrupted does, in some order.
        seed: Decides ids and randomness, the same in every run.
    """

    def __init__(
        self,
        function: Callable[[Any], object],
        workflow: object,
        *,
        faults: Faults | None = None,
        seed: int = 0,
    ) -> None:
        self._function = function
        self._workflow = workflow
        self._faults = faults or Faults()
        self._seed = seed

    def run(self, chooser: Chooser) -> Observed:
        """Run once; and once more without interruption, where the process has died.

        Raises:
            UsageError: the function uses wfsim wrongly, whatever the schedule.
        """
        observed = self._played(Recorder(chooser))
        crashes = [item for item in observed.deviations if item.words.startswith(_CRASH)]
        if not crashes or observed.problems:
            return observed
        outcomes: list[str] = []
        for outcome in self._uninterrupted(observed.deviations):
            if outcome == observed.outcome:
                return observed
            outcomes.append(outcome)
        if not outcomes:
            return observed
        problem = Problem(
            kind="expect",
            key=f"resume {nameless(outcomes[0])}",
            text=f"After the {crashes[0]} it resumes, and ends otherwise than without: "
            f"{observed.outcome}, and not {outcomes[0]}",
        )
        return replace(observed, problems=(problem,))

    def _uninterrupted(self, deviations: Sequence[Deviation]) -> Iterator[str]:
        """Yield how it ends without interruption: in the same order, in the quiet one, reversed.

        A workflow whose end depends on the order may well end otherwise after a crash, too.
        """
        kept = [item for item in deviations if not item.words.startswith(_CRASH)]
        faults = replace(self._faults, episode_crashes=0)
        for chooser in (FollowWords(kept), first_in_first_out, _last_in_first_out):
            with suppress(UsageError):  # a function may ask for what only some orders have
                yield self._played(Recorder(chooser), faults=faults).outcome

    @cached_property
    def _source(self) -> object:
        """What makes the workflow anew for each run; a graph that was given is never run itself."""
        from wfsim.workflows.source import source_of  # noqa: PLC0415 - imports the framework

        source = source_of(self._workflow)
        source.spares_original = True
        return source

    def _played(self, recorder: Recorder, *, faults: Faults | None = None) -> Observed:
        # Agent Framework takes a second to import, and most explorations do without.
        from wfsim.workflows import WorkflowSimulation  # noqa: PLC0415

        problem: Problem | None = None
        simulation = WorkflowSimulation(
            self._source, seed=self._seed, schedule=recorder, faults=faults or self._faults
        )
        try:
            with simulation:
                self._function(simulation)
        except UsageError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a test raises
            problem = problem_of_test(error)
        finally:
            simulation.forget()  # each run finds the code as a new process does
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


def _last_in_first_out(about: str, options: Sequence[str]) -> int:
    return len(options) - 1 if about in ORDERS else 0

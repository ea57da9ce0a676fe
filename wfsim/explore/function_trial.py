"""One explored run of a test's own function: played under a chooser, and seen from outside."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wfsim.async_simulation import AsyncSimulation
from wfsim.choices import Chooser
from wfsim.errors import UsageError, WorkflowError
from wfsim.explore.observing import observed, problem_of_test
from wfsim.explore.oracles import End
from wfsim.explore.records import Observed, Problem
from wfsim.explore.words import Recorder, number_of
from wfsim.hub.faults import Faults
from wfsim.simulation import Simulation
from wfsim.workers.azure_functions import KeptApp

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
        self._app = KeptApp(app) if isinstance(app, str | Path) else app
        self.faults = faults
        self._options = options

    def run(self, chooser: Chooser) -> Observed:
        """Run once.

        Raises:
            UsageError: the function uses wfsim wrongly, whatever the schedule.
        """
        recorder, end = Recorder(chooser), End(run=number_of(chooser))
        told = {"findings": "ignore", "schedule": recorder}
        options = {"guard": "off", **self._options, **told}
        if options.get("replay", "every") == "every":
            options["replay"] = "search"  # what shows at one border only must show there
        simulation = AsyncSimulation(self._app, faults=self.faults, **options)
        sync = simulation.sync.__enter__()
        problem = self._played(simulation)
        try:
            end(sync)
        finally:
            problem = _closed(sync, problem)
        return observed(sync, recorder, end, problem)

    def _played(self, simulation: AsyncSimulation) -> Problem | None:
        try:
            if inspect.iscoroutinefunction(self._function):
                asyncio.run(self._function(simulation))
            else:
                self._function(simulation.sync)
        except UsageError:
            simulation.sync.close(check=False)
            raise
        except Exception as error:  # noqa: BLE001 - whatever a test raises
            return problem_of_test(error)
        except BaseException:
            simulation.sync.close(check=False)
            raise
        return None


def _closed(simulation: Simulation, problem: Problem | None) -> Problem | None:
    """Close, and return the first problem: what was left behind may be one."""
    try:
        simulation.close()
    except WorkflowError as error:
        return problem or problem_of_test(error)
    return problem

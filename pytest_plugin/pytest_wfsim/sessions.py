"""The simulations of one test: opened, closed, and told of in its report."""

from __future__ import annotations

import shlex
import warnings
from typing import Self

import pytest

from pytest_wfsim.arguments import Wrong, app_of, options_of
from pytest_wfsim.paths import shown
from pytest_wfsim.stash import EXPLORED, IS_BROKEN, SESSIONS, STAGE
from pytest_wfsim.tracebacks import hide_frames
from wfsim import AsyncSimulation, ScriptError, Simulation, UsageError, WorkflowError

__all__ = ["Session", "describe"]


class Session:
    """One simulation of a test.

    Args:
        item: The test.
        simulation: What it simulates with, open.
        seed: The seed in use.
    """

    def __init__(self, item: pytest.Item, simulation: AsyncSimulation, *, seed: int) -> None:
        self._item = item
        self._simulation = simulation
        self.seed = seed

    @classmethod
    def open(cls, request: pytest.FixtureRequest) -> Self:
        """Open the simulation that the test asks for; one that cannot be opened fails the test.

        Args:
            request: The one of the fixture that hands the simulation out.
        """
        item: pytest.Item = request.node
        opened = _opened(item)
        if isinstance(opened, str):
            pytest.fail(opened, pytrace=False)
        stage = item.stash.get(STAGE, None)
        if stage is None or stage.is_last or not stage.is_playing:
            hide_frames()  # not in each of many schedules: it takes as long as half of one
        session = cls(item, opened[0], seed=opened[1])
        item.stash.setdefault(SESSIONS, []).append(session)
        if stage is not None:
            stage.enter(session, request)
        return session

    @property
    def simulation(self) -> Simulation:
        """The simulation with plain names."""
        return self._simulation.sync

    def awaited(self) -> AsyncSimulation:
        """Return the simulation with names to await."""
        return self._simulation

    def close(self) -> None:
        """Close it; after a test that went well, look for what was left behind."""
        stage = self._item.stash.get(STAGE, None)
        if stage is not None:
            stage.leave(self)
            return
        if self._item.stash.get(IS_BROKEN, False):
            self.simulation.close(check=False)
            return
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            problem = self._problem()
        try:
            for warning in caught:
                self._warn(warning)
        except Warning as warning:  # a filter turns it into an error
            problem = problem or str(warning)
        if problem:
            pytest.fail(problem, pytrace=False)

    def _problem(self) -> str:
        try:
            self.simulation.close()
        except (WorkflowError, ScriptError) as error:
            return str(error)
        return ""

    def _warn(self, warning: warnings.WarningMessage) -> None:
        """Warn again under the test's own filters; what has no place points at the test."""
        file, line = warning.filename, warning.lineno
        if file == __file__:
            file, line = str(self._item.path), (self._item.location[1] or 0) + 1
        warnings.warn_explicit(warning.message, warning.category, file, line)


def _opened(item: pytest.Item) -> tuple[AsyncSimulation, int] | str:
    """Return an open simulation and its seed, or what is wrong."""
    try:
        options = options_of(item)
        stage = item.stash.get(STAGE, None)
        app = app_of(item)
        if stage is not None:
            app = stage.app(app)
            options |= stage.options
            if options.get("replay", "every") == "every":
                options["replay"] = "search"  # what shows at one border only must show there
        simulation = AsyncSimulation(app, **options)
        simulation.sync.__enter__()
        return simulation, options.get("seed", 0)
    except (Wrong, UsageError) as error:
        return str(error)


def describe(item: pytest.Item, report: pytest.TestReport) -> None:
    """Add to a failing report what happened in the simulations, and the command that repeats it."""
    sessions = item.stash[SESSIONS]
    explored = item.stash.get(EXPLORED, None)
    if explored is None or not explored.words:
        for session in sessions:
            timeline = session.simulation.timeline() or "Nothing has run yet."
            report.sections.append(("wfsim: what happened", timeline))
        option = f"--wfsim-seed={sessions[0].seed}"
    else:
        report.sections.append(("wfsim: what happened", explored.story))
        option = f"--wfsim-schedule={shlex.quote(explored.words)}"
        if item.config.getoption("--wfsim-seed") is not None:
            option += f" --wfsim-seed={sessions[0].seed}"
    report.sections.append(("wfsim: run this again", f"pytest {_node(item)} {option}"))


def _node(item: pytest.Item) -> str:
    # Node ids start at the root folder, and commands where the reader stands.
    _, colons, names = str(item.nodeid).partition("::")
    file = shown(item.path, item.config)
    return shlex.quote(f"{file}{colons}{names}")

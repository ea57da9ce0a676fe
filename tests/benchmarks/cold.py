"""What a simulation costs before anything happens in it, and what it keeps."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path
from statistics import median
from typing import Any, Final

import azure.durable_functions as df

from tests.benchmarks.ours import app
from tests.benchmarks.stopwatch import stopwatch

__all__ = ["importing", "live_instances", "loading", "long_history", "month", "opening", "testing"]

_FIXTURE: Final = Path(__file__).parents[2] / "fixtures" / "apps" / "approval" / "function_app.py"
_TEST: Final = """
import pytest

pytestmark = pytest.mark.wfsim(app={app!r})


@pytest.mark.parametrize("number", range({tests}))
def test_nothing({fixture}number):
    pass
"""


@app.orchestration_trigger(context_name="context")
def monthly(context: df.DurableOrchestrationContext) -> Generator[Any, Any, str]:
    """Wait for 30 days."""
    from datetime import timedelta

    yield context.create_timer(context.current_utc_datetime + timedelta(days=30))
    return "done"


@app.orchestration_trigger(context_name="context")
def waiting(context: df.DurableOrchestrationContext) -> Generator[Any, Any, Any]:
    """Wait for an event that never comes."""
    return (yield context.wait_for_external_event("never"))


def month(times: int) -> float:
    """Return the seconds for a timer of 30 days, start-up apart."""
    from wfsim import Simulation  # late, as everywhere here

    laps: list[float] = []
    for _ in range(times + 1):
        with Simulation(app) as sim:
            watch = stopwatch()
            assert sim.start("monthly").result() == "done"
            laps.append(watch())
    return median(laps[1:])


def importing(code: str, times: int) -> float:
    """Return the seconds that a line of code adds to the start of Python."""
    return _process(code, times) - _process("pass", times)


def _process(code: str, times: int) -> float:
    def run() -> None:
        subprocess.run([sys.executable, "-c", code], check=True)

    return _median(run, times)


def opening(times: int) -> float:
    """Return the seconds to open and close a simulation of an app that is loaded already."""
    from wfsim import Simulation

    def run() -> None:
        with Simulation(app):
            pass

    run()
    return _median(run, times)


def loading() -> tuple[float, float]:
    """Return the same for the path of an app, the first and the second time in this process.

    The app's modules are imported each time; the import of wfsim is in neither.
    """
    from wfsim import Simulation

    def opened() -> float:
        watch = stopwatch()
        with Simulation(_FIXTURE):
            pass
        return watch()

    return opened(), opened()


def testing(few: int, many: int, *, times: int) -> float:
    """Return the seconds that the plugin's fixture adds to each test.

    What pytest and the first simulation cost once falls out, since two files are compared.

    Args:
        few: Tests in the shorter file.
        many: Tests in the longer one.
        times: How often pytest runs each.
    """
    with tempfile.TemporaryDirectory() as folder:
        with_few, with_many, empty_few, empty_many = (
            _pytest(Path(folder), fixture, tests, times)
            for fixture in ("sim, ", "")
            for tests in (few, many)
        )
    return ((with_many - with_few) - (empty_many - empty_few)) / (many - few)


def _pytest(folder: Path, fixture: str, tests: int, times: int) -> float:
    path = folder / "test_cold.py"
    text = _TEST.format(app=str(_FIXTURE), fixture=fixture, tests=tests)
    path.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(path)]

    def run() -> None:
        subprocess.run(
            command, check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    return _median(run, times)


def long_history(activities: int) -> tuple[float, float]:
    """Return seconds and peak megabytes for one instance with four events per activity."""
    from wfsim import Simulation

    watch = stopwatch()
    with Simulation(app, max_steps=4 * activities) as sim:
        run = sim.start("chain", input=activities)
        assert run.result() == activities
        assert len(run.history) == 4 * activities + 4
    return watch(), _megabytes()


def live_instances(number: int) -> tuple[float, float]:
    """Return seconds and peak megabytes for so many instances that wait."""
    from wfsim import Simulation

    watch = stopwatch()
    with Simulation(app, findings="ignore") as sim:
        for _ in range(number):
            sim.start("waiting")
        sim.run_until_idle()
        assert all(run.status == "Running" for run in sim.runs)
    return watch(), _megabytes()


def _megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024**2 if sys.platform == "darwin" else 1024)


def _median(run: Callable[[], None], times: int) -> float:
    laps: list[float] = []
    for _ in range(times):
        watch = stopwatch()
        run()
        laps.append(watch())
    return median(laps)

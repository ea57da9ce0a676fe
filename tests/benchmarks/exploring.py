"""How many schedules a second are explored, beside plain runs of the same scenario.

A second is one of processor time: it says what one core does, whatever else the machine is at.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from rich import box
from rich.console import Console
from rich.table import Table

from tests.benchmarks.stopwatch import stopwatch
from wfsim.explore.search import Budget, search
from wfsim.explore.strategies import RandomStrategy
from wfsim.explore.trial import ScenarioTrial
from wfsim.hub.faults import ALL_FAULTS, Faults
from wfsim.scenario import LoadedScenario, load, play

__all__ = ["ExploreLaps", "measure_approval", "measure_exploring", "show_exploring"]

PLAIN_RUNS = 50
_FOLDER = Path(__file__).parent / "explored"
_SCENARIOS = (
    ("fan-out of 4, approval", "approval.yaml"),
    ("chain of 10", "chain.yaml"),
    ("saga", "saga.yaml"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExploreLaps:
    """Seconds for one run of a scenario, lap by lap."""

    name: str
    plain: list[float]
    """Of a run that nobody explores: first in, first out."""
    orders: list[float]
    """Of a schedule among legal orders, with all oracles on."""
    faults: list[float]
    """Of one with faults, too."""

    @property
    def ratio(self) -> float:
        """How many schedules are explored in the time of one plain run."""
        return median(self.plain) / median(self.orders)


def measure_exploring(*, laps: int, schedules: int) -> list[ExploreLaps]:
    """Measure each scenario on all sides, turn about, so that all see the same machine.

    Args:
        laps: How often.
        schedules: How many are explored in one lap, by a search that remembers nothing before.
    """
    results: list[ExploreLaps] = []
    for name, file in _SCENARIOS:
        scenario = load(_FOLDER / file)
        result = ExploreLaps(name=name, plain=[], orders=[], faults=[])
        _plain(scenario)
        for _ in range(laps):
            result.plain.append(_plain(scenario))
            result.orders.append(_explored(scenario, schedules, None))
            result.faults.append(_explored(scenario, schedules, ALL_FAULTS))
        results.append(result)
    return results


def measure_approval(schedules: int) -> float:
    """Return the seconds for one schedule among the legal orders of the first scenario alone."""
    _, file = _SCENARIOS[0]
    scenario = load(_FOLDER / file)
    _played(scenario)
    return _explored(scenario, schedules, None)


def show_exploring(results: Sequence[ExploreLaps], console: Console) -> dict[str, object]:
    """Print one line for each scenario, and return what was measured."""
    table = Table(title="Schedules a second, on one core", box=box.SIMPLE_HEAD)
    table.add_column("scenario", no_wrap=True)
    for name in ("plain", "orders", "ratio", "with faults"):
        table.add_column(name, justify="right", no_wrap=True)
    for result in results:
        table.add_row(
            result.name,
            _rate(result.plain),
            _rate(result.orders),
            f"{result.ratio:.1f} x",
            _rate(result.faults),
        )
    console.print(table)
    return {"results": [{**asdict(result), "ratio": result.ratio} for result in results]}


def _rate(seconds: list[float]) -> str:
    return f"{1 / median(seconds):,.0f}/s"


def _plain(scenario: LoadedScenario) -> float:
    return _each(PLAIN_RUNS, lambda: _played(scenario))


def _played(scenario: LoadedScenario) -> None:
    assert not play(scenario).mismatches


def _explored(scenario: LoadedScenario, schedules: int, faults: Faults | None) -> float:
    trial = ScenarioTrial(scenario, faults=faults)
    watch = stopwatch(time.process_time_ns)
    found = search(trial, RandomStrategy(seed=0), Budget(schedules=schedules, failures=schedules))
    seconds = watch()
    assert not found.failures
    return seconds / found.reach.schedules


def _each(times: int, run: Callable[[], None]) -> float:
    watch = stopwatch(time.process_time_ns)
    for _ in range(times):
        run()
    return watch() / times

"""Results as a table for people and as JSON for machines."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from statistics import median

from rich import box
from rich.console import Console
from rich.table import Table

from tests.benchmarks.stopwatch import Lap
from tests.benchmarks.workloads import Workload

__all__ = ["Result", "as_json", "show"]


@dataclass(slots=True, kw_only=True)
class Result:
    """The laps of both sides on one workload."""

    workload: Workload
    ours: list[Lap] = field(default_factory=list[Lap])
    peer: list[Lap] = field(default_factory=list[Lap])

    @property
    def ratio(self) -> float | None:
        """How many times faster wfsim is, if both sides ran."""
        if not self.ours or not self.peer:
            return None
        return _work(self.peer) / _work(self.ours)


def show(results: Sequence[Result], console: Console) -> None:
    """Print one line for each workload."""
    table = Table(
        title="wfsim beside durabletask's in-memory backend",
        caption="Medians of the work alone; every check of wfsim is on." + _start_up(results),
        box=box.SIMPLE_HEAD,
    )
    table.add_column("workload", no_wrap=True)
    for name in ("wfsim", "peer", "ratio", "calls/s", "runs"):
        table.add_column(name, justify="right", no_wrap=True)
    for result in results:
        table.add_row(*_cells(result))
    console.print(table)


def _cells(result: Result) -> list[str]:
    workload, ratio = result.workload, result.ratio
    measured = result.ours or result.peer
    return [
        workload.name,
        _time(_work(result.ours)) if result.ours else "-",
        _time(_work(result.peer)) if result.peer else _absent(workload),
        "-" if ratio is None else f"{ratio:.1f} x",
        f"{workload.calls / _work(measured):,.0f}" if measured else "-",
        str(len(measured)),
    ]


def _absent(workload: Workload) -> str:
    return "n/a: real time" if workload.takes_real_time else "-"


def _start_up(results: Sequence[Result]) -> str:
    laps = [lap.start_up for result in results for lap in result.ours]
    return f"\nA simulation starts in {_time(median(laps))}." if laps else ""


def as_json(results: Sequence[Result]) -> dict[str, object]:
    """Return everything that was measured, with what it was measured on."""
    return {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "versions": {
            name: version(name)
            for name in ("azure-functions-durable", "azure-functions", "durabletask")
        },
        "results": [
            {
                "workload": result.workload.name,
                "activities": result.workload.calls,
                "ratio": result.ratio,
                "wfsim": _laps(result.ours),
                "peer": _laps(result.peer),
                "peer_takes": result.workload.takes_real_time or None,
            }
            for result in results
        ],
    }


def _laps(laps: Sequence[Lap]) -> dict[str, object] | None:
    if not laps:
        return None
    return {
        "median_seconds": _work(laps),
        "seconds": [lap.work for lap in laps],
        "start_up_seconds": median(lap.start_up for lap in laps),
    }


def _work(laps: Sequence[Lap]) -> float:
    return median(lap.work for lap in laps)


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1_000:.2f} ms"

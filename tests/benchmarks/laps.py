"""The laps of one side on one workload, in a process of their own.

The peer's threads and sockets outlive its laps: in one process they would slow wfsim down.
"""

from __future__ import annotations

from contextlib import nullcontext

from tests.benchmarks import ours
from tests.benchmarks.apart import apart
from tests.benchmarks.peer import Peer
from tests.benchmarks.stopwatch import Lap, stopwatch
from tests.benchmarks.workloads import Workload

__all__ = ["measured"]


def measured(side: str, workload: Workload, *, runs: int, budget: float) -> list[Lap]:
    """Warm one side up, then measure it until the runs or the seconds are used up.

    Raises:
        EOFError: the process died; what it said stands on standard error.
    """
    return apart(_measure, side, workload, runs, budget)


def _measure(side: str, workload: Workload, runs: int, budget: float) -> list[Lap]:
    laps: list[Lap] = []
    with nullcontext() if side == "wfsim" else Peer.started() as peer:
        measure = ours.measure if peer is None else peer.measure
        measure(workload)
        watch, spent = stopwatch(), 0.0
        while len(laps) < runs and spent < budget:
            laps.append(measure(workload))
            spent += watch()
    return laps

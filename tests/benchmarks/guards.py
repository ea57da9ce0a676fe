"""What guards cost: `python -m tests.benchmarks.guards`.

Turn by turn, with a guard and without, by the processor's time. Each side has a process of its own
for each round, since an audit hook stays in a process for good.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import sys
import time
from functools import partial
from statistics import median

import wfsim
from tests.benchmarks import ours
from tests.benchmarks.workloads import QUICK, Workload
from wfsim.guards import GuardMode

__all__ = ["main"]

ROUNDS = 5
LAPS = 12


def _seconds(workload: Workload, guard: GuardMode) -> float:
    """Return the processor's time of one simulation, the best of several."""
    logging.disable()
    wfsim.Simulation = partial(wfsim.Simulation, guard=guard)  # type: ignore[misc,assignment]
    ours.measure(workload)
    best = float("inf")
    for _ in range(LAPS):
        gc.collect()
        began = time.process_time()
        ours.measure(workload)
        best = min(best, time.process_time() - began)
    return best


def main() -> int:
    """Print a line for each workload."""
    spawn = multiprocessing.get_context("spawn")
    for workload in QUICK:
        ratios: list[float] = []
        for _ in range(ROUNDS):
            with spawn.Pool(1) as off, spawn.Pool(1) as on:
                without = off.apply(_seconds, (workload, "off"))
                ratios.append(on.apply(_seconds, (workload, "warn")) / without)
        print(f"{workload.name:<20} {median(ratios) - 1:+.1%}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The laps of one side on one workload, in a process of their own.

The peer's threads and sockets outlive its laps: in one process they would slow wfsim down.
"""

from __future__ import annotations

import logging
import multiprocessing
from contextlib import nullcontext
from multiprocessing.connection import Connection

from tests.benchmarks import ours
from tests.benchmarks.peer import Peer
from tests.benchmarks.stopwatch import Lap, stopwatch
from tests.benchmarks.workloads import Workload

__all__ = ["measured"]


def measured(side: str, workload: Workload, *, runs: int, budget: float) -> list[Lap]:
    """Warm one side up, then measure it until the runs or the seconds are used up.

    Raises:
        EOFError: the process died; what it said stands on standard error.
    """
    spawn = multiprocessing.get_context("spawn")
    receiver, sender = spawn.Pipe(duplex=False)
    process = spawn.Process(target=_measure, args=(sender, side, workload, runs, budget))
    process.start()
    sender.close()
    try:
        laps: list[Lap] = receiver.recv()
    finally:
        process.join()
    return laps


def _measure(sender: Connection, side: str, workload: Workload, runs: int, budget: float) -> None:
    logging.disable()
    laps: list[Lap] = []
    with nullcontext() if side == "wfsim" else Peer.started() as peer:
        measure = ours.measure if peer is None else peer.measure
        measure(workload)
        watch, spent = stopwatch(), 0.0
        while len(laps) < runs and spent < budget:
            laps.append(measure(workload))
            spent += watch()
    sender.send(laps)

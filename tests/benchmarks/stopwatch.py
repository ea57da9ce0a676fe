"""Real time, also while a simulation shows virtual time to everybody else."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Lap", "stopwatch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lap:
    """One measured run, in seconds."""

    start_up: float
    work: float


def stopwatch(now: Callable[[], int] = time.perf_counter_ns) -> Callable[[], float]:
    """Return a function that says how many seconds went by since it was last called.

    The clock is a default value because a simulation replaces the names that modules know it by.
    """
    last = now()

    def lap() -> float:
        nonlocal last
        before, last = last, now()
        return (last - before) / 1e9

    return lap

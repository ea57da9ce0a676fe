"""Plays the schedules of a strategy in many processes, with the results of one.

A strategy makes the same chooser for the same number everywhere, so numbers are all that has to be
handed out. What comes back is read in the order of the numbers, whoever was done first: what is
found first, and when the search ends, is the same as in one process.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final

from wfsim.explore.hushed import hushed
from wfsim.explore.records import Observed
from wfsim.explore.search import Runs
from wfsim.explore.strategies import Strategy
from wfsim.explore.trial import ScenarioTrial
from wfsim.explore.what_if import WhatIf
from wfsim.explore.words import Numbered
from wfsim.hub.faults import Faults
from wfsim.scenario import load
from wfsim.trace import Trace

__all__ = ["Plan", "Shard", "Submit", "local_runs", "play_shard", "sharded"]

_SHARD: Final = 32
"""Schedules that a worker gets at a time."""
_AHEAD: Final = 2
"""Shards for each worker that are under way, or wait for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What every worker has to know."""

    scenario: Path
    faults: Faults | None
    what_if: frozenset[WhatIf] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """Some of the schedules."""

    plan: Plan
    strategy: Strategy
    numbers: range


Submit = Callable[[Shard], "Future[list[Observed]]"]
"""Lets somebody else play a shard."""


def play_shard(shard: Shard) -> list[Observed]:
    """Play schedules, one after the other, in the order of their numbers.

    Returns:
        Their runs, without the trace where nothing is wrong: nobody reads those.
    """
    trial = _trial(shard.plan)
    with hushed():
        return [
            _light(trial.run(Numbered(number, shard.strategy.chooser(number))))
            for number in shard.numbers
        ]


@contextlib.contextmanager
def local_runs(plan: Plan, jobs: int) -> Generator[Runs]:
    """Open as many processes on this machine.

    Args:
        plan: What is played.
        jobs: How many processes.
    """
    pool = ProcessPoolExecutor(
        jobs, mp_context=multiprocessing.get_context("spawn"), initializer=_ignore_interrupts
    )
    try:
        yield sharded(plan, lambda shard: pool.submit(play_shard, shard), workers=jobs)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def sharded(plan: Plan, submit: Submit, *, workers: int) -> Runs:
    """Return what lets others play schedules.

    Args:
        plan: What is played.
        submit: Gives a shard to one of them.
        workers: How many at a time.
    """

    def runs(strategy: Strategy, numbers: range) -> Generator[Observed]:
        shards = iter(_shards(plan, strategy, numbers))
        pending: deque[Future[list[Observed]]] = deque()
        try:
            while True:
                for shard in islice(shards, workers * _AHEAD - len(pending)):
                    pending.append(submit(shard))
                if not pending:
                    return
                yield from pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()

    return runs


def _shards(plan: Plan, strategy: Strategy, numbers: range) -> Iterator[Shard]:
    for start in range(0, len(numbers), _SHARD):
        yield Shard(plan=plan, strategy=strategy, numbers=numbers[start : start + _SHARD])


@cache
def _trial(plan: Plan) -> ScenarioTrial:
    return ScenarioTrial(load(plan.scenario), faults=plan.faults, what_if=plan.what_if)


def _light(observed: Observed) -> Observed:
    if observed.problems:
        return observed
    return replace(observed, trace=Trace(start_us=observed.trace.start_us), executions={})


def _ignore_interrupts() -> None:
    """Leave Ctrl-C to the process that gives out the work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

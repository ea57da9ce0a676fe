"""Where schedules are played: in this process, in several on this machine, or on a cluster."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from typing import Final

from wfsim.errors import UsageError
from wfsim.explore.cluster import cluster
from wfsim.explore.exhaustive import Exhaustive
from wfsim.explore.records import Observed
from wfsim.explore.search import Runs, Trial, here
from wfsim.explore.shards import Plan, local_runs, play_shard, sharded
from wfsim.explore.strategies import Strategy
from wfsim.explore.trial import ScenarioTrial

__all__ = ["place_of"]

_HERE: Final = 32


@contextlib.contextmanager
def place_of(
    trial: Trial, strategy: Strategy | Exhaustive, *, jobs: int, dask: str | None
) -> Generator[Runs | None]:
    """Open the place where schedules are played; None is this process.

    Args:
        trial: What is played.
        strategy: How choices are answered.
        jobs: Processes on this machine.
        dask: Address of a Dask scheduler; then `jobs` has no meaning.

    Raises:
        UsageError: this cannot be played elsewhere, or there is no such place.
    """
    if jobs < 1 or (jobs > 1 and dask is not None):
        raise UsageError(
            f"jobs={jobs!r} must be at least 1, and stands alone: a Dask cluster has workers of "
            "its own."
        )
    if jobs == 1 and dask is None:
        yield None
        return
    if isinstance(strategy, Exhaustive):
        raise UsageError(
            "An exhaustive search runs in one process: each order it tries depends on the one "
            "before. Leave jobs and dask out."
        )
    if not isinstance(trial, ScenarioTrial):
        raise UsageError(
            "Only scenario files are explored in other processes; a function stays where it is. "
            "Leave jobs and dask out."
        )
    plan = Plan(scenario=trial.scenario.path, faults=trial.faults, what_if=trial.what_if)
    with local_runs(plan, jobs) if dask is None else _dask_runs(plan, dask) as runs:
        yield _first_here(trial, runs)


def _first_here(trial: Trial, elsewhere: Runs) -> Runs:
    """Return what plays the first schedules in this process: most bugs show before others start."""

    def runs(strategy: Strategy, numbers: range) -> Generator[Observed]:
        yield from here(trial)(strategy, numbers[:_HERE])
        yield from elsewhere(strategy, numbers[_HERE:])

    return runs


@contextlib.contextmanager
def _dask_runs(plan: Plan, address: str) -> Generator[Runs]:
    with cluster(address) as (submit, workers):
        yield sharded(plan, lambda shard: submit(play_shard, shard), workers=workers)

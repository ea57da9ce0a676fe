"""What wfsim is to reach, row by row: what was measured, beside whom, and what is aimed at."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Final, Literal

from tests.benchmarks import cold
from tests.benchmarks.apart import apart
from tests.benchmarks.floor import floor
from tests.benchmarks.ours import measure
from tests.benchmarks.workloads import QUICK, Workload, chain_of

__all__ = ["GOALS", "Goal", "Measured"]

Unit = Literal["x the peer", "x the floor", "x", "/s", "ms", "MB"]
_LEAST: Final = {"x the peer", "/s"}
"""Units of which more is better."""
PEER_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One row.

    Args:
        name: What was done.
        value: What counts, in its unit.
        unit: What it is measured in.
        aim: The value to reach.
        ours: Seconds of wfsim, or what else is shown for it.
        other: Seconds of whom it is held against; None where there is nobody, or not here.
    """

    name: str
    value: float | None
    unit: Unit
    aim: float
    ours: float
    other: float | None = None

    @property
    def is_reached(self) -> bool | None:
        """Whether the aim is reached; None where the value could not be measured."""
        if self.value is None:
            return None
        return self.value >= self.aim if self.unit in _LEAST else self.value <= self.aim


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """Something to measure; a name of its rows, and how."""

    name: str
    measure: Callable[[int], Iterator[Measured]]
    """Takes how often; the median counts."""


def _ours(workload: Workload, runs: int) -> float:
    measure(workload)
    return median(measure(workload).work for _ in range(runs))


def _peers(workload: Workload, runs: int) -> float | None:
    if importlib.util.find_spec("durabletask") is None:
        return None
    from tests.benchmarks.laps import measured  # late: it imports the peer

    laps = measured("peer", workload, runs=runs, budget=PEER_SECONDS)
    return median(lap.work for lap in laps)


def _beside_peer(name: str, workload: Workload, aim: float, runs: int, peer_runs: int) -> Measured:
    ours, peer = apart(_ours, workload, runs), _peers(workload, peer_runs)
    ratio = None if peer is None else peer / ours
    return Measured(name=name, value=ratio, unit="x the peer", aim=aim, ours=ours, other=peer)


def _floor(length: int, runs: int) -> float:
    return median(floor(length) for _ in range(runs))


def _chain(runs: int) -> Iterator[Measured]:
    row = _beside_peer("chain of 1,000 activities", chain_of(1_000), 150, runs, 1)
    yield row
    least = apart(_floor, 1_000, 10)
    yield Measured(
        name="chain of 1,000, the SDK alone",
        value=row.ours / least,
        unit="x the floor",
        aim=5,
        ours=row.ours,
        other=least,
    )
    longer = apart(_ours, chain_of(10_000), 1)
    yield Measured(
        name="chain of 10,000 against 1,000",
        value=longer / row.ours,
        unit="x",
        aim=11,
        ours=longer,
        other=row.ours,
    )


def _many(runs: int) -> Iterator[Measured]:
    workload = next(item for item in QUICK if item.instances == 500)
    yield _beside_peer("500 instances x 3 activities", workload, 25, runs, 1)


def _fan_out(runs: int) -> Iterator[Measured]:
    workload = next(item for item in QUICK if item.orchestrator == "fan_out")
    yield _beside_peer("fan-out of 1,000", workload, 8, runs, runs)


def _single(runs: int) -> Iterator[Measured]:
    workload = Workload(
        name="1,000 of one", orchestrator="chain", input=1, output=1, instances=1_000, activities=1
    )
    ours, peer = apart(_ours, workload, runs), _peers(workload, 1)
    yield Measured(
        name="one-activity orchestrations",
        value=1_000 / ours,
        unit="/s",
        aim=3_000,
        ours=ours / 1_000,
        other=None if peer is None else peer / 1_000,
    )


def _timers(runs: int) -> Iterator[Measured]:
    approval = next(item for item in QUICK if item.orchestrator == "approval")
    month = apart(cold.month, 5 * runs)
    yield Measured(name="30-day timer", value=1_000 * month, unit="ms", aim=1, ours=month)
    days = apart(_ours, approval, 5 * runs)
    yield Measured(name="72-hour approval", value=1_000 * days, unit="ms", aim=5, ours=days)


def _explored(runs: int) -> float:
    from tests.benchmarks.exploring import measure_exploring  # late: nobody else needs it

    return median(measure_exploring(laps=runs, schedules=1_000)[0].orders)


def _exploring(runs: int) -> Iterator[Measured]:
    ours = apart(_explored, runs)
    yield Measured(
        name="explored schedules, 4-way fan-out", value=1 / ours, unit="/s", aim=2_000, ours=ours
    )


def _replayed(runs: int) -> tuple[float, float | None]:
    from tests.benchmarks.replaying import measure_replaying

    laps = measure_replaying(laps=runs, replays=1_000)
    return median(laps.ours), median(laps.peer) if laps.peer else None


def _replaying(runs: int) -> Iterator[Measured]:
    ours, peer = apart(_replayed, runs)
    yield Measured(
        name="replays of 11 events", value=1 / ours, unit="/s", aim=5_000, ours=ours, other=peer
    )


def _agent_laps(runs: int) -> tuple[float, float]:
    from tests.benchmarks.agents import measure_agents

    laps = measure_agents(laps=runs)[-1]
    return median(laps.ours), median(laps.plain)


def _agents(runs: int) -> Iterator[Measured]:
    ours, plain = apart(_agent_laps, 2 * runs)
    yield Measured(
        name="agent with one tool call",
        value=ours / plain,
        unit="x",
        aim=1.3,
        ours=ours,
        other=plain,
    )


def _cold(runs: int) -> Iterator[Measured]:
    for name, seconds, aim in (
        ("import wfsim", cold.importing(runs), 100.0),
        ("open and close a simulation", apart(cold.opening, 10 * runs), 5.0),
        ("the same, loading an app", apart(cold.loading, 10 * runs), 5.0),
        ("a test with the plugin's sim", cold.testing(), 5.0),
    ):
        yield Measured(name=name, value=1_000 * seconds, unit="ms", aim=aim, ours=seconds)


def _memory(_runs: int) -> Iterator[Measured]:
    for name, function, many in (
        ("an instance of 100,000 events", cold.long_history, 25_000),
        ("10,000 live instances", cold.live_instances, 10_000),
    ):
        seconds, megabytes = apart(function, many)
        yield Measured(name=name, value=megabytes, unit="MB", aim=1_024, ours=seconds)


GOALS: Final = (
    Goal(name="chain", measure=_chain),
    Goal(name="500 instances", measure=_many),
    Goal(name="fan-out", measure=_fan_out),
    Goal(name="one-activity", measure=_single),
    Goal(name="timers and approval", measure=_timers),
    Goal(name="explored schedules", measure=_exploring),
    Goal(name="replays", measure=_replaying),
    Goal(name="agent", measure=_agents),
    Goal(name="cold costs", measure=_cold),
    Goal(name="memory", measure=_memory),
)

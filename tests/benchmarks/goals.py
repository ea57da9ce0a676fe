"""What wfsim is to reach, row by row: how it is measured, beside whom, and what is aimed at."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from statistics import median
from typing import Final

from tests.benchmarks import cold
from tests.benchmarks.apart import apart
from tests.benchmarks.floor import floor
from tests.benchmarks.measured import Measured, Reading, Unit
from tests.benchmarks.ours import measure
from tests.benchmarks.workloads import QUICK, Workload, chain_of, chains_of, fan_out_of

__all__ = ["FULL", "Goal", "Sizes", "chosen", "goals", "is_installed"]

_PEER_SECONDS: Final = 60.0
_LONGER: Final = 10
"""How many times as long the long chain is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much work each row is; the aims are meant for what stands here.

    Args:
        runs: How often each row is measured; the median counts.
        tests: Tests in the shorter and in the longer of two files that pytest runs.
    """

    runs: int = 3
    chain: int = 1_000
    instances: int = 500
    width: int = 1_000
    singles: int = 1_000
    schedules: int = 1_000
    replays: int = 1_000
    tests: tuple[int, int] = (100, 300)
    events: int = 100_000
    live: int = 10_000


FULL: Final = Sizes()


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One row that is yet to be measured; None as the aim where there is none."""

    name: str
    unit: Unit
    aim: float | None
    read: Callable[[], Reading]

    def measure(self) -> Measured:
        """Measure it, in processes of its own."""
        read = self.read()
        return Measured(
            name=self.name,
            unit=self.unit,
            aim=self.aim,
            ours=read.ours,
            other=read.other,
            megabytes=read.megabytes,
        )


def chosen(rows: Sequence[Goal], text: str) -> list[Goal]:
    """Return the rows with a text in their name.

    Raises:
        SystemExit: there are none.
    """
    found = [goal for goal in rows if text in goal.name]
    if not found:
        names = "\n".join(f"  {goal.name}" for goal in rows)
        raise SystemExit(f"--workload {text}: no row has that in its name. There are:\n{names}")
    return found


def goals(sizes: Sizes) -> list[Goal]:
    """Return all rows, in the order of the table.

    Args:
        sizes: How much of everything.
    """
    return [*_beside_others(sizes), *_long_waits(sizes), *_rates(sizes), *_costs(sizes)]


def is_installed(package: str) -> bool:
    """Whether a package is there at all."""
    return importlib.util.find_spec(package) is not None


def _beside_others(sizes: Sizes) -> list[Goal]:
    runs, chain = sizes.runs, chain_of(sizes.chain)

    # Two rows are held against it: ratios are those of one run, so it is measured once. Turn about
    # with the floor, in processes of their own, so that both see the same machine.
    @cache
    def rounds() -> list[tuple[float, float]]:
        return [
            (apart(_processor, chain, runs), apart(_floor, sizes.chain, 3 * runs))
            for _ in range(runs)
        ]

    def busy() -> float:
        return median(ours for ours, _ in rounds())

    def beside_floor() -> Reading:
        return Reading(ours=busy(), other=median(floor for _, floor in rounds()))

    def longer() -> Reading:
        return Reading(ours=apart(_processor, chain_of(_LONGER * sizes.chain), runs), other=busy())

    activities = f"{sizes.chain:,} activities"
    many, fan_out = chains_of(3, sizes.instances), fan_out_of(sizes.width)
    return [
        Goal(
            name=f"chain of {activities}",
            unit="x the peer",
            aim=150,
            read=partial(_beside_peer, chain, runs, 1),
        ),
        Goal(
            name=f"chain of {activities}, SDK alone", unit="x the floor", aim=5, read=beside_floor
        ),
        Goal(
            name=f"chain of {_LONGER * sizes.chain:,} against {sizes.chain:,}",
            unit="x",
            aim=11,
            read=longer,
        ),
        Goal(
            name=f"{many.name} activities",
            unit="x the peer",
            aim=25,
            read=partial(_beside_peer, many, runs, 1),
        ),
        Goal(
            name=fan_out.name,
            unit="x the peer",
            aim=8,
            read=partial(_beside_peer, fan_out, runs, runs),
        ),
    ]


def _long_waits(sizes: Sizes) -> list[Goal]:
    approval = next(item for item in QUICK if item.orchestrator == "approval")
    # They take a few milliseconds, so more runs cost nothing and steady the median.
    often = 5 * sizes.runs
    return [
        Goal(name="30-day timer", unit="ms", aim=1, read=partial(_alone, cold.month, often)),
        Goal(name=approval.name, unit="ms", aim=5, read=partial(_alone, _ours, approval, often)),
    ]


def _rates(sizes: Sizes) -> list[Goal]:
    singles = chains_of(1, sizes.singles)
    return [
        Goal(
            name="one-activity orchestrations",
            unit="/s",
            aim=3_000,
            read=partial(_beside_peer, singles, sizes.runs, 1, each=sizes.singles),
        ),
        Goal(
            name="explored schedules, 4-way fan-out",
            unit="/s",
            aim=2_000,
            read=partial(_alone, _explored, sizes.schedules, sizes.runs),
        ),
        Goal(
            name="replays of 11 events",
            unit="/s",
            aim=5_000,
            read=partial(_both, _replayed, sizes.replays, sizes.runs),
        ),
        Goal(
            name="agent with one tool call",
            unit="x",
            aim=1.3,
            read=partial(_agents, 2 * sizes.runs),
        ),
    ]


def _costs(sizes: Sizes) -> list[Goal]:
    runs = sizes.runs
    loads = cache(lambda: [apart(cold.loading) for _ in range(2 * runs)])

    def loaded(index: int) -> Reading:
        return Reading(ours=median(seconds[index] for seconds in loads()))

    def history() -> Reading:
        # Four events for each activity: told, the episode's end, the next one's begin, the result.
        seconds, megabytes = apart(cold.long_history, sizes.events // 4)
        return Reading(ours=seconds, megabytes=megabytes)

    def live() -> Reading:
        seconds, megabytes = apart(cold.live_instances, sizes.live)
        return Reading(ours=seconds, megabytes=megabytes)

    def imported(line: str) -> Reading:
        return Reading(ours=cold.importing(line, 3 * runs))

    def tested() -> Reading:
        return Reading(ours=cold.testing(*sizes.tests, times=runs))

    return [
        # The first is lazy, so it alone would hide what the first simulation costs a process.
        *(
            Goal(name=line, unit="ms", aim=None, read=partial(imported, line))
            for line in ("import wfsim", "from wfsim import Simulation")
        ),
        Goal(
            name="open and close a simulation",
            unit="ms",
            aim=5,
            read=partial(_alone, cold.opening, 10 * runs),
        ),
        Goal(
            name="open and close, app by path, first", unit="ms", aim=None, read=partial(loaded, 0)
        ),
        Goal(name="open and close, app by path, second", unit="ms", aim=5, read=partial(loaded, 1)),
        Goal(name="a test with the plugin's sim", unit="ms", aim=5, read=tested),
        Goal(name=f"an instance of {sizes.events:,} events", unit="MB", aim=1_024, read=history),
        Goal(name=f"{sizes.live:,} live instances", unit="MB", aim=1_024, read=live),
    ]


def _alone(function: Callable[..., float], *args: object) -> Reading:
    return Reading(ours=apart(function, *args))


def _both(function: Callable[..., tuple[float, float | None]], *args: object) -> Reading:
    ours, other = apart(function, *args)
    return Reading(ours=ours, other=other)


def _beside_peer(workload: Workload, runs: int, peer_runs: int, *, each: int = 1) -> Reading:
    """Measure both sides; the peer is slow, and need not run as often.

    Args:
        workload: What to do.
        runs: How often wfsim does it.
        peer_runs: How often the peer does.
        each: How many the seconds are shared among.
    """
    ours, peer = apart(_ours, workload, runs), _peers(workload, peer_runs)
    return Reading(ours=ours / each, other=None if peer is None else peer / each)


def _ours(workload: Workload, runs: int) -> float:
    measure(workload)
    return median(measure(workload).work for _ in range(runs))


def _processor(workload: Workload, runs: int) -> float:
    """Return seconds of the processor, which others on the machine lengthen less.

    For rows whose other side works in one thread as well, and waits for nothing.
    """
    measure(workload)
    laps = [measure(workload, now=time.process_time_ns) for _ in range(runs)]
    return median(lap.work for lap in laps)


def _peers(workload: Workload, runs: int) -> float | None:
    if not is_installed("durabletask"):
        return None
    from tests.benchmarks.laps import measured  # late: it imports the peer

    laps = measured("peer", workload, runs=runs, budget=_PEER_SECONDS)
    return median(lap.work for lap in laps)


def _floor(length: int, runs: int) -> float:
    return median(floor(length) for _ in range(runs))


def _explored(schedules: int, runs: int) -> float:
    from tests.benchmarks.exploring import measure_approval  # late: nobody else needs it

    return median(measure_approval(schedules) for _ in range(runs))


def _replayed(replays: int, runs: int) -> tuple[float, float | None]:
    from tests.benchmarks.replaying import measure_rates  # late: nobody else needs it

    rates = measure_rates(laps=runs, replays=replays)
    return median(rates.ours), median(rates.peer) if rates.peer else None


def _agents(runs: int) -> Reading:
    # It is both the peer and what wfsim runs here: without it nothing can be measured.
    return _both(_agent_laps, runs) if is_installed("agent_framework") else Reading(ours=None)


def _agent_laps(runs: int) -> tuple[float, float]:
    from tests.benchmarks.agents import measure_agents  # late: it imports the framework

    laps = measure_agents(laps=runs)[-1]
    return median(laps.ours), median(laps.plain)

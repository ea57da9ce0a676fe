"""How many histories a second are replayed, beside Temporal's replayer, and what memory it takes.

A replay holds a history of eleven events against code, at each of its turn borders. Rates are of
processor time on one core; memory is that of the process while 10,000 histories of a folder's worth
go by, read from a file of JSON lines.
"""

from __future__ import annotations

import json
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from rich import box
from rich.console import Console
from rich.table import Table

from tests.benchmarks.stopwatch import stopwatch
from tests.benchmarks.temporal import temporal_replays
from tests.replay.recorded import histories_of
from tests.replay.writers import table_rows
from wfsim import Simulation
from wfsim.replay import RecordedHistory, Replayer, Summary, Verdict, load_histories

__all__ = ["ReplayLaps", "measure_rates", "measure_replaying", "show_replaying"]

_APP = Path(__file__).parent / "replayed"
_MANY = 10_000
_EVERY = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayLaps:
    """What was measured."""

    events: int
    ours: list[float]
    """Seconds for one replay, lap by lap."""
    peer: list[float]
    """The same for Temporal's; empty where it is not installed."""
    megabytes: list[float]
    """Largest size of the process after each thousand of many histories; empty where not asked."""


def measure_replaying(*, laps: int, replays: int) -> ReplayLaps:
    """Measure both sides turn about, then memory.

    Args:
        laps: How often.
        replays: Of each side in a lap.
    """
    result = measure_rates(laps=laps, replays=replays)
    result.megabytes.extend(_memory(_history()))
    return result


def measure_rates(*, laps: int, replays: int) -> ReplayLaps:
    """Measure both sides turn about, and leave memory out."""
    history = _history()
    result = ReplayLaps(events=len(history.events) - 1, ours=[], peer=[], megabytes=[])
    with Replayer(_APP) as replayer:
        for _ in range(laps):
            result.ours.append(_each(replays, lambda: _ours(replayer, history, replays)))
            if temporal_replays(1):
                result.peer.append(_each(replays, lambda: temporal_replays(replays)))
    return result


def _history() -> RecordedHistory:
    with Simulation(_APP) as sim:
        sim.start("order", input={"id": 1}, instance_id="order-1").result()
        return histories_of(sim.trace)[0]


def _ours(replayer: Replayer, history: RecordedHistory, replays: int) -> None:
    with replayer.active():
        for _ in range(replays):
            assert replayer.replay(history).verdict == "compatible"


def _each(times: int, run: Callable[[], object]) -> float:
    watch = stopwatch(time.process_time_ns)
    run()
    return watch() / times


def _memory(history: RecordedHistory) -> list[float]:
    rows = "\n".join(map(json.dumps, table_rows(history)))
    sizes: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.jsonl"
        with path.open("w", encoding="utf-8") as lines:
            for number in range(_MANY):
                lines.write(rows.replace("order-1", f"order-{number}") + "\n")
        summary = Summary()
        with Replayer(_APP) as replayer:
            for number, item in enumerate(load_histories(path), 1):
                summary.add(replayer.replay(item))
                if number % _EVERY == 0:
                    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
                    sizes.append(kilobytes / 1024)
    assert summary.counts[Verdict.COMPATIBLE] == _MANY
    return sizes


def show_replaying(laps: ReplayLaps, console: Console) -> dict[str, object]:
    """Print the rates and the memory, and return what was measured."""
    table = Table(title="Replays a second, on one core", box=box.SIMPLE_HEAD)
    for name in ("history", "wfsim", "temporalio, unsandboxed", "ratio"):
        table.add_column(name, justify="left" if name == "history" else "right", no_wrap=True)
    ours = 1 / median(laps.ours)
    peer = 1 / median(laps.peer) if laps.peer else None
    table.add_row(
        f"{laps.events} events, every turn border",
        f"{ours:,.0f}/s",
        "not installed" if peer is None else f"{peer:,.0f}/s",
        "" if peer is None else f"{ours / peer:.1f} x",
    )
    console.print(table)
    sizes = ", ".join(f"{size:.0f}" for size in laps.megabytes)
    console.print(f"MB after each thousand of 10,000 histories: {sizes}")
    return {"result": asdict(laps)}

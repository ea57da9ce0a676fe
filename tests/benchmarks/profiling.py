"""Where the time goes: samples of a workload's stacks, by who is at work.

Run it as `python -m tests.benchmarks.profiling`, on Linux or macOS.
"""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table

from tests.benchmarks.ours import measure
from tests.benchmarks.workloads import Workload

__all__ = ["main", "shares"]

_EVERY: Final = 0.001
"""Seconds of processor time between two samples."""
_WFSIM: Final = Path(__file__).parents[2] / "wfsim"
_ROOMS: Final = {
    "azure": "the SDK",
    "hub": "hub: the host's machine, messages, the loop",
    "history": "history and trace: records",
    "trace": "history and trace: records",
    "workers": "worker: lanes, activities, what is compared",
    "freeze": "clocks and chance",
    "guards": "guards",
}
_REST: Final = "opening, starting, results"
_USERS: Final = "the app's own code"
_WORKLOADS: Final = (
    Workload(name="chain of 1,000", orchestrator="chain", input=1_000, output=1_000, activities=1),
    Workload(
        name="500 instances of 3", orchestrator="chain", input=3, output=3, instances=500,
        activities=3,
    ),
)  # fmt: skip


def shares(work: Callable[[], object], *, seconds: float) -> Counter[tuple[str, bool]]:
    """Repeat some work for a while; count samples by who works, and whether it is for a replay."""
    counts: Counter[tuple[str, bool]] = Counter()
    left = round(seconds / _EVERY)

    def sample(_number: int, frame: FrameType | None) -> None:
        frames = list(_outwards(frame))
        is_replay = any(f.f_code.co_name == "check" and _room(f) == "workers" for f in frames)
        rooms = (_room(f) for f in frames)
        room = next((room for room in rooms if room), "")
        counts[_ROOMS.get(room, _USERS if room == "app" else _REST), is_replay] += 1

    outer = signal.signal(signal.SIGPROF, sample)
    signal.setitimer(signal.ITIMER_PROF, _EVERY, _EVERY)
    try:
        while counts.total() < left:
            work()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, outer)
    return counts


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _room(frame: FrameType) -> str:
    """Return the SDK, the app or the package of wfsim in which a frame is; "" for a library."""
    path = Path(frame.f_code.co_filename)
    if path.is_relative_to(_WFSIM):
        return path.relative_to(_WFSIM).parts[0]
    if "azure" in path.parts:
        return "azure"
    is_app = path.name == "ours.py" and frame.f_code.co_name in {"chain", "increment"}
    return "app" if is_app else ""


def main() -> None:
    """Sample each workload and print a table."""
    console = Console()
    for workload in _WORKLOADS:
        measure(workload)  # warm
        counts = shares(lambda workload=workload: measure(workload), seconds=4)  # type: ignore[misc]
        console.print(_table(workload.name, counts))


def _table(name: str, counts: Counter[tuple[str, bool]]) -> Table:
    table = Table(title=f"Where the time of a {name} goes", box=box.SIMPLE_HEAD)
    table.add_column("who")
    for column in ("first passes", "replays", "both"):
        table.add_column(column, justify="right")
    total = counts.total()
    rooms = sorted({room for room, _ in counts}, key=lambda room: -_of(counts, room))
    for room in rooms:
        first, replays = counts[room, False], counts[room, True]
        cells = [f"{100 * part / total:.0f} %" for part in (first, replays, first + replays)]
        table.add_row(room, *cells)
    return table


def _of(counts: Counter[tuple[str, bool]], room: str) -> int:
    return counts[room, False] + counts[room, True]


if __name__ == "__main__":
    main()

"""Measure wfsim beside durabletask's in-memory backend: `python -m tests.benchmarks`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from tests.benchmarks import ours
from tests.benchmarks.peer import Peer
from tests.benchmarks.stopwatch import stopwatch
from tests.benchmarks.table import Result, as_json, show
from tests.benchmarks.workloads import QUICK, SLOW, Workload


def main() -> None:
    """Measure the chosen workloads, print the table, and save it where asked to."""
    options = _options()
    console = Console(stderr=True)
    results = []
    with _peer(wanted=options.only != "wfsim") as peer:
        for workload in QUICK + (SLOW if options.full else ()):
            if options.workload in workload.name:
                with console.status(workload.name):
                    results.append(_measure(workload, peer, options))
    show(results, Console())
    if options.json:
        text = json.dumps(as_json(results), indent=2, ensure_ascii=False)
        options.json.write_text(f"{text}\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--full", action="store_true", help="also the chain of 1,000 activities")
    parser.add_argument("--runs", type=int, default=5, help="measured runs of each (default: 5)")
    parser.add_argument(
        "--budget",
        type=float,
        default=30,
        help="seconds after which a workload is not run again (default: 30)",
    )
    parser.add_argument("--only", choices=("wfsim", "peer"), help="measure one side only")
    parser.add_argument("--workload", default="", help="only those with this in their name")
    parser.add_argument("--json", type=Path, metavar="FILE", help="save what was measured")
    return parser.parse_args()


@contextmanager
def _peer(*, wanted: bool) -> Iterator[Peer | None]:
    if not wanted:
        yield None
        return
    with Peer.started() as peer:
        yield peer


def _measure(workload: Workload, peer: Peer | None, options: argparse.Namespace) -> Result:
    """Warm both sides up, then let them take turns, so that a busy moment hits both."""
    result = Result(workload=workload)
    if workload.takes_real_time:
        peer = None
    watch, spent = stopwatch(), 0.0
    for number in range(-1, options.runs):
        if options.only != "peer":
            lap = ours.measure(workload)
            if number >= 0:
                result.ours.append(lap)
        if peer is not None:
            lap = peer.measure(workload)
            if number >= 0:
                result.peer.append(lap)
        spent += watch()
        if number >= 0 and spent > options.budget:
            break
    return result


if __name__ == "__main__":
    main()

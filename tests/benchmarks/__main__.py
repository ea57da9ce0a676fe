"""Measure wfsim beside durabletask's in-memory backend: `python -m tests.benchmarks`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from rich.console import Console

from tests.benchmarks.laps import measured
from tests.benchmarks.table import Result, as_json, show
from tests.benchmarks.workloads import QUICK, SLOW, Workload


def main() -> None:
    """Measure the chosen workloads, print the table, and save it where asked to."""
    options = _options()
    console = Console(stderr=True)
    results = []
    for workload in QUICK + (SLOW if options.full else ()):
        if options.workload in workload.name:
            with console.status(workload.name):
                results.append(_measure(workload, options))
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
        help="seconds after which a side is not run again (default: 30)",
    )
    parser.add_argument("--only", choices=("wfsim", "peer"), help="measure one side only")
    parser.add_argument("--workload", default="", help="only those with this in their name")
    parser.add_argument("--json", type=Path, metavar="FILE", help="save what was measured")
    return parser.parse_args()


def _measure(workload: Workload, options: argparse.Namespace) -> Result:
    """Measure both sides, one after the other, each in a process of its own.

    The peer's threads and sockets outlive its laps: in one process they would slow wfsim down.
    """
    result = Result(workload=workload)
    if options.only != "peer":
        result.ours += measured("wfsim", workload, runs=options.runs, budget=options.budget)
    if options.only != "wfsim" and not workload.takes_real_time:
        result.peer += measured("peer", workload, runs=options.runs, budget=options.budget)
    return result


if __name__ == "__main__":
    main()

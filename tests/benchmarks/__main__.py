"""Measure wfsim: without an option, all that it is to reach, beside peers and the SDK alone.

--compare: some workloads beside durabletask, lap by lap. --serve: a server under clients. --agents:
beside Agent Framework. --explore: schedules a second. --replay: histories a second.
"""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Final

from rich.console import Console

from tests.benchmarks.serving import Load, measure_serving
from tests.benchmarks.serving_table import rounds_as_json, show_rounds
from tests.benchmarks.table import Result, as_json, show
from tests.benchmarks.workloads import QUICK, SLOW, Workload

_BUDGET: Final = 30.0
_WIDTH: Final = 120
"""Columns of the table, wherever it is printed to: a log has no width of its own."""


def main() -> None:
    """Measure what was chosen, print the table, and save it where asked to."""
    options = _options()
    if options.replay:
        measured = _replay(options)
    elif options.explore:
        measured = _explore(options)
    elif options.agents:
        measured = _agents(options)
    elif options.serve:
        measured = _serve(options)
    elif options.compare:
        measured = _compare(options)
    else:
        measured = _reach(options)
    if options.json:
        text = json.dumps(measured, indent=2, ensure_ascii=False)
        options.json.write_text(f"{text}\n", encoding="utf-8")


def _reach(options: argparse.Namespace) -> dict[str, object]:
    from tests.benchmarks.goal_table import rows_as_json, rows_before, show_rows
    from tests.benchmarks.goals import FULL, chosen, goals
    from tests.benchmarks.measured import Measured

    before = rows_before(options.against) if options.against else {}
    console, rows = Console(stderr=True), list[Measured]()
    wanted = chosen(goals(replace(FULL, runs=options.runs)), options.workload)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0  # Windows has none
    for number, goal in enumerate(wanted, 1):
        with console.status(f"{goal.name} ({number} of {len(wanted)})"):
            rows.append(goal.measure())
    show_rows(rows, before, Console(width=_WIDTH), load=load)
    return rows_as_json(rows, load=load)


def _serve(options: argparse.Namespace) -> dict[str, object]:
    load = Load(clients=options.clients, rounds=options.rounds)
    with Console(stderr=True).status(f"{load.clients} clients"):
        rounds = measure_serving(load)
    show_rounds(load, rounds, Console())
    return rounds_as_json(load, rounds)


def _agents(options: argparse.Namespace) -> dict[str, object]:
    from tests.benchmarks.agents import (  # late: it imports the framework
        measure_agents,
        show_agents,
    )

    with Console(stderr=True).status("Agent Framework"):
        laps = measure_agents(laps=options.runs)
    return show_agents(laps, Console())


def _explore(options: argparse.Namespace) -> dict[str, object]:
    from tests.benchmarks.exploring import (  # late: the peer's own process needs none of it
        measure_exploring,
        show_exploring,
    )

    with Console(stderr=True).status("exploring"):
        laps = measure_exploring(laps=options.runs, schedules=options.schedules)
    return show_exploring(laps, Console())


def _replay(options: argparse.Namespace) -> dict[str, object]:
    from tests.benchmarks.replaying import (  # late: the peer's own process needs none of it
        measure_replaying,
        show_replaying,
    )

    with Console(stderr=True).status("replaying"):
        laps = measure_replaying(laps=options.runs, replays=options.schedules)
    return show_replaying(laps, Console())


def _compare(options: argparse.Namespace) -> dict[str, object]:
    console = Console(stderr=True)
    results = []
    for workload in QUICK + (SLOW if options.full else ()):
        if options.workload in workload.name:
            with console.status(workload.name):
                results.append(_measure(workload, options))
    show(results, Console())
    return as_json(results)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "--against", type=Path, metavar="FILE", help="show beside it what --json has saved before"
    )
    parser.add_argument(
        "--compare", action="store_true", help="measure workloads beside durabletask, lap by lap"
    )
    parser.add_argument(
        "--full", action="store_true", help="with --compare, also the chain of 1,000 activities"
    )
    parser.add_argument("--runs", type=int, default=3, help="measured runs of each (default: 3)")
    parser.add_argument(
        "--budget",
        type=float,
        help=f"with --compare, seconds after which a side is not run again (default: {_BUDGET})",
    )
    parser.add_argument("--only", choices=("wfsim", "peer"), help="with --compare, one side only")
    parser.add_argument("--workload", default="", help="only those with this in their name")
    parser.add_argument("--json", type=Path, metavar="FILE", help="save what was measured")
    parser.add_argument(
        "--agents",
        action="store_true",
        help="measure instead workflows and agents of Agent Framework, with and without wfsim",
    )
    parser.add_argument(
        "--replay",
        action="store_true",
        help="measure instead how many recorded histories a second are replayed, and the memory",
    )
    _add_groups(parser)
    options = parser.parse_args()
    # They ask for a side or for more laps, which only the comparison has.
    options.compare |= options.full or options.only is not None or options.budget is not None
    others = (options.compare, options.serve, options.agents, options.explore, options.replay)
    if options.against and any(others):
        parser.error("--against goes with the table of all rows, so with none of the other modes")
    return options


def _add_groups(parser: argparse.ArgumentParser) -> None:
    exploring = parser.add_argument_group("exploring")
    exploring.add_argument(
        "--explore",
        action="store_true",
        help="measure instead how many schedules a second are explored, beside plain runs",
    )
    exploring.add_argument(
        "--schedules",
        type=int,
        default=1_000,
        help="how many are explored in each of the runs (default: %(default)s)",
    )
    serving = parser.add_argument_group("serving")
    serving.add_argument(
        "--serve",
        action="store_true",
        help="measure instead 'wfsim serve' under many clients that start and poll, and its "
        "memory after each purge",
    )
    serving.add_argument(
        "--clients",
        type=int,
        default=Load.clients,
        help="how many there are, each with 10 orchestrations in a round (default: %(default)s)",
    )
    serving.add_argument(
        "--rounds",
        type=int,
        default=Load.rounds,
        help="rounds, each with a purge at its end (default: %(default)s)",
    )


def _measure(workload: Workload, options: argparse.Namespace) -> Result:
    """Measure both sides, one after the other, each in a process of its own.

    The peer's threads and sockets outlive its laps: in one process they would slow wfsim down.
    """
    from tests.benchmarks.laps import measured  # late: `--serve` needs no peer

    budget = _BUDGET if options.budget is None else options.budget
    result = Result(workload=workload)
    if options.only != "peer":
        result.ours += measured("wfsim", workload, runs=options.runs, budget=budget)
    if options.only != "wfsim" and not workload.takes_real_time:
        result.peer += measured("peer", workload, runs=options.runs, budget=budget)
    return result


if __name__ == "__main__":
    main()

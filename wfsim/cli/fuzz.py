"""`wfsim fuzz`: its options."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from wfsim.cli.serve import Commands

__all__ = ["add_fuzz"]

_ABOUT: Final = """\
Run scenarios under many schedules that a legal world may choose, and find those that break them.

Each run takes another order of what happens at once, and with --faults lets workers crash, messages
come twice and activities be slow. What the scenario expects, and what wfsim checks unasked, must
hold every time. A failure comes back as the fewest choices that cause it, in words: a schedule that
--schedule plays again."""

_EXAMPLES: Final = """\
examples:
  wfsim fuzz approval.yaml                      1000 schedules, with one fault of each kind
  wfsim fuzz scenarios/ --seconds 60            each scenario in and below a folder, a minute each
  wfsim fuzz approval.yaml --faults none        orders only
  wfsim fuzz approval.yaml --faults activity_crashes=2,duplicates
                                                so many of these kinds in one run, no others
  wfsim fuzz approval.yaml --strategy exhaustive --faults none
                                                all orders; says 'proven' when there is no other
  wfsim fuzz approval.yaml --schedule 'crash after complete(activity charge of o-1#0)'
                                                play one schedule again, and tell its story
  wfsim fuzz approval.yaml --write-test test_approval.py
                                                write a failure down as a pytest test
  wfsim fuzz approval.yaml --jobs 4             the same schedules, in four processes

kinds of faults: activity_crashes, episode_crashes, duplicates, slow_activities
exit codes: 0 fine, 1 a problem was found, 2 the call is wrong, or there was nothing to choose"""


def add_fuzz(commands: Commands) -> None:
    """Add `wfsim fuzz`."""
    command = commands.add_parser(
        "fuzz",
        help="run scenarios under many legal schedules, and find those that break them",
        description=_ABOUT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(call=_fuzz, parser=command)
    command.add_argument(
        "scenario",
        nargs="+",
        type=Path,
        metavar="SCENARIO",
        help="a YAML file, or a folder with scenarios in and below it",
    )
    _add_search(command)
    _add_machines(command)
    _add_output(command)


def _add_search(command: argparse.ArgumentParser) -> None:
    how = command.add_argument_group("what is tried")
    how.add_argument(
        "--schedules", type=int, default=1000, metavar="N", help="how many (default %(default)s)"
    )
    how.add_argument("--seconds", type=float, metavar="S", help="stop after so much real time")
    how.add_argument(
        "--strategy",
        choices=("random", "pct", "exhaustive", "orders"),
        default="random",
        help="pct: priorities that change now and then; exhaustive: all orders and all ways to "
        "share episodes; orders: all orders, an episode for each message (default random)",
    )
    how.add_argument(
        "--faults",
        default="all",
        metavar="all|none|LIST",
        help="what may go wrong besides the order, such as activity_crashes=2,duplicates; "
        "all is one of each kind (default all)",
    )
    how.add_argument(
        "--what-if",
        metavar="all|LIST",
        help="people, activities and models do otherwise than the scenario says: events, "
        "failures, models, interruptions; then what it expects is not asked",
    )
    how.add_argument(
        "--seed", type=int, default=0, metavar="N", help="decides what is tried (default 0)"
    )
    how.add_argument(
        "--guard",
        choices=("warn", "error", "off"),
        default="off",
        help="play the scenario once more as it stands, and tell what its orchestrators ask for "
        "besides their history; error: such a call is a problem (default off)",
    )
    how.add_argument(
        "--schedule", metavar="WORDS", help="play this one schedule instead, and tell its story"
    )


def _add_machines(command: argparse.ArgumentParser) -> None:
    where = command.add_argument_group("where it runs; what is found is the same everywhere")
    where.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="processes of this machine (default 1)"
    )
    where.add_argument("--dask", metavar="ADDRESS", help="a Dask cluster's scheduler")


def _add_output(command: argparse.ArgumentParser) -> None:
    out = command.add_argument_group("what comes out")
    out.add_argument("--json", action="store_true", help="print one JSON document instead")
    out.add_argument(
        "--write-test", type=Path, metavar="FILE", help="write failures as a file of pytest tests"
    )
    out.add_argument(
        "--allow-outcomes",
        action="store_true",
        help="say nothing of outcomes that depend on the schedule: all of them are fine",
    )
    out.add_argument(
        "--no-database",
        action="store_true",
        help="neither try earlier failures first nor keep new ones, in .wfsim/failures",
    )


def _fuzz(options: argparse.Namespace) -> int:
    # Late: it brings the SDK and the scenarios with it, which other commands do without.
    from wfsim.cli.fuzzing import FuzzOptions, fuzz  # noqa: PLC0415

    return fuzz(
        options.scenario,
        FuzzOptions(
            schedules=options.schedules,
            seconds=options.seconds,
            strategy=options.strategy,
            faults=options.faults,
            what_if=options.what_if,
            seed=options.seed,
            guard=options.guard,
            schedule=options.schedule,
            jobs=options.jobs,
            dask=options.dask,
            as_json=options.json,
            write_test=options.write_test,
            allows_outcomes=options.allow_outcomes,
            has_database=not options.no_database,
        ),
    )

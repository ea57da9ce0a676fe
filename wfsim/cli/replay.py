"""`wfsim replay`: its options."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from wfsim.cli.serve import Commands

__all__ = ["add_replay"]

_ABOUT: Final = """\
Replay what production recorded against the code of today, before it is deployed.

Each history is taken over by today's code at every turn border, as a deployment in that moment
would do it. What the host would reject, what it would not notice, and what would strand an instance
is reported with the line, both sides and the ways out."""

_EXAMPLES: Final = """\
examples:
  wfsim replay --app function_app.py order-17.json      one history, from `curl …?showHistory=true`
  wfsim replay --app . histories/                       all in and below a folder
  wfsim replay --app . export.csv --html report.html    a table export; a page for the pull request
  wfsim replay --app . histories/ --junit replay.xml    for CI
  wfsim replay --app . histories/ --jobs 4              in four processes

What can be read is told by content: traces of wfsim, the HTTP API's status JSON, exports of the
Azure Storage history table, history exports as JSON lines, corpus files of `wfsim record`.

verdicts: compatible; warning (the host tolerates it); incompatible; stuck (nothing would ever wake
the instance); not replayable (why)
exit codes: 0 fine, 1 instances would break, 2 the call is wrong or a history cannot be replayed"""


def add_replay(commands: Commands) -> None:
    """Add `wfsim replay`."""
    command = commands.add_parser(
        "replay",
        help="replay recorded histories against today's code",
        description=_ABOUT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(call=_replay, parser=command)
    command.add_argument(
        "path", nargs="+", metavar="PATH", help="a file, a folder, or a pattern such as 'h/*.json'"
    )
    command.add_argument(
        "--app",
        required=True,
        metavar="APP",
        help="today's code: a function_app.py, its folder, or module:attribute",
    )
    out = command.add_argument_group("output")
    out.add_argument("--json", action="store_true", help="print one JSON document instead")
    out.add_argument("--junit", type=Path, metavar="FILE", help="also write JUnit XML")
    out.add_argument("--html", type=Path, metavar="FILE", help="also write a page")
    out.add_argument("--all", action="store_true", help="a line for each history, however many")
    where = command.add_argument_group("many histories")
    where.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="processes on this machine (default 1)"
    )
    where.add_argument("--dask", metavar="ADDRESS", help="a Dask cluster's scheduler")


def _replay(options: argparse.Namespace) -> int:
    # Late: it brings the SDK with it, which other commands do without.
    from wfsim.cli.replaying import ReplayOptions, replay  # noqa: PLC0415

    return replay(
        options.path,
        ReplayOptions(
            app=options.app,
            as_json=options.json,
            junit=options.junit,
            html=options.html,
            lists_all=options.all,
            jobs=options.jobs,
            dask=options.dask,
        ),
    )

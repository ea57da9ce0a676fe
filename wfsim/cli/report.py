"""`wfsim report`: its options."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from wfsim.cli.serve import Commands

__all__ = ["add_report"]

_ABOUT: Final = """\
Draw what happened, from trace files.

`wfsim run SCENARIO --trace FILE` and `sim.trace.save(path)` write them. Without an option, the
timeline is printed."""

_EXAMPLES: Final = """\
examples:
  wfsim report run.jsonl                         print the timeline
  wfsim report run.jsonl --html run.html         one page: lanes over time, payloads, filters
  wfsim report old.jsonl new.jsonl --html d.html two runs side by side, the first difference marked
  wfsim report run.jsonl --mermaid               a sequence diagram, for Markdown
  wfsim report run.jsonl --perfetto -o run.json  for ui.perfetto.dev and chrome://tracing

The page needs no network and no server: open the file, or attach it to a ticket.
exit codes: 0 fine, 2 the call is wrong"""


def add_report(commands: Commands) -> None:
    """Add `wfsim report`."""
    command = commands.add_parser(
        "report",
        help="draw what happened, from trace files",
        description=_ABOUT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(call=_report, parser=command)
    command.add_argument(
        "trace", nargs="+", type=Path, metavar="TRACE", help="a file that --trace wrote"
    )
    how = command.add_mutually_exclusive_group()
    how.add_argument(
        "--html",
        type=Path,
        metavar="FILE",
        help="write a page; of two traces, one above the other; of more, one after the other",
    )
    how.add_argument("--mermaid", action="store_true", help="print a Mermaid sequence diagram")
    how.add_argument("--perfetto", action="store_true", help="print trace-event JSON")
    command.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="write to a file instead of printing"
    )
    command.add_argument("--title", metavar="TEXT", help="what it is called; the files' names")


def _report(options: argparse.Namespace) -> int:
    # Late: it brings templates with it, which other commands do without.
    from wfsim.cli.draw import DrawOptions, draw  # noqa: PLC0415

    draw(
        options.trace,
        DrawOptions(
            html=options.html,
            mermaid=options.mermaid,
            perfetto=options.perfetto,
            output=options.output,
            title=options.title,
        ),
    )
    return 0

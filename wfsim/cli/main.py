"""Arguments of the `wfsim` command, and what its errors look like.

Exit codes: 0 fine, 1 the workflow is wrong, 2 the call is wrong; 3 wfsim is wrong.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NoReturn, cast

from wfsim.cli.client import add_client
from wfsim.cli.fuzz import add_fuzz
from wfsim.cli.lint import add_lint
from wfsim.cli.record import add_record
from wfsim.cli.replay import add_replay
from wfsim.cli.report import add_report
from wfsim.cli.serve import add_serve, add_shim
from wfsim.errors import InternalError, UsageError, nearest
from wfsim.history.printable import printable
from wfsim.hub.settings import DEFAULT_MAX_STEPS

__all__ = ["main"]

_FLAG = re.compile(r"^ +(?:-\w[^-\n]*)?(--[\w-]+)", re.MULTILINE)

_ABOUT = """\
Run durable workflow code in one process, in virtual time.

wfsim is the host, not a mock of the SDK: your orchestrators and activities run through
azure-functions-durable, and wfsim plays the task hub. A 72-hour timeout takes milliseconds."""

_EXAMPLES = """\
examples:
  wfsim run approval.yaml                    print the timeline and the outcome
  wfsim run scenarios/                       each scenario in and below a folder
  wfsim run scenarios/ --json                for machines: one JSON document
  wfsim run approval.yaml --trace out.jsonl  save everything that happened
  wfsim fuzz approval.yaml                   try 1000 other orders, crashes and repetitions
  wfsim lint .                               what in the code would replays trip over?
  wfsim record scenarios/ --to corpus/       keep histories, to hold tomorrow's code against
  wfsim replay --app . histories/            would a deployment break instances under way?
  wfsim report out.jsonl --html out.html     draw it: one page that opens anywhere
  wfsim serve                                put the app of this folder on port 7071
  wfsim client advance 24h                   move the time of a server with --clock virtual
  wfsim shim bin                             write a 'func' command that is 'wfsim serve'

exit codes: 0 fine, 1 the workflow is wrong, 2 the call is wrong"""

_RUN_EXAMPLES = """\
examples:
  wfsim run approval.yaml                    print the timeline and the outcome
  wfsim run scenarios/                       each scenario in and below a folder
  wfsim run scenarios/ --json                for machines: one JSON document
  wfsim run approval.yaml --trace out.jsonl  save everything that happened

exit codes: 0 fine, 1 the workflow is wrong, 2 the call is wrong"""

_RUN_ABOUT = """\
Run scenario files and compare what comes out with what they expect.

A scenario is a small YAML file:

  app: function_app.py             # beside the scenario
  start: {orchestrator: approval, input: {topic: AI}}
  steps:
    - {at: 2h, raise_event: {name: approval, data: {approved: true}}}
  expect: {status: Completed, finished_by: 2h}"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code.

    Args:
        arguments: The command line without the program's name; the default is the process's own.
    """
    _keep_to_the_encoding()
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help(sys.stderr)
        return 2
    try:
        code = options.call(options)
        sys.stdout.flush()
    except UsageError as error:
        print(f"wfsim: {printable(str(error), lines=True)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("wfsim: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Somebody closed the pipe, as `head` does; nobody is left to tell, at exit neither.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141
    except Exception as error:  # noqa: BLE001 - the last line of defence
        if not isinstance(error, InternalError):
            traceback.print_exc()
        print(f"wfsim: this is a bug in wfsim, please report it: {error}", file=sys.stderr)
        return 3
    return cast("int", code)


def _run(options: argparse.Namespace) -> int:
    # Late: it brings the SDK and the scenarios with it, which other commands do without.
    from wfsim.cli.run import RunOptions, run  # noqa: PLC0415

    return run(
        options.scenario,
        RunOptions(
            as_json=options.json,
            trace=options.trace,
            seed=options.seed,
            max_steps=options.max_steps,
            findings_are_errors=options.findings == "error",
            guard=options.guard,
        ),
    )


def _keep_to_the_encoding() -> None:
    """Let a terminal or file that is not UTF-8 get escapes instead of an error."""
    stdout: object = sys.stdout
    if isinstance(stdout, io.TextIOWrapper):
        stdout.reconfigure(errors="backslashreplace")  # pyright: ignore[reportUnknownMemberType]


class _Parser(argparse.ArgumentParser):
    """Says where help is, and which option is near."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: {message}. Try '{self.prog} --help'.\n")

    def parse_args(  # type: ignore[override]  # the base class has overloads for `namespace`
        self, args: Sequence[str] | None = None, namespace: None = None
    ) -> argparse.Namespace:
        options, unknown = self.parse_known_args(args, namespace)
        if unknown:
            parser = cast("_Parser", getattr(options, "parser", self))
            # Those of groups, too; argparse has no public list of them.
            flags = _FLAG.findall(parser.format_help())
            hint = nearest(unknown[0], flags)
            parser.error(f"unknown option {unknown[0]!r}.{hint}".rstrip("."))
        return options


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="wfsim",
        description=_ABOUT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"wfsim {_version()}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _add_run(
        commands.add_parser(
            "run",
            help="run scenario files and print what happens",
            description=_RUN_ABOUT,
            epilog=_RUN_EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    )
    add_fuzz(commands)
    add_lint(commands)
    add_record(commands)
    add_replay(commands)
    add_report(commands)
    add_serve(commands)
    add_client(commands)
    add_shim(commands)
    return parser


def _add_run(command: argparse.ArgumentParser) -> None:
    command.set_defaults(call=_run, parser=command)
    command.add_argument(
        "scenario",
        nargs="+",
        type=Path,
        metavar="SCENARIO",
        help="a YAML file, or a folder with scenarios in and below it",
    )
    command.add_argument("--json", action="store_true", help="print one JSON document instead")
    command.add_argument("--trace", type=Path, metavar="FILE", help="save the trace (JSON lines)")
    command.add_argument(
        "--seed", type=int, default=0, metavar="N", help="decides ids and randomness (default 0)"
    )
    command.add_argument(
        "--max-steps",
        type=int,
        default=DEFAULT_MAX_STEPS,
        metavar="N",
        help="episodes of one run at one instant before it counts as endless (default %(default)s)",
    )
    command.add_argument(
        "--findings",
        choices=("default", "error"),
        default="default",
        help="error: exit 1 also for findings that are not certain bugs",
    )
    command.add_argument(
        "--guard",
        choices=("warn", "error", "off"),
        help="what it is that an orchestrator asks for clocks, chance, files and the like: a "
        "finding, an error, or nothing (default: what the scenario says, else warn)",
    )


def _version() -> str:
    try:
        return version("wfsim")
    except PackageNotFoundError:
        return "(not installed)"

"""Arguments of the `wfsim` command, and what its errors look like.

Exit codes: 0 fine, 1 the workflow is wrong, 2 the call is wrong.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

__all__ = ["main"]

_ABOUT = """\
Run durable workflow code in one process, in virtual time.

wfsim is the host, not a mock of the SDK: your orchestrators and activities run through
azure-functions-durable, and wfsim plays the task hub. A 72-hour timeout takes milliseconds."""

_EXAMPLES = """\
examples:
  wfsim run approval.yaml                    print the timeline and the outcome
  wfsim run scenarios/*.yaml --json          for machines: one JSON document
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
    options = _parser().parse_args(arguments)
    # The libraries that run apps take half a second to import; `--help` does without them.
    from wfsim.cli.run import run  # noqa: PLC0415
    from wfsim.errors import InternalError, UsageError  # noqa: PLC0415

    try:
        return run(
            options.scenario,
            as_json=options.json,
            trace=options.trace,
            seed=options.seed,
            findings_are_errors=options.findings == "error",
        )
    except UsageError as error:
        print(f"wfsim: {error}", file=sys.stderr)
        return 2
    except InternalError as error:
        print(f"wfsim: this is a bug in wfsim, please report it: {error}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("wfsim: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Somebody closed the pipe, as `head` does; there is nobody left to tell.
        sys.stderr.close()
        return 141


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="wfsim",
        description=_ABOUT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"wfsim {_version()}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    run = commands.add_parser(
        "run",
        help="run scenario files and print what happens",
        description=_RUN_ABOUT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    run.add_argument("scenario", nargs="+", type=Path, metavar="SCENARIO", help="a YAML file")
    run.add_argument("--json", action="store_true", help="print one JSON document instead")
    run.add_argument("--trace", type=Path, metavar="FILE", help="save the trace (JSON lines)")
    run.add_argument(
        "--seed", type=int, default=0, metavar="N", help="decides ids and randomness (default 0)"
    )
    run.add_argument(
        "--findings",
        choices=("default", "error"),
        default="default",
        help="error: exit 1 also for findings that are not certain bugs",
    )
    return parser


def _version() -> str:
    try:
        return version("wfsim")
    except PackageNotFoundError:
        return "(not installed)"

"""`wfsim lint`: its options, and what it prints."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

from wfsim.cli.serve import Commands
from wfsim.errors import UsageError, nearest

__all__ = ["add_lint"]

_ABOUT: Final = """\
Read the code of durable apps for what replays trip over, without running it.

Orchestrators, entities and functional workflows are followed through helpers, methods, imported
modules and generators. Activities and clients may do what they like."""

_EXAMPLES: Final = """\
examples:
  wfsim lint .                               every app in and below this folder
  wfsim lint function_app.py                 one file and what it imports from its project
  wfsim lint src --ignore DURABLE0010        without one rule
  wfsim lint . --format sarif > lint.sarif   for code scanning; 'github' for annotations
  wfsim lint --explain WF205                 what a rule is about

A line is left out with '# noqa: CODE'. [tool.wfsim.lint] in pyproject.toml takes select, ignore,
per-file-ignores and exclude.

exit codes: 0 nothing found, 1 findings, 2 the call is wrong or a file is no Python"""


def add_lint(commands: Commands) -> None:
    """Add `wfsim lint`."""
    command = commands.add_parser(
        "lint",
        help="read the code for what replays trip over",
        description=_ABOUT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(call=_lint, parser=command)
    command.add_argument(
        "path", nargs="*", metavar="APP|PATH", help="a file, a folder, or module:attribute"
    )
    command.add_argument(
        "--select", action="append", metavar="CODES", help="only these rules, or prefixes of codes"
    )
    command.add_argument(
        "--ignore", action="append", metavar="CODES", help="not these rules, or prefixes of codes"
    )
    command.add_argument(
        "--format", choices=("text", "json", "sarif", "github"), default="text", help="(text)"
    )
    command.add_argument("--explain", metavar="CODE", help="say what a rule is about, and stop")


def _lint(options: argparse.Namespace) -> int:
    # Late, as for the other commands: only who lints waits for it.
    from wfsim.lint import lint, load_settings  # noqa: PLC0415
    from wfsim.lint.sarif import as_sarif  # noqa: PLC0415
    from wfsim.lint.text import as_github, as_json, as_text  # noqa: PLC0415

    if options.explain is not None:
        return _explain(options.explain)
    if not options.path:
        raise UsageError("Say what to lint: a file, a folder such as '.', or module:attribute.")
    paths = [_path(text) for text in options.path]
    settings = load_settings(paths[0]).with_options(options.select, options.ignore)
    report = lint(paths, settings)
    written = {"text": as_text, "json": as_json, "sarif": as_sarif, "github": as_github}
    sys.stdout.write(written[options.format](report))
    return 1 if report.findings else 0


def _explain(code: str) -> int:
    from wfsim.lint.rules import RULES, UNUSED  # noqa: PLC0415
    from wfsim.lint.text import explain  # noqa: PLC0415

    rule = RULES.get(code.upper())
    if rule is None:
        if code.upper() in UNUSED:
            raise UsageError(f"{code.upper()} is not a rule for Python. {UNUSED[code.upper()]}")
        raise UsageError(f"{code!r} is no rule.{nearest(code, RULES)}")
    sys.stdout.write(explain(rule))
    return 0


def _path(text: str) -> Path:
    """Return the file or folder that an argument means; of `module:attribute` the module's file."""
    path = Path(text)
    if path.exists():
        return path
    module, colon, _ = text.partition(":")
    if colon and all(part.isidentifier() for part in module.split(".")):
        target = Path(*module.split("."))
        for file in (target.with_suffix(".py"), target / "__init__.py"):
            if file.is_file():
                return file
    raise UsageError(f"{text}: there is no such file, folder or module.")

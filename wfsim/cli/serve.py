"""`wfsim serve` and `wfsim shim`: their options."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from wfsim.errors import UsageError
from wfsim.serve.options import (
    CLOCKS,
    DEFAULT_PORT,
    ServeOptions,
    parse_port,
    parse_start,
)
from wfsim.serve.shim import write_shim

__all__ = ["add_serve", "add_shim", "typed"]

_T = TypeVar("_T")
Commands = Any
"""What `add_subparsers` returns, whose class has no public name."""

_SERVE_ABOUT = """\
Put a function app on a port: `func start` and Azurite in one process, without Azure.

HTTP functions answer under /api, the durable webhooks under /runtime/webhooks/durabletask, and
every URL that the app hands out works. Nothing is stored: what ran is gone when the server ends."""

_SERVE_EXAMPLES = """\
how time passes:
  --clock real       as usual: a 2-second timer takes 2 seconds
  --clock auto       when nothing happens, time jumps to the next timer: 72 hours take no time
  --clock virtual    it stands still until 'wfsim client advance 24h'

examples:
  wfsim serve                                  the app in this folder, on http://localhost:7071
  wfsim serve apps/shop --port 0               on a free port; the line 'Listening on' names it
  wfsim serve --clock virtual                  and elsewhere: wfsim client advance 72h
  wfsim serve --allow-network 'https://api.example/*'
  wfsim shim bin && PATH="$PWD/bin:$PATH" npm run e2e     a suite that calls 'func start'

It listens on loopback only, unless --host says otherwise. Ctrl-C and SIGTERM end it.
exit codes: 0 ended, 2 the call is wrong (no such app, port in use, …)"""

_SHIM_ABOUT = """\
Write a `func` command that is wfsim, for end-to-end suites that start their app with `func start`.

With its folder first on PATH, `func start --port N` and `func host start` run the app of the
current folder as `wfsim serve` does. WFSIM_CLOCK=auto in the environment chooses the clock."""

_SHIM_EXAMPLES = """\
examples:
  wfsim shim ~/.wfsim/bin
  PATH="$HOME/.wfsim/bin:$PATH" WFSIM_CLOCK=auto pytest e2e"""


def typed(read: Callable[[str], _T]) -> Callable[[str], _T]:
    """Return `read` as argparse wants it: what it refuses is told with its own words."""

    def convert(text: str) -> _T:
        try:
            return read(text)
        except UsageError as error:
            raise argparse.ArgumentTypeError(str(error).rstrip(".")) from None

    return convert


def add_serve(commands: Commands) -> None:
    """Add `wfsim serve`."""
    command = commands.add_parser(
        "serve",
        help="put an app on a port, as func start does",
        description=_SERVE_ABOUT,
        epilog=_SERVE_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(call=_serve, parser=command)
    command.add_argument(
        "app",
        nargs="?",
        default=".",
        metavar="APP",
        help="a folder with a function_app.py, such a file, or module:attribute (default: here)",
    )
    command.add_argument(
        "--port",
        type=typed(parse_port),
        default=DEFAULT_PORT,
        metavar="N",
        help="where to listen; 0 picks a free port (default %(default)s)",
    )
    command.add_argument(
        "--host",
        default="localhost",
        metavar="ADDRESS",
        help="listen there instead of on loopback; 0.0.0.0 is every address",
    )
    command.add_argument(
        "--clock", choices=CLOCKS, default="real", help="how time passes (default %(default)s)"
    )
    command.add_argument(
        "--start",
        type=typed(parse_start),
        metavar="INSTANT",
        help="what time it is at first, such as 2000-01-31T12:00:00Z (default: now)",
    )
    command.add_argument("--auth", action="store_true", help="let functions ask for their keys")
    command.add_argument(
        "--allow-network",
        action="append",
        default=[],
        metavar="URL",
        help="what call_http may really call, * for any part; may be given several times",
    )
    command.add_argument(
        "--no-timer-triggers", action="store_true", help="fire no timer trigger by its schedule"
    )
    _add_rare(command)


def _add_rare(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--seed", type=int, default=0, metavar="N", help="decides ids and randomness (default 0)"
    )
    command.add_argument(
        "--replay",
        choices=("every", "off"),
        default="every",
        help="whether every episode is replayed to find non-determinism (default %(default)s)",
    )
    command.add_argument(
        "--keep",
        type=typed(_at_least_one),
        default=50_000,
        metavar="N",
        help="about how many records of the timeline are kept (default %(default)s)",
    )
    noise = command.add_mutually_exclusive_group()
    noise.add_argument(
        "--quiet",
        dest="noise",
        action="store_const",
        const="quiet",
        help="only where it listens, and what is wrong with the app",
    )
    noise.add_argument(
        "--verbose",
        dest="noise",
        action="store_const",
        const="verbose",
        help="also a line on stderr for each request",
    )
    command.set_defaults(noise="normal")


def _at_least_one(text: str) -> int:
    if text.isascii() and text.isdecimal() and 0 < int(text) < 10**9:
        return int(text)
    raise UsageError(f"It is a number of at least 1, not {text!r}.")


def _serve(options: argparse.Namespace) -> int:
    # Late: other commands need no server.
    from wfsim.serve.command import serve  # noqa: PLC0415

    return serve(
        ServeOptions(
            app=options.app,
            port=options.port,
            host=options.host,
            clock=options.clock,
            start=options.start,
            auth=options.auth,
            seed=options.seed,
            timer_triggers=not options.no_timer_triggers,
            allow_network=tuple(options.allow_network),
            keep_records=options.keep,
            replay=options.replay,
            noise=options.noise,
        )
    )


def add_shim(commands: Commands) -> None:
    """Add `wfsim shim`."""
    command = commands.add_parser(
        "shim",
        help="write a func command that is wfsim",
        description=_SHIM_ABOUT,
        epilog=_SHIM_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(call=_shim, parser=command)
    command.add_argument("folder", type=Path, metavar="DIR", help="where; made if it is not there")


def _shim(options: argparse.Namespace) -> int:
    written = write_shim(options.folder)
    for path in written:
        print(f"Wrote {path}")
    folder = str(written[0].parent)
    print("Put its folder first on PATH, where your suite starts:")
    if os.name == "nt":
        print(f'  set "PATH={folder};%PATH%"')
    else:
        print(f'  export PATH="{folder}:$PATH"')
    print("Then 'func start --port 7071' in an app's folder is 'wfsim serve'.", file=sys.stdout)
    return 0

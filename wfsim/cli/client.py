"""`wfsim client`: looks at a running server, and moves its time."""

from __future__ import annotations

import argparse
import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from typing import Any, Final, cast
from urllib.parse import urlsplit

from wfsim.cli.serve import Commands, typed
from wfsim.errors import UsageError
from wfsim.history.printable import printable
from wfsim.serve.options import DEFAULT_PORT, parse_port

__all__ = ["add_client"]

_BASE: Final = "/admin/wfsim"

_ABOUT = """\
Look at a server that `wfsim serve` started, and move its time."""

_EXAMPLES = """\
examples:
  wfsim client now                           what time it is there, and how it passes
  wfsim client advance 24h                   move time; prints what time it is then
  wfsim client advance 2000-01-31T12:00:00Z  move it to an instant
  wfsim client pending                       what time will bring
  wfsim client timeline                      what happened so far
  wfsim client findings --json               what is wrong with the app, for machines
  wfsim client now --port 7072               a server on another port

Time moves under --clock virtual and --clock auto.
exit codes: 0 fine, 2 the call is wrong, or no server is there"""

Print = Callable[[Any], None]


def add_client(commands: Commands) -> None:
    """Add `wfsim client`."""
    command = commands.add_parser(
        "client",
        help="look at a running server, and move its time",
        description=_ABOUT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    _add_action(actions, "now", "print what time it is", _now)
    advance = _add_action(actions, "advance", "move time", _advance)
    advance.add_argument(
        "how_far", metavar="DURATION", help="such as 90s, 24h or '1d 2h', or an instant in ISO form"
    )
    _add_action(actions, "pending", "print what time will bring", _pending)
    _add_action(actions, "timeline", "print what happened so far", _timeline)
    _add_action(actions, "findings", "print what is wrong with the app", _findings)


def _add_action(
    actions: Commands, name: str, about: str, call: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    command = cast("argparse.ArgumentParser", actions.add_parser(name, help=about))
    command.set_defaults(call=call, parser=command)
    where = command.add_mutually_exclusive_group()
    where.add_argument(
        "--port",
        type=typed(parse_port),
        default=DEFAULT_PORT,
        metavar="N",
        help="the server's port (default %(default)s)",
    )
    where.add_argument("--url", metavar="URL", help="where the server is, if not on this machine")
    command.add_argument("--json", action="store_true", help="print what the server says, as JSON")
    return command


# --- what it does -------------------------------------------------------------------------------


def _now(options: argparse.Namespace) -> int:
    return _show(options, _ask(options, "now"), _print_now)


def _advance(options: argparse.Namespace) -> int:
    text: str = options.how_far
    kind = "to" if text.strip()[:4].isdecimal() and "-" in text else "by"
    return _show(options, _ask(options, "advance", {kind: text}), _print_now)


def _pending(options: argparse.Namespace) -> int:
    return _show(options, _ask(options, "pending"), _print_pending)


def _findings(options: argparse.Namespace) -> int:
    return _show(options, _ask(options, "findings"), _print_findings)


def _timeline(options: argparse.Namespace) -> int:
    width = shutil.get_terminal_size((100, 24)).columns
    text = _fetch(options, f"timeline?width={width}", None).decode("utf-8", "replace")
    if options.json:
        print(json.dumps({"timeline": text.splitlines()}, indent=2))
    else:
        print(printable(text.rstrip("\n"), lines=True) or "Nothing has happened yet.")
    return 0


def _show(options: argparse.Namespace, answer: Any, show: Print) -> int:  # noqa: ANN401 - JSON
    if options.json:
        print(json.dumps(answer, indent=2))
        return 0
    try:
        show(answer)
    except (KeyError, TypeError):
        raise UsageError(f"The server at {_url(options)} is not one of wfsim.") from None
    return 0


def _print_now(answer: Any) -> None:  # noqa: ANN401 - JSON
    print(_line(f"{answer['now']}  T+{answer['elapsed']}  (--clock {answer['clock']})"))


def _print_pending(answer: Any) -> None:  # noqa: ANN401 - JSON
    if not answer:
        print("Nothing: time brings nothing more by itself.")
    width = max((len(item["in"]) for item in answer), default=0)
    for item in answer:
        print(_line(f"in {item['in']:<{width}}  {item['at']}  {item['what']}"))


def _print_findings(answer: Any) -> None:  # noqa: ANN401 - JSON
    if not answer:
        print("None.")
    for item in answer:
        print(_line(f"{item['code']} {item['title']}: {item['message']} {item['way_out']}"))


def _line(text: str) -> str:
    return printable(text)


# --- the wire -----------------------------------------------------------------------------------


def _url(options: argparse.Namespace) -> str:
    url: str = options.url or f"http://localhost:{options.port}"
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise UsageError(f"--url {url!r} is none. Give one such as http://localhost:7071.")
    return f"{parts.scheme}://{parts.netloc}"


def _ask(options: argparse.Namespace, route: str, body: object = None) -> Any:  # noqa: ANN401
    answer = _fetch(options, route, body)
    try:
        return json.loads(answer)
    except ValueError:
        raise UsageError(f"The server at {_url(options)} is not one of wfsim.") from None


def _fetch(options: argparse.Namespace, route: str, body: object) -> bytes:
    url = _url(options)
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(  # noqa: S310 - http and https only, see _url
        f"{url}{_BASE}/{route}", data=data, headers={"Content-Type": "application/json"}
    )
    # A proxy of the environment has no business between two processes of one machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request) as response:
            return cast("bytes", response.read())
    except urllib.error.HTTPError as error:
        raise UsageError(_refusal(url, error)) from None
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        why = getattr(reason, "strerror", None) or str(reason) or type(error).__name__
        raise UsageError(
            f"There is no server at {url} ({why}). Start one with 'wfsim serve', or name its "
            "--port."
        ) from None


def _refusal(url: str, error: urllib.error.HTTPError) -> str:
    with error:
        try:
            return str(json.loads(error.read())["error"])
        except (ValueError, KeyError, TypeError, OSError):
            return f"The server at {url} is not one of wfsim: it answers {error.code}."

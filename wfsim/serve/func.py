"""The `func` command as far as end-to-end suites need it: `func start` is `wfsim serve`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final, cast

from wfsim.errors import UsageError
from wfsim.history.printable import printable
from wfsim.serve.options import (
    DEFAULT_PORT,
    ClockName,
    Noise,
    ServeOptions,
    parse_clock,
    parse_port,
)

__all__ = ["VERSION", "Call", "local_port", "main", "read_call"]

VERSION: Final = "4.99.0"
"""What `func --version` prints: a version 4, for scripts that ask for one."""

_REAL_TOOL: Final = "Azure Functions Core Tools"
_CLOCK_VARIABLE: Final = "WFSIM_CLOCK"

_HELP: Final = f"""\
func, as wfsim stands in for it: runs the function app of this folder without Azure.

usage: func start [--port N] [--clock real|virtual|auto] [--enableAuth] [--verbose]

  --port N, -p N   where to listen (default {DEFAULT_PORT}, or LocalHttpPort of local.settings.json)
  --clock NAME     how time passes; {_CLOCK_VARIABLE} in the environment does the same
  --enableAuth     functions ask for their keys
  --verbose        a line for each request

'func host start' is the same command. Other options of 'func start' are ignored, and said to be.
'wfsim serve --help' has more options; other commands of func are {_REAL_TOOL}'.
"""

_WITH_VALUE: Final = frozenset(
    {"cors", "timeout", "t", "languageworker", "jsonoutputfile", "runtime", "cert", "password"}
)
_WITH_VALUES: Final = frozenset({"functions"})
_FLAGS: Final = frozenset(
    {
        *("corscredentials", "nobuild", "python", "csharp", "javascript", "typescript", "java"),
        *("powershell", "node", "dotnet", "dotnetisolated", "custom", "pauseonerror", "debug"),
        *("dotnetisolateddebug", "enablejsonoutput", "usersecrets"),
    }
)


@dataclass(slots=True)
class Call:
    """What a command line of `func start` asks for."""

    port: int | None = None
    clock: ClockName | None = None
    root: Path | None = None
    auth: bool = False
    noise: Noise = "normal"
    ignored: list[str] = field(default_factory=list[str])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code.

    Args:
        arguments: The command line without the program's name; the default is the process's own.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _run(words)
    except UsageError as error:
        sys.stderr.write(f"func (wfsim): {printable(str(error), lines=True)}\n")
        return 2


def _run(words: list[str]) -> int:
    folded = [word.casefold() for word in words]
    if folded in (["--version"], ["-v"]):
        sys.stdout.write(f"{VERSION}\n")
        sys.stderr.write(f"wfsim {_wfsim_version()} stands in for {_REAL_TOOL}.\n")
        return 0
    if not words or folded[0] in {"help", "--help", "-h"}:
        sys.stdout.write(_HELP)
        return 0
    taken = 2 if folded[:2] == ["host", "start"] else 1 if folded[0] == "start" else 0
    if not taken:
        shown = " ".join(words[:2])
        raise UsageError(
            f"'func {shown}' is a command of {_REAL_TOOL}, and this func is wfsim's, which only "
            "starts apps: func start."
        )
    if {"--help", "-h"} & set(folded[taken:]):
        sys.stdout.write(_HELP)
        return 0
    return _start(read_call(words[taken:]))


def _start(call: Call) -> int:
    root = _root(call.root or Path.cwd())
    clock = call.clock or parse_clock(os.environ.get(_CLOCK_VARIABLE) or "real")
    port = call.port if call.port is not None else local_port(root)
    if call.ignored:
        said = " ".join(call.ignored)
        sys.stderr.write(f"func (wfsim): ignored, as it means nothing here: {printable(said)}\n")
    # Late: it brings the server with it, which other calls do without.
    from wfsim.serve.command import serve  # noqa: PLC0415

    return serve(
        ServeOptions(app=str(root), port=port, clock=clock, auth=call.auth, noise=call.noise)
    )


def _wfsim_version() -> str:
    try:
        return version("wfsim")
    except PackageNotFoundError:
        return "(not installed)"


# --- the command line ---------------------------------------------------------------------------


def read_call(words: list[str]) -> Call:
    """Read options as Core Tools do: without regard to case, with a space, `=` or `:` between."""
    call = Call()
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name, value = _parted(word)
        match name:
            case "port" | "p":
                call.port = parse_port(_value(word, value, rest))
            case "clock":
                call.clock = parse_clock(_value(word, value, rest).casefold())
            case "scriptroot" | "prefix":
                call.root = Path(_value(word, value, rest))
            case "enableauth":
                call.auth = _is_on(value, rest)
            case "verbose":
                call.noise = "verbose" if _is_on(value, rest) else "normal"
            case "usehttps":
                if _is_on(value, rest):
                    raise UsageError("--useHttps is not served. Leave it out and use http://.")
            case _:
                call.ignored.append(_ignored(word, name, value, rest))
    return call


def _parted(word: str) -> tuple[str, str | None]:
    if not word.startswith("-"):
        raise UsageError(f"'func start' takes options only, and {word!r} is none.")
    body = word.lstrip("-")
    ends = [index for index in (body.find("="), body.find(":")) if index > 0]
    end = min(ends, default=len(body))
    value = body[end + 1 :] if ends else None
    return body[:end].casefold().replace("-", ""), value


def _value(word: str, value: str | None, rest: list[str]) -> str:
    if value is None and rest and not rest[0].startswith("-"):
        value = rest.pop(0)
    if not value:
        raise UsageError(f"{word!r} needs a value. See 'func start --help'.")
    return value


def _is_on(value: str | None, rest: list[str]) -> bool:
    """Whether a switch is on: it stands alone, or before `true` or `false`."""
    if value is None and rest and rest[0].casefold() in {"true", "false"}:
        value = rest.pop(0)
    return value is None or value.casefold() != "false"


def _ignored(word: str, name: str, value: str | None, rest: list[str]) -> str:
    if name in _WITH_VALUE:
        return word if value is not None else f"{word} {_value(word, None, rest)}"
    if name in _WITH_VALUES:
        values: list[str] = []
        while rest and not rest[0].startswith("-"):
            values.append(rest.pop(0))
        return " ".join((word, *values))
    if name in _FLAGS:
        _is_on(value, rest)
        return word
    raise UsageError(f"'func start' knows no option {word!r}. See 'func start --help'.")


# --- the app ------------------------------------------------------------------------------------


def _root(folder: Path) -> Path:
    """Return the folder of the app: the nearest one from `folder` upwards with a host.json."""
    for candidate in (folder.absolute(), *folder.absolute().parents):
        if (candidate / "host.json").is_file():
            return candidate
    raise UsageError(
        f"There is no host.json in {str(folder)!r} or above it. Run 'func start' in the folder of "
        "a function app."
    )


def local_port(root: Path) -> int:
    """Return the port that an app's local.settings.json asks for."""
    try:
        settings = cast("object", json.loads((root / "local.settings.json").read_bytes()))
    except (OSError, ValueError, RecursionError):
        return DEFAULT_PORT  # whoever loads the app says what is wrong with the file
    host = cast("dict[str, object]", settings).get("Host") if isinstance(settings, dict) else None
    port = cast("dict[str, object]", host).get("LocalHttpPort") if isinstance(host, dict) else None
    return parse_port(str(port)) if port else DEFAULT_PORT


if __name__ == "__main__":
    sys.exit(main())

"""Names for what differs from run to run: ids, times, hashes, paths, addresses.

Names are given in order of first appearance, and one id has one name wherever it stands. A text
that looks like such a name from the beginning is written with a backslash, and backslashes before
names are doubled, so that no two different texts become the same.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from wfsim.clock import to_us
from wfsim.snapshot.rules import Rules

__all__ = ["AsIs", "Naming", "Reader", "Run", "Verbatim", "since"]

_HOUR_US: Final = 3_600_000_000
_MINUTE_US: Final = 60_000_000
_SECOND_US: Final = 1_000_000
_HORIZON_US: Final = 366 * 24 * _HOUR_US
"""How long after the last event a time in a text still counts as one of this run: deadlines lie
ahead, and no workflow should wait for more than a year."""

_HEX: Final = "[0-9a-fA-F]"
_NAMES: Final = "id|instance|hash|address|time|path|duration|redacted|message|call|gone"
_TOKEN: Final = re.compile(
    rf"""(?P<slashes>\\*)(?:
      (?P<literal> <(?:{_NAMES})(?=[:>]) | (?<![0-9A-Za-z])T[+-](?=\d) )
    | (?P<id>      (?<![0-9A-Za-z])
                   (?: {_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}} | [0-9a-f]{{32}} )
                   (?![0-9A-Za-z]) (?: :[0-9]+ )* )
    | (?P<hash>    (?<![0-9A-Za-z]) (?: [0-9a-f]{{128}} | [0-9a-f]{{64}} | [0-9a-f]{{40}} )
                   (?![0-9A-Za-z]) )
    | (?P<address> (?<![0-9A-Za-z]) 0x{_HEX}{{6,}} (?![0-9A-Za-z]) )
    | (?P<time>    (?<![0-9A-Za-z]) \d{{4}}-\d\d-\d\d[T\ ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?
                   (?:Z|[+-]\d\d:?\d\d)? (?![0-9A-Za-z]) )
    | (?P<http>    \b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),\ \d\d\ [A-Z][a-z]{{2}}\ \d{{4}}
                   \ \d\d:\d\d:\d\d\ GMT\b )
    | (?P<frame>   (?<=File\ ") (?:/|[A-Za-z]:[\\/]) [^"\n]+ (?=") )
    | (?P<path>    (?<![\w.]) (?:/|[A-Za-z]:[\\/]) [\w.\-+/\\@]+ )
    )""",
    re.VERBOSE,
)


def since(us: int) -> str:
    """Return a length of time as it stands after `T+`: in hours and less, such as "72h", "1h30m".

    Unlike in timelines there are no days and no spaces: it reads well inside a text.
    """
    if us == 0:
        return "0s"
    hours, rest = divmod(abs(us), _HOUR_US)
    minutes, rest = divmod(rest, _MINUTE_US)
    parts = [f"{hours}h"] if hours else []
    parts += [f"{minutes}m"] if minutes else []
    if rest:
        unit, size = ("s", 6) if rest >= _SECOND_US else ("ms", 3) if rest >= 1_000 else ("us", 0)
        whole, part = divmod(rest, 10**size)
        digits = f".{part:0{size}}".rstrip("0") if part else ""
        parts.append(f"{whole}{digits}{unit}")
    return "".join(parts)


class Run:
    """What is known of the run that is shown.

    Args:
        start_us: When it began, in microseconds since 1970.
        end_us: When the last thing in it happened, or is to happen.
        instances: The orchestrators' names by the ids of their instances.
    """

    def __init__(
        self, *, start_us: int, end_us: int, instances: Mapping[str, str] | None = None
    ) -> None:
        self.start_us = start_us
        self.end_us = end_us
        self.instances = instances or {}

    def when(self, us: int) -> str:
        """Return an instant relative to the beginning, such as "T+72h"."""
        sign = "+" if us >= self.start_us else "-"
        return f"T{sign}{since(us - self.start_us)}"


class Verbatim(str):
    """A text that is a name already, such as "<redacted>", and is shown as it stands."""

    __slots__ = ()


Reader = Callable[[Any, "Naming"], object]
"""Says of an object what is to be shown in its place."""


class Naming:
    """Gives ids, times, hashes and paths their names.

    Args:
        run: The run that they are about; without one, times stay as they are.
        rules: What the user wants hidden.
        blank: Gives all of a kind one name, for comparing runs that differ in these.
        readers: How to read objects that are no JSON, by their types.
    """

    def __init__(
        self,
        run: Run | None = None,
        *,
        rules: Rules | None = None,
        blank: bool = False,
        readers: Mapping[type, Reader] | None = None,
    ) -> None:
        self.run = run
        self.rules = rules or Rules()
        self.is_blank = blank
        self.readers = readers or {}
        self._names: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}

    def blank(self) -> Naming:
        """Return one that says the same of all ids, times, hashes and paths."""
        return Naming(self.run, rules=self.rules, blank=True, readers=self.readers)

    def reader_of(self, value: object) -> Reader | None:
        """Return how to read an object, or None where it is nothing special."""
        if not self.readers:
            return None
        kinds = type(value).__mro__
        return next((self.readers[kind] for kind in kinds if kind in self.readers), None)

    def nth(self, kind: str, key: str) -> tuple[Verbatim, bool]:
        """Return the name of a thing, such as "<message:2>", and whether it is a new one.

        Args:
            kind: What it is.
            key: What tells it from others of its kind.
        """
        is_new = (kind, key) not in self._names
        return Verbatim(self._named(kind, key)), is_new

    def text(self, text: str) -> str:
        """Return a text with the names in it."""
        if isinstance(text, Verbatim):
            return str(text)
        pieces = self.rules.around_secrets(text)
        return "<redacted>".join(_TOKEN.sub(self._token, piece) for piece in pieces)

    def number(self, value: float) -> float | str:
        """Return a number, or its time where it is one of this run in seconds since 1970."""
        if self.run is None or self.is_blank:
            return value
        us = value * _SECOND_US
        if self.run.start_us <= us <= self.run.end_us:
            return self.run.when(round(us))
        return value

    def time(self, value: date) -> str:
        """Return the text of a time or a date."""
        if self.is_blank:
            return "<time>"
        if isinstance(value, datetime) and (when := self._when(value)) is not None:
            return when
        return value.isoformat()

    # --- one token ------------------------------------------------------------------------------

    def _token(self, match: re.Match[str]) -> str:
        slashes = match["slashes"]
        if match["path"] is not None and not _is_local(match["path"]):
            # What looks like a path may be the end of a URL, with ids in it.
            rest = match["path"].lstrip("/")
            rest = rest[1:] if rest == match["path"] else rest
            return match[0].removesuffix(rest) + _TOKEN.sub(self._token, rest)
        if match["literal"] is not None:
            return f"{slashes}{slashes}\\{match['literal']}"
        name = self._name_of(match)
        return match[0] if name is None else f"{slashes}{slashes}{name}"

    def _name_of(self, match: re.Match[str]) -> str | None:
        kind = match.lastgroup
        text = match[0].removeprefix(match["slashes"])
        match kind:
            case "id":
                return self._id(text)
            case "hash":
                return self._named("hash", text)
            case "address":
                return "<address>"
            case "time" | "http":
                return self._time(text, is_http=kind == "http")
            case "frame":
                return self._path(text)
            case _:
                return self._path(text)

    def _id(self, text: str) -> str:
        """Return the name of an id; of an instance, where it is known as one."""
        parts = text.split(":")
        known = {} if self.run is None else self.run.instances
        for count in range(len(parts), 0, -1):
            # A child that the host named has its parent's id, a colon and a number.
            whole = ":".join(parts[:count])
            if whole in known:
                name = self._named("instance", whole, f"{_safe(known[whole])}/")
                return name + text.removeprefix(whole)
        # An id with hyphens and one without may be the same.
        name = self._named("id", parts[0].replace("-", "").lower())
        return name + text.removeprefix(parts[0])

    def _time(self, text: str, *, is_http: bool) -> str | None:
        if self.is_blank:
            return "<time>"
        try:
            value = parsedate_to_datetime(text) if is_http else datetime.fromisoformat(text)
        except ValueError:
            return None
        return self._when(value)

    def _when(self, value: datetime) -> str | None:
        if self.run is None:
            return None
        us = to_us(value)
        is_near = self.run.start_us <= us <= self.run.end_us + _HORIZON_US
        return self.run.when(us) if is_near else None

    def _path(self, text: str) -> str:
        name = re.split(r"[/\\]", text)[-1]
        folder = text.removesuffix(name)
        separator = folder[-1:]
        if self.is_blank:
            return f"<path>{separator}{name}"
        return f"{self._named('path', folder)}{separator}{name}"

    def _named(self, kind: str, text: str, prefix: str = "") -> str:
        if self.is_blank:
            return f"<{kind}>"
        key = kind, text
        if key not in self._names:
            group = f"{kind}:{prefix}"
            self._counts[group] = self._counts.get(group, 0) + 1
            self._names[key] = f"<{group}{self._counts[group]}>"
        return self._names[key]


class AsIs(Naming):
    """Leaves everything as it is: for telling whether two values are the same."""

    def nth(self, kind: str, key: str) -> tuple[Verbatim, bool]:  # noqa: ARG002
        """Return a thing by what tells it from others."""
        return Verbatim(key), True

    def text(self, text: str) -> str:
        """Return the text."""
        return str(text)

    def number(self, value: float) -> float | str:
        """Return the number."""
        return value

    def time(self, value: date) -> str:
        """Return the text of a time."""
        return value.isoformat()


def _is_local(path: str) -> bool:
    """Whether a path lies in a folder that belongs to this machine or to this run of the tests."""
    return path.startswith(_local_folders())


@cache
def _local_folders() -> tuple[str, ...]:
    named = [tempfile.gettempdir(), str(Path.cwd()), str(Path.home()), sys.prefix, sys.base_prefix]
    folders = {str(Path(name)) for name in named} | {str(Path(name).resolve()) for name in named}
    return tuple(sorted(f"{folder}/" for folder in folders if folder.count("/") and folder != "/"))


def _safe(name: str) -> str:
    """Return an orchestrator's name without what would end the name that it is part of."""
    return re.sub(r"[<>\\]", "_", name)

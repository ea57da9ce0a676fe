"""One request to the extension: the parts of its route, and its query as the host reads it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from wfsim.clock import to_us
from wfsim.history import RuntimeStatus
from wfsim.hub.hub import Hub
from wfsim.web import Request
from wfsim.workers.azure_functions.webhooks.bodies import without_halves
from wfsim.workers.azure_functions.webhooks.links import Links

__all__ = ["Call", "Desk", "query_of"]

_INTEGER = re.compile(r"[+-]?\d{1,10}", re.ASCII)
_SHORT_YEAR = re.compile(r"\A(\d{1,3})-")
_NUMBER_BITS = 32
_OTHER_DATES = (
    "%m/%d/%Y",
    "%m/%d/%Y %H:%M:%S",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M:%S",
    "%a, %d %b %Y %H:%M:%S GMT",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the answers are made from."""

    hub: Hub
    links: Links
    orchestrators: Callable[[], Sequence[str]]
    entities: Callable[[], Sequence[str]]


def query_of(request: Request) -> dict[str, str]:
    """Return the query by folded names; a name that comes twice has its values in one list.

    Raises:
        ValueError: the URL is none.
    """
    query: dict[str, str] = {}
    for name, value in request.query:
        folded, text = name.strip().casefold(), without_halves(value.strip())
        query[folded] = f"{query[folded]},{text}" if folded in query else text
    return query


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request whose route has been found.

    A parameter whose value makes no sense counts as not given, as on the host.
    """

    request: Request
    query: Mapping[str, str]
    parts: Mapping[str, str]
    """What the route's placeholders stand for, not decoded."""

    @property
    def instance_id(self) -> str:
        """The instance that the route names."""
        return self.parts["instance"]

    def text(self, name: str) -> str | None:
        """Return a parameter, whatever the case of its name."""
        return self.query.get(name.casefold())

    def flag(self, name: str, *, default: bool) -> bool:
        """Return a parameter that is true or false."""
        return {"true": True, "false": False}.get((self.text(name) or "").casefold(), default)

    def integer(self, name: str, *, default: int) -> int:
        """Return a parameter that is a whole number of 32 bits."""
        text = self.text(name) or ""
        number = int(text) if _INTEGER.fullmatch(text) else default
        return number if number.bit_length() < _NUMBER_BITS else default

    def seconds(self, name: str) -> float | None:
        """Return a parameter that is a number of seconds; it may well be no finite one."""
        text = self.text(name) or ""
        try:
            return None if "_" in text else float(text)
        except ValueError:
            return None

    def moment_us(self, name: str) -> int | None:
        """Return a parameter that is a date, in microseconds since 1970."""
        text = self.text(name) or ""
        # Python's strftime writes years before 1000 without their zeros on some systems.
        text = _SHORT_YEAR.sub(lambda match: f"{match[1]:0>4}-", text, count=1)
        found = _date(text)
        return None if found is None else to_us(found)

    def statuses(self) -> frozenset[RuntimeStatus]:
        """Return the statuses that `runtimeStatus` lists, by name or number."""
        names = (name.strip() for name in (self.text("runtimeStatus") or "").split(","))
        known = {key: status for status in RuntimeStatus for key in (status, str(status.number))}
        return frozenset(known[name] for name in names if name in known)


def _date(text: str) -> datetime | None:
    """Return a date that names no zone as one of UTC."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for form in _OTHER_DATES:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None

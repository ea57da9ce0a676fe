"""HTTP requests and responses as frozen records, whoever carries them: a test, a socket, an app."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

__all__ = ["Pairs", "Request", "Response"]

Pairs = tuple[tuple[str, str], ...]
"""Names and values in the order in which they came; a name may come twice."""


def _first(pairs: Pairs, name: str) -> str | None:
    folded = name.casefold()
    return next((value for key, value in pairs if key.casefold() == folded), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    """What requests and responses share."""

    headers: Pairs = ()
    """Names keep their case; lookups ignore it."""
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the first header of that name, whatever its case."""
        return _first(self.headers, name)

    @property
    def text(self) -> str:
        """The body as UTF-8 text."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:  # noqa: ANN401 - JSON is any of six types
        """Return the body parsed as JSON.

        Raises:
            ValueError: it is not JSON.
        """
        return json.loads(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(_Message):
    """One HTTP request."""

    method: str
    """In upper case."""
    url: str
    """Absolute, percent-encoded as the client sent it."""

    @property
    def origin(self) -> str:
        """Scheme and host, such as "http://localhost:7071"."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def path(self) -> str:
        """The path as it was sent, not decoded: the durable extension does not either."""
        return urlsplit(self.url).path or "/"

    @property
    def query(self) -> Pairs:
        """Names and values of the query, decoded, in order."""
        return tuple(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))

    def parameter(self, name: str) -> str | None:
        """Return the first query parameter of that name, whatever its case."""
        return _first(self.query, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response(_Message):
    """One HTTP response."""

    status: int
    error: BaseException | None = field(default=None, compare=False)
    """What a function raised, or why there was none; clients are not told, people want to know."""

    @classmethod
    def of_json(
        cls,
        value: object,
        *,
        status: int = 200,
        headers: Iterable[tuple[str, str]] = (),
    ) -> Response:
        """Return a response with a JSON body, in the order in which `value` has its keys."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        kind = ("Content-Type", "application/json; charset=utf-8")
        # Half of a surrogate pair is no UTF-8, and a client may well have sent one.
        body = text.encode("utf-8", "backslashreplace")
        return cls(status=status, headers=(kind, *headers), body=body)

"""HTTP requests and responses as facts: what was sent, headers in a fixed order, bodies as data.

Not shown are a `Content-Length` that is the body's, when a response was made, and secrets: keys,
credentials and cookies, also in query strings, wherever these stand. A body that is JSON is shown
as data, text as text, and everything else in hexadecimal digits or by its hash.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, cast

from wfsim.snapshot.naming import Naming, Reader, Run, Verbatim
from wfsim.snapshot.rules import Rules
from wfsim.snapshot.view import Fact, Recorded, labelled, register
from wfsim.web import Request, Response

__all__ = ["exchange_fact", "exchanges", "exchanges_of"]

_WIDTH: Final = 8
_SECRET: Final = Verbatim("<redacted>")
_SECRET_HEADERS: Final = frozenset(
    (
        *("authorization", "proxy-authorization", "cookie", "set-cookie"),
        *("x-functions-key", "x-api-key", "api-key", "ocp-apim-subscription-key"),
    )
)
_HIDDEN: Final = "code|sig|access_token|api[-_]?key|subscription-key"
_SECRET_NAME: Final = re.compile(_HIDDEN, re.IGNORECASE)
_IN_URL: Final = re.compile(rf"(?i)([?&](?:{_HIDDEN})=)[^&\s\"'#<>]+")
_CHANCE: Final[Mapping[str, Verbatim]] = {
    "date": Verbatim("<time>"),
    "traceparent": Verbatim("<id>"),
    "x-request-id": Verbatim("<id>"),
    "x-ms-request-id": Verbatim("<id>"),
    "request-id": Verbatim("<id>"),
}
"""Headers that no two runs share."""
_SHORT: Final = 64
"""Bytes up to which a body that is no text is shown."""


class _Address:
    """A text in which a URL holds a secret."""

    def __init__(self, text: str) -> None:
        self.text = text


def _read(address: _Address, naming: Naming) -> object:
    return Verbatim(_IN_URL.sub(r"\1<redacted>", naming.text(address.text)))


def _text(text: str) -> object:
    return _Address(text) if _IN_URL.search(text) else text


_READERS: Final[Mapping[type, Reader]] = {_Address: _read}


@register(Request, Response)
def exchanges(values: Sequence[Request | Response], rules: Rules) -> Recorded:  # noqa: ARG001 - a builder
    """Return the facts of requests and responses, in the order in which they are given."""
    return exchanges_of([exchange_fact(value) for value in values])


def exchanges_of(facts: Sequence[Fact], run: Run | None = None) -> Recorded:
    """Return facts of requests and responses with how they are to be read.

    Args:
        facts: These.
        run: What they are part of; without one, times in them stay as they are.
    """
    return Recorded(kind="exchange", facts=facts, run=run, width=_WIDTH, readers=_READERS)


def exchange_fact(message: Request | Response) -> Fact:
    """Return what a request or a response says."""
    headers, body = _headers(message), _body(message)
    if isinstance(message, Response):
        error = () if message.error is None else (("error", message.error),)
        return Fact(what=str(message.status), details=labelled(*headers, *body, *error))
    query = _by_name(message.query, _parameter)
    given = (("query", query),) if query else ()
    url = f"{message.origin}{message.path}"
    return Fact(what=message.method, said=url, details=labelled(*given, *headers, *body))


# --- parts --------------------------------------------------------------------------------------


def _headers(message: Request | Response) -> tuple[tuple[str, object], ...]:
    pairs = [(name.lower(), value) for name, value in message.headers]
    length = ("content-length", str(len(message.body)))
    found = _by_name([pair for pair in pairs if pair != length], _header)
    return (("headers", found),) if found else ()


def _header(name: str, value: str) -> object:
    if name in _SECRET_HEADERS:
        return _SECRET
    return _CHANCE.get(name) or _text(value)


def _parameter(name: str, value: str) -> object:
    return _SECRET if _SECRET_NAME.fullmatch(name) else _text(value)


def _by_name(
    pairs: Iterable[tuple[str, str]], shown: Callable[[str, str], object]
) -> dict[str, object]:
    """Return values by their names; those of a name that comes several times in a list."""
    found: dict[str, list[object]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(shown(name, value))
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _body(message: Request | Response) -> tuple[tuple[str, object], ...]:
    body = message.body
    if not body:
        return ()
    is_json = "json" in (message.header("content-type") or "").lower()
    try:
        text = body.decode()
        if not is_json:
            return (("text", _text(text)),)
        return (("json", _searched(json.loads(text))),)
    except UnicodeDecodeError:
        if len(body) <= _SHORT:
            return (("bytes", Verbatim(body.hex())),)
        digest = hashlib.sha256(body).hexdigest()
        return (("bytes", Verbatim(f"{len(body)} bytes, sha256 {digest}")),)
    except ValueError:
        return (("no JSON", _text(body.decode())),)


def _searched(value: object) -> object:
    """Return JSON whose texts are looked through for secrets."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return [_searched(item) for item in cast("list[object]", value)]
    if isinstance(value, dict):
        fields = cast("dict[str, object]", value)
        return {name: _searched(item) for name, item in fields.items()}
    return value

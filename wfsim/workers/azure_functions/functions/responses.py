"""What the Functions host makes of the data that an HTTP function returned."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from http.cookies import Morsel, SimpleCookie
from typing import Any, Final, cast
from urllib.parse import quote

from wfsim.web import Response
from wfsim.workers.azure_functions.functions._sdk import HttpReply, Wire

__all__ = ["response_of"]

_TEXT: Final = ("Content-Type", "text/plain; charset=utf-8")
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(r"[ -~]*")
_STATUS: Final = re.compile(r"\s*[+-]?[0-9]{1,9}\s*")


def response_of(wire: Wire | None, *, method: str) -> Response:
    """Return the response for what a function gave to its HTTP output.

    Args:
        wire: The data; None if it gave none.
        method: Of the request: an answer to HEAD has no body.

    Raises:
        ValueError: the host's server would not send such a response.
    """
    if wire is None or wire.type is None:
        return Response(status=204)
    if wire.type == "http":
        response = _of_reply(wire.value)
    elif wire.type == "bytes":
        response = Response(status=200, body=bytes(wire.value))
    else:
        response = _of_text(str(wire.value))
    if not 100 <= response.status <= 999:
        raise ValueError(f"{response.status} is no HTTP status code")
    for name, value in response.headers:
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise ValueError(f"the header {name!r} has characters that HTTP does not allow")
    has_body = method.upper() != "HEAD" and response.status >= 200
    if has_body and response.status not in {204, 304}:
        return response
    return Response(status=response.status, headers=response.headers)


def _of_reply(reply: HttpReply) -> Response:
    headers = [
        ("Content-Type" if name.lower() == "content-type" else name, value)
        for name, value in reply.headers
    ]
    headers += [
        ("Set-Cookie", _cookie(morsel)) for cookie in reply.cookies for morsel in _morsels(cookie)
    ]
    # The host takes a status that is no number for none.
    status = int(reply.status) if _STATUS.fullmatch(reply.status) else 200
    return Response(status=status, headers=tuple(headers), body=reply.body)


def _morsels(cookie: SimpleCookie) -> list[Morsel[str]]:
    return list(cookie.values())


def _cookie(morsel: Morsel[str]) -> str:
    """Write a cookie as ASP.NET does: in its order, with what it escapes.

    Raises:
        ValueError: its age or its end cannot be read.
    """
    parts = [f"{quote(morsel.key, safe='')}={quote(morsel.value, safe='')}"]
    if morsel["expires"]:
        end = parsedate_to_datetime(str(morsel["expires"])).replace(tzinfo=UTC)
        parts.append(f"expires={format_datetime(end, usegmt=True)}")
    if morsel["max-age"]:
        parts.append(f"max-age={int(float(morsel['max-age']))}")
    parts += [f"{name}={morsel[name]}" for name in ("domain", "path") if morsel[name]]
    if morsel["secure"]:
        parts.append("secure")
    if str(morsel["samesite"]).lower() in {"lax", "strict", "none"}:
        parts.append(f"samesite={str(morsel['samesite']).lower()}")
    if morsel["httponly"]:
        parts.append("httponly")
    return "; ".join(parts)


# --- text that a function returned instead of a response ----------------------------------------


def _of_text(text: str) -> Response:
    """Answer with text as the host does, which reads it as JSON first where it can.

    JSON is written anew, indented; and an object with a `body` is taken for a whole response.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return _plain(text)
    if isinstance(value, dict):
        return _of_object(cast("dict[str, Any]", value))
    return _plain(_written(value))


def _of_object(value: Mapping[str, Any]) -> Response:
    folded = {key.lower(): item for key, item in reversed(list(value.items()))}
    if "body" not in folded:
        return _plain(_written(value))
    status = folded.get("statuscode", folded.get("status"))
    headers = folded.get("headers")
    response = _plain(_written(folded["body"]), status=_number(status))
    if not isinstance(headers, dict):
        return response
    own = tuple((name, _written(item)) for name, item in cast("dict[str, Any]", headers).items())
    has_type = any(name.lower() == "content-type" for name, _ in own)
    kept = () if has_type else response.headers
    return Response(status=response.status, headers=(*kept, *own), body=response.body)


def _number(status: object) -> int:
    is_number = isinstance(status, int) and not isinstance(status, bool)
    if is_number or (isinstance(status, str) and _STATUS.fullmatch(status)):
        return int(cast("int | str", status))
    return 200


def _plain(text: str, *, status: int = 200) -> Response:
    return Response(status=status, headers=(_TEXT,), body=text.encode("utf-8", "replace"))


def _written(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value)
        case str():
            return value
        case dict() | list():
            return json.dumps(value, indent=2, ensure_ascii=False)
        case _:
            return json.dumps(value)

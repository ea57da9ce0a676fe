"""HTTP messages between aiohttp and the simulated host, which knows no sockets."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from aiohttp import HttpVersion11, web

from wfsim.errors import WfsimError
from wfsim.web import Request, Response

__all__ = ["RefusedError", "read_request", "written"]

_NAME: Final = re.compile(r"[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\]")
_TARGET: Final = re.compile(r"[\x21-\x7e]+")
_ABSOLUTE: Final = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
_OURS: Final = {
    "connection",
    "content-length",
    "keep-alive",
    "proxy-connection",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
"""Headers about the connection, which are the server's to write."""


class RefusedError(WfsimError):
    """A request that the server answers itself."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


async def read_request(received: web.BaseRequest, *, authority: str, max_body: int) -> Request:
    """Return a request as it was sent: nothing is decoded.

    Args:
        received: From aiohttp; its body is read.
        authority: Host and port for old clients that send none.
        max_body: The most bytes in a body.

    Raises:
        RefusedError: it is malformed or too big.
    """
    url = _url(received, authority)
    headers = tuple(received.headers.items())
    if any(_CONTROL.search(value) for _, value in headers):
        raise RefusedError(400, "A header holds bytes that are not UTF-8.")
    body = await _body(received, max_body) if received.body_exists else b""
    return Request(method=received.method, url=url, headers=headers, body=body)


def _url(received: web.BaseRequest, authority: str) -> str:
    host = received.headers.get("Host")
    if len(received.headers.getall("Host", [])) > 1:
        raise RefusedError(400, "The request has several Host headers.")
    if host is None:
        if received.version >= HttpVersion11:
            raise RefusedError(400, "The request has no Host header.")
        host = authority
    if not _is_authority(host):
        raise RefusedError(400, "The Host header is no host.")
    target = received.raw_path
    if not _TARGET.fullmatch(target):
        raise RefusedError(400, "The request's path holds characters that must be encoded.")
    if received.method == "OPTIONS" and target == "*":
        target = "/"
    target = _ABSOLUTE.sub("", target, count=1) if not target.startswith("/") else target
    target = f"/{target}" if not target or target.startswith("?") else target
    if not target.startswith("/"):
        raise RefusedError(400, "The request's path is none.")
    return f"http://{host}{target.partition('#')[0]}"


def _is_authority(host: str) -> bool:
    name = _NAME.match(host)
    if name is None:
        return False
    port = host[name.end() :]
    if port and not re.fullmatch(r":[0-9]{1,5}", port):
        return False
    if not host.startswith("["):
        return True
    try:
        ipaddress.IPv6Address(name[0][1:-1])
    except ValueError:
        return False
    return True


async def _body(received: web.BaseRequest, max_body: int) -> bytes:
    too_big = RefusedError(413, f"The body is bigger than {max_body} bytes.")
    if (received.content_length or 0) > max_body:
        raise too_big
    is_asking = received.headers.get("Expect", "").casefold() == "100-continue"
    if is_asking and received.version >= HttpVersion11 and received.transport is not None:
        received.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    parts: list[bytes] = []
    size = 0
    try:
        async for part in received.content.iter_any():
            size += len(part)
            if size > max_body:
                raise too_big
            parts.append(part)
    except (web.RequestPayloadError, ConnectionError, ValueError):
        raise RefusedError(400, "The body cannot be read.") from None
    return b"".join(parts)


def written(response: Response, *, date: str) -> web.Response:
    """Return a response for aiohttp to send.

    Args:
        response: The host's answer. One that HTTP cannot carry becomes a 500, as on the real host.
        date: The `Date` header, unless the app gives one.
    """
    headers = [item for item in response.headers if item[0].casefold() not in _OURS]
    wrong = [name for name, value in headers if not _can_carry(name, value)]
    if wrong or not 200 <= response.status <= 999:
        why = f"the header {wrong[0]!r}" if wrong else f"the status {response.status}"
        text = f"HTTP cannot carry {why} of the function's response."
        return written(Response.of_json({"error": text}, status=500), date=date)
    names = {name.casefold() for name, _ in headers}
    headers += [
        item for item in (("Date", date), ("Server", "wfsim")) if item[0].lower() not in names
    ]
    return web.Response(status=response.status, headers=headers, body=response.body)


def _can_carry(name: str, value: str) -> bool:
    return bool(_TOKEN.fullmatch(name)) and not _CONTROL.search(value)

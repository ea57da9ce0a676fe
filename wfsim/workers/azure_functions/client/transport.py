"""What the durable client's HTTP functions do, without a socket (semantics 6.5)."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from yarl import URL

from wfsim.web import Request, Response

__all__ = ["Transport"]


class Transport:
    """Sends the client's requests to the host in memory.

    Args:
        answer: The host. Every answer that the client asks for is there at once, so its coroutine
            may be awaited on any event loop.
    """

    def __init__(self, answer: Callable[[Request], Awaitable[Response]]) -> None:
        self._answer = answer

    async def post(
        self,
        url: str,
        data: object = None,
        trace_parent: str | None = None,
        trace_state: str | None = None,
        function_invocation_id: str | None = None,
    ) -> list[Any]:
        """Send a POST request as `aiohttp` does with `json=data`."""
        if data is None:
            kind, body = "application/octet-stream", b""
        else:
            kind, body = "application/json", json.dumps(data).encode()
        headers = [("Content-Type", kind), ("Content-Length", str(len(body)))]
        for name, value in (
            ("traceparent", trace_parent),
            ("tracestate", trace_state),
            ("X-Azure-Functions-InvocationId", function_invocation_id),
        ):
            headers += [(name, value)] if value else []
        return await self._send("POST", url, headers, body)

    async def get(self, url: str, function_invocation_id: str | None = None) -> list[Any]:
        """Send a GET request; an empty body is the empty text."""
        status, body = await self._send("GET", url, _correlation(function_invocation_id))
        return [status, "" if body is None else body]

    async def delete(self, url: str, function_invocation_id: str | None = None) -> list[Any]:
        """Send a DELETE request."""
        return await self._send("DELETE", url, _correlation(function_invocation_id))

    async def _send(
        self, method: str, url: str, headers: list[tuple[str, str]], body: bytes = b""
    ) -> list[Any]:
        # The SDK leaves quoting to aiohttp, which leaves it to yarl.
        wire_url = str(URL(url).with_fragment(None))
        request = Request(method=method, url=wire_url, headers=tuple(headers), body=body)
        response = await self._answer(request)
        text = response.body.strip()
        return [response.status, json.loads(text) if text else None]


def _correlation(invocation_id: str | None) -> list[tuple[str, str]]:
    return [("X-Azure-Functions-InvocationId", invocation_id)] if invocation_id else []

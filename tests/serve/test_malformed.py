"""Requests that are broken, too big, or end too soon: none hurts the server, none is its fault."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from tests.serve.conftest import Serve, Served, until
from tests.serve.test_requests import raw

pytestmark = pytest.mark.asyncio

HEAD = b"Host: h\r\nConnection: close\r\n"


def _get(target: bytes, headers: bytes = HEAD) -> bytes:
    return b"GET " + target + b" HTTP/1.1\r\n" + headers + b"\r\n"


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        _get(b"/" + b"x" * 20_000),
        _get(b"/api/echo/\xff"),
        _get(b"/api/echo/\xc3\xa4"),
        _get(b"api/echo"),
        _get(b"*"),
        _get(b"/", b"Connection: close\r\n"),
        _get(b"/", b"Host: a b\r\nConnection: close\r\n"),
        _get(b"/", b"Host: [::g]\r\nConnection: close\r\n"),
        _get(b"/", b"Host: h:port\r\nConnection: close\r\n"),
        _get(b"/", b"Host: h\r\nHost: i\r\nConnection: close\r\n"),
        _get(b"/", HEAD + b"X-Thing: \xff\xfe\r\n"),
        _get(b"/", HEAD + b"Content-Length: -1\r\n"),
        _get(b"/", HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n"),
        b"BREW / HTTP/1.1\r\n" + HEAD + b"\r\n",
        b"CONNECT  HTTP/1.1\r\n" + HEAD + b"\r\n",
        b"CONNECT  \r\n" + HEAD + b"\r\n",
        b"POST /api/echo/x HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
async def test_nonsense_gets_a_4xx(serve: Serve, request_bytes: bytes) -> None:
    """What is no HTTP request, or one without a proper target or host, is answered with a 4xx."""
    async with serve() as served:
        answer = await raw(served, request_bytes)
        assert answer.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4", b"HTTP/0.9 4")), answer
        assert await served.status("GET", "/") == 200
    assert served.log.getvalue() == ""


@pytest.mark.parametrize(
    ("target", "path"),
    [
        (b"http://elsewhere.test/api/echo/x?y", "/api/echo/x?y"),
        (b"/api/echo//x/../y", "/api/echo//x/../y"),
        (b"/api/echo/x#part", "/api/echo/x"),
    ],
)
async def test_odd_targets_are_understood(serve: Serve, target: bytes, path: str) -> None:
    """Absolute targets, dots, and fragments are taken as servers take them: nothing is resolved."""
    async with serve() as served:
        answer = await raw(served, _get(target))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b" 200 " in head or b" 404 " in head
    if b" 200 " in head:
        assert json.loads(body)["url"] == f"http://h{path}"


@pytest.mark.parametrize("method", ["PROPFIND", "PURGE", "CONNECT", "OPTIONS", "SEARCH"])
async def test_strange_methods_are_no_error_of_ours(serve: Serve, method: str) -> None:
    """Methods that no function takes are refused without a 5xx."""
    async with serve() as served:
        for target in (b"*", b"/api/now", b"h:80"):
            answer = await raw(
                served, method.encode() + b" " + target + b" HTTP/1.1\r\n" + HEAD + b"\r\n"
            )
            assert b" 5" not in answer.partition(b"\r\n")[0]
        assert await served.status("GET", "/") == 200


@pytest.mark.parametrize("is_chunked", [False, True])
async def test_bodies_have_a_limit(serve: Serve, is_chunked: bool) -> None:
    """A body over the limit gets 413, whether its length is told or shows; one at it gets in."""

    async def chunks(size: int) -> AsyncIterator[bytes]:
        for _ in range(size // 1_000):
            yield b"x" * 1_000

    async with serve(max_body=100_000) as served:

        async def post(size: int) -> int:
            data = chunks(size) if is_chunked else b"x" * size
            return await served.status("POST", "/api/echo/x", data=data)

        assert await post(100_000) == 200
        assert await post(101_000) == 413
        assert await post(100_000) == 200


async def test_a_client_that_asks_first_is_told_to_go_on(serve: Serve) -> None:
    """Expect: 100-continue is answered before the body comes, and not for one that is too big."""
    async with serve(max_body=10) as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        head = b"POST /api/echo/x HTTP/1.1\r\n" + HEAD + b"Expect: 100-continue\r\n"
        writer.write(head + b"Content-Length: 3\r\n\r\n")
        assert await reader.readline() == b"HTTP/1.1 100 Continue\r\n"
        writer.write(b"abc")
        assert b'"body": "abc"' in await reader.read()
        writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        writer.write(head + b"Content-Length: 11\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 413")
        writer.close()


async def test_a_client_that_leaves_is_no_error(serve: Serve) -> None:
    """A client that leaves while its function waits, or in the middle of a body, is forgotten."""
    async with serve() as served:
        await _send_and_leave(served, _get(b"/api/nap/10"))
        await _send_and_leave(
            served, b"POST /api/echo/x HTTP/1.1\r\n" + HEAD + b"Content-Length: 9\r\n\r\nabc"
        )
        await until(lambda: _has_open(served, 1))
        await served.advance("10s")  # the function goes on to its end, as on the real host
        assert "sleeper" in await served.text("POST", "/api/visit/x")
        assert served.server.driver.open_requests == 0
    assert served.log.getvalue() == ""


async def _send_and_leave(served: Served, request: bytes) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(request)
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def _has_open(served: Served, count: int) -> bool:
    return served.server.driver.open_requests == count

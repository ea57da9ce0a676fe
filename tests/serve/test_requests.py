"""Requests over a real socket: what functions get of them, and what clients get back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.serve.conftest import Serve, Served
from wfsim.serve.messages import written
from wfsim.web import Response

pytestmark = pytest.mark.asyncio


async def raw(served: Served, request: bytes) -> bytes:
    """Send bytes, and return all that comes back until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(request)
    try:
        return await asyncio.wait_for(reader.read(), 20)
    finally:
        writer.close()


async def test_functions_get_the_url_as_it_was_sent(serve: Serve) -> None:
    """Escapes, case and order of a URL reach the function undecoded, with the client's host."""
    async with serve() as served:
        path = "/api/echo/a%2Fb/%C3%A4?q=%26&Q=2&q"
        answer = await raw(
            served,
            f"GET {path} HTTP/1.1\r\nHost: example.test:81\r\nConnection: close\r\n\r\n".encode(),
        )
    said = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert said["url"] == f"http://example.test:81{path}"


@pytest.mark.parametrize("method", ["DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"])
async def test_functions_get_method_headers_and_body(serve: Serve, method: str) -> None:
    """Methods, headers and any bytes of a body reach the function unchanged."""
    body = bytes(range(256))
    async with serve() as served:
        said = await served.json(method, "/api/echo/x", headers={"X-Thing": "ä b"}, data=body)
    assert said["method"] == method
    assert said["headers"]["x-thing"] == "ä b"
    assert said["body"] == body.decode("latin-1")


async def test_chunks_and_compressed_bodies_arrive_as_bytes(serve: Serve) -> None:
    """A chunked upload is put together, and nobody unpacks what is compressed."""

    async def chunks() -> AsyncIterator[bytes]:
        yield b"one "
        yield b"two"

    async with serve() as served:
        headers = {"Content-Encoding": "gzip", "Content-Type": "text/plain"}
        said = await served.json("POST", "/api/echo/x", data=chunks(), headers=headers)
    assert said["body"] == "one two"


async def test_head_has_headers_and_no_body(serve: Serve) -> None:
    """HEAD answers with the headers of GET; the connection lives on."""
    async with serve() as served:
        async with served.client.head(served.at("/api/echo/x")) as response:
            assert response.status == 200
            assert response.headers["Content-Type"].startswith("application/json")
            assert await response.read() == b""
        assert await served.status("GET", "/api/echo/x") == 200


async def test_a_connection_serves_many_requests(serve: Serve) -> None:
    """Keep-alive: requests that come in one piece on one connection are answered in order."""
    async with serve() as served:
        one = b"POST /api/visit/a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"
        last = one.replace(b"/a ", b"/b ").replace(b"Host: h", b"Host: h\r\nConnection: close")
        answer = await raw(served, one + last)
    assert answer.count(b"HTTP/1.1 200") == 2
    first, _, second = answer.partition(b"\r\n\r\n")[2].partition(b"HTTP/1.1")
    assert (first, second.rpartition(b"\r\n")[2]) == (b"a", b"a b")


async def test_requests_are_taken_in_the_order_of_their_arrival(serve: Serve) -> None:
    """Requests of many connections reach the functions in the order in which they came."""
    async with serve() as served:
        writers = []
        for index in range(20):
            reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
            writer.write(f"POST /api/visit/{index} HTTP/1.1\r\nHost: h\r\n".encode())
            writers.append((reader, writer))
        for _, writer in reversed(writers):  # who ends its request first comes first
            writer.write(b"Content-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
        for reader, writer in writers:
            await reader.read()
            writer.close()
        visitors = await served.text("POST", "/api/visit/end")
    assert visitors.split() == [*(str(index) for index in reversed(range(20))), "end"]


async def test_old_clients_are_served(serve: Serve) -> None:
    """HTTP/1.0 without a Host is answered; URLs handed out then name the server's own address."""
    async with serve() as served:
        answer = await raw(served, b"GET /api/echo/x HTTP/1.0\r\n\r\n")
        url = json.loads(answer.partition(b"\r\n\r\n")[2])["url"]
        assert url == f"http://localhost:{served.port}/api/echo/x"


async def test_urls_handed_out_use_the_request_s_host(serve: Serve) -> None:
    """A status URL points to the host by which the client called, and works."""
    async with serve() as served:
        started = await served.json("POST", f"http://127.0.0.1:{served.port}/api/start/wait")
        assert started["statusQueryGetUri"].startswith(f"http://127.0.0.1:{served.port}/runtime/")
        status = await served.json("GET", started["statusQueryGetUri"])
    assert status["runtimeStatus"] == "Running"


async def test_localhost_is_served_by_name(serve: Serve) -> None:
    """`localhost` works whatever address it stands for, and ::1 where the machine has it."""
    async with serve() as served:
        assert await served.status("GET", f"http://localhost:{served.port}/") == 200
        try:
            assert await served.status("GET", f"http://[::1]:{served.port}/") == 200
        except aiohttp.ClientConnectorError:
            pytest.skip("no ::1 here")


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/api/fail", 500, "ValueError: out of paper"),
        ("/api/quit", 500, "SystemExit"),
        ("/api/nowhere", 404, ""),
        ("/", 200, ""),
    ],
)
async def test_failing_functions_leave_the_server_up(
    serve: Serve, path: str, status: int, said: str
) -> None:
    """A function that raises or exits answers 500, is told on stderr, and others are served."""
    async with serve() as served:
        assert await served.status("GET", path) == status
        assert await served.status("GET", "/api/echo/x") == 200
        assert said in served.log.getvalue()
        assert "bug in wfsim" not in served.log.getvalue()


async def test_headers_that_http_cannot_carry_are_told(serve: Serve) -> None:
    """A function's header with a line end becomes a 500, and stderr names it."""
    async with serve() as served:
        assert await served.status("GET", "/api/odd") == 500
    assert "odd: failed: ValueError: " in served.log.getvalue()


@pytest.mark.parametrize(
    ("status", "headers", "sent"),
    [
        (200, (), 200),
        (999, (), 999),
        (101, (), 500),
        (200, (("a b", "c"),), 500),
        (200, (("a", "b\r\nc: d"),), 500),
        (200, (("a", "\ud800"),), 500),
    ],
)
async def test_only_what_http_can_carry_is_sent(
    status: int, headers: tuple[tuple[str, str], ...], sent: int
) -> None:
    """A response that would break the connection is replaced by a 500 that says so."""
    assert written(Response(status=status, headers=headers), date="now").status == sent


async def test_the_connection_s_headers_are_the_server_s(serve: Serve) -> None:
    """What an app says of length and transfer does not go out; of its other headers all does."""
    own = (
        ("Content-Length", "7"),
        ("Connection", "close"),
        ("Set-Cookie", "a"),
        ("Set-Cookie", "b"),
    )
    answer = written(Response(status=200, headers=own, body=b"abc"), date="now")
    sent = [name for name, _ in answer.headers.items()]
    assert sent == ["Set-Cookie", "Set-Cookie", "Date", "Server"]


@pytest.mark.parametrize("auth", [False, True])
async def test_keys_are_asked_for_only_if_told_to(serve: Serve, auth: bool) -> None:
    """Functions ask for their keys under --auth, and never without."""
    async with serve(auth=auth) as served:
        assert await served.status("GET", "/api/key") == (401 if auth else 200)


async def test_verbose_has_a_line_for_each_request(serve: Serve) -> None:
    """--verbose says method, path and status of each request."""
    async with serve(noise="verbose") as served:
        await served.text("GET", "/api/echo/x?y=%1b")
    assert "GET /api/echo/x?y=%1B 200 " in served.log.getvalue()

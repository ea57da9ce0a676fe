"""Apps whose code really opens connections: to other servers, and to their own."""

from __future__ import annotations

import asyncio
import contextlib
import selectors
import signal
import socket
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.serve.conftest import START, Serve, Served, launch, wfsim_command
from tests.serve.networked import NETWORKED_APP
from wfsim.errors import UsageError
from wfsim.serve.clocks import GRACE_S

BUSY_S = 5
"""What is a second at most on an idle machine."""

pytestmark = pytest.mark.asyncio


@pytest.fixture
def small_app(tmp_path: Path) -> Path:
    """The folder of an app with a network, in place of the small one."""
    (tmp_path / "function_app.py").write_text(NETWORKED_APP, encoding="utf-8")
    return tmp_path


@dataclass(slots=True)
class Service:
    """Another service, which answers "good" to whoever asks, once it may."""

    url: str = ""
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    writers: list[asyncio.StreamWriter] = field(default_factory=list[asyncio.StreamWriter])

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        self.writers.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while asked := await reader.readuntil(b"\r\n\r\n"):
                self.asked.set()
                await self.may_answer.wait()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood")
                if b"Connection: close" in asked:
                    break
        writer.close()


@asynccontextmanager
async def other_service(*, is_ready: bool = True) -> AsyncGenerator[Service]:
    """Serve on a free port, for the length of the `async with`."""
    service = Service()
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0)
    service.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    if is_ready:
        service.may_answer.set()
    try:
        yield service
    finally:
        server.close()
        for writer in service.writers:
            writer.transport.abort()
        await asyncio.sleep(0)


async def ask(served: Served, url: str, way: str = "by_client", *, route: str = "ask") -> str:
    """Let the app ask a URL, and return what it says."""
    said = await served.text("POST", f"/api/{route}", json={"way": way, "url": url})
    return said.partition(".")[0].partition("+")[0] if " at " in said else said


async def start(served: Served, url: str, way: str = "by_client") -> Any:
    """Start an orchestration whose activity asks a URL."""
    return await served.json("POST", "/api/start/fetching", json={"way": way, "url": url})


def be_impatient(served: Served) -> None:
    """Let virtual time pass over a connection at once."""
    served.world.loop.patience_s = 0.0  # type: ignore[attr-defined]


GOOD = "good at 2000-01-01T00:00:00"
HELLO = "hello at 2000-01-01T00:00:00"
WAYS = ("by_client", "by_stream", "by_timeout", "by_thread")


@pytest.mark.parametrize("clock", ["auto", "virtual", "real"])
async def test_async_functions_reach_out(serve: Serve, clock: str) -> None:
    """An async HTTP function asks another service, and the app itself; virtual time stands."""
    async with other_service() as service, serve(clock=clock) as served:
        for way in WAYS:
            good = await ask(served, service.url, way)
            hello = await ask(served, served.at("/api/hello"), way)
            if clock == "real":
                good, hello = good[: -len("00")] + "00", hello[: -len("00")] + "00"
            assert (good, hello) == (GOOD, HELLO)


async def test_a_system_that_does_not_say_what_is_ready(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the selector of Windows, which nothing can watch, the app reaches out all the same."""
    monkeypatch.setattr(selectors, "DefaultSelector", selectors.SelectSelector)
    async with other_service() as service, serve() as served:
        assert await ask(served, service.url) == GOOD
        assert await ask(served, served.at("/api/hello")) == HELLO


@pytest.mark.parametrize("clock", ["auto", "real"])
async def test_async_activities_reach_out(serve: Serve, clock: str) -> None:
    """An async activity asks another service, and the app itself by the name localhost."""
    async with other_service() as service, serve(clock=clock) as served:
        for url, text in (
            (service.url, "good"),
            (f"http://localhost:{served.port}/api/hello", "hello"),
        ):
            for way in WAYS:
                status = await served.finished(await start(served, url, way))
                assert status["output"].startswith(f"{text} at 2000-01-01T00:00:0")


async def test_sync_code_with_a_loop_of_its_own_reaches_out(serve: Serve) -> None:
    """`asyncio.run` in a sync function may open connections, too."""
    async with serve() as served:
        port, answering = _threaded_service()
        url = f"http://127.0.0.1:{port}/"
        assert await ask(served, url, "by_client", route="ask_run") == GOOD
        answering.join()


def _threaded_service() -> tuple[int, threading.Thread]:
    """Serve one request beside this thread, which will be blocked."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        connection, _ = listener.accept()
        with listener, connection:
            connection.recv(10_000)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood")

    thread = threading.Thread(target=answer)
    thread.start()
    return listener.getsockname()[1], thread


@pytest.mark.parametrize("way", ["by_client", "by_stream"])
async def test_a_refused_connection_is_an_error_as_usual(serve: Serve, way: str) -> None:
    """Where nobody listens, the function gets the library's own error."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    async with serve() as served:
        said = await ask(served, url, way)
    assert said.startswith(("ConnectionRefusedError: ", "ClientConnectorError: "))


async def test_processes_stay_refused(serve: Serve) -> None:
    """What a server does not give back says so: processes, pipes and signals."""
    async with serve() as served:
        with pytest.raises(UsageError, match=r"called loop\.add_signal_handler"):
            served.world.loop.add_signal_handler(2, print)


async def test_blocking_on_itself_is_refused(serve: Serve) -> None:
    """A sync function that asks the app's own server gets an error that says why."""
    async with serve() as served:
        for host in ("localhost", "127.0.0.1"):
            url = f"http://{host}:{served.port}/api/hello"
            for route in ("ask_blocking", "ask_run"):
                said = await ask(served, url, route=route)
                assert "it runs in the one thread that would answer it" in said
        assert await ask(served, served.at("/api/hello")) == HELLO


async def test_auto_time_waits_for_a_connection(serve: Serve) -> None:
    """It does not jump to a one-hour timeout while the answer is awaited."""
    async with other_service(is_ready=False) as service, serve(clock="auto") as served:
        started = await start(served, service.url, "by_timeout")
        asking = asyncio.create_task(ask(served, service.url, "by_timeout"))
        await service.asked.wait()
        for _ in range(3):
            await asyncio.sleep(GRACE_S)
            now = await served.json("GET", "/admin/wfsim/now")
            assert now["now"].startswith("2000-01-01T00:00:00")
        service.may_answer.set()
        assert await asking == GOOD
        assert (await served.finished(started))["output"].startswith(GOOD)


async def test_auto_time_does_not_wait_for_ever(serve: Serve) -> None:
    """Once the patience is over it jumps, and the one-hour timeout comes."""
    async with other_service(is_ready=False) as service, serve(clock="auto") as served:
        be_impatient(served)
        started = await start(served, service.url, "by_timeout")
        status = await served.finished(started)
        assert status["output"] == "TimeoutError: "
        assert status["lastUpdatedTime"] == "2000-01-01T01:00:00Z"


async def test_idle_connections_move_no_time(serve: Serve) -> None:
    """The timers by which a pool keeps house are nothing that somebody waits for."""
    async with other_service() as service, serve(clock="auto") as served:
        assert await ask(served, service.url, "by_pool") == GOOD
        await asyncio.sleep(2 * GRACE_S)
        assert (await served.json("GET", "/admin/wfsim/now"))["now"].startswith(
            START.isoformat()[:19]
        )
        started = await served.json("POST", "/api/start/naps", json={})
        assert (await served.finished(started))["output"] == "slept"
        assert not served.world.loop.has_connections  # type: ignore[attr-defined]
        assert (await ask(served, "", "close_pool")).startswith("closed")


async def test_a_client_s_move_waits_for_a_connection(serve: Serve) -> None:
    """`advance` carries time on only after what the app asks outside has come."""
    async with other_service(is_ready=False) as service, serve(clock="virtual") as served:
        started = await start(served, service.url, "by_timeout")
        moving = asyncio.create_task(served.advance("2h"))
        await service.asked.wait()
        service.may_answer.set()
        assert (await moving)["now"].startswith("2000-01-01T02:00:00")
        status = await served.finished(started)
        assert status["output"].startswith(GOOD)


@pytest.mark.slow
async def test_a_signal_ends_it_with_connections_open(small_app: Path) -> None:
    """SIGTERM ends it cleanly while an activity waits for another service."""
    command = wfsim_command("serve", small_app, "--port", 0)
    async with (
        other_service(is_ready=False) as service,
        launch(*command) as server,
        aiohttp.ClientSession() as client,
    ):
        asked = {"way": "by_pool", "url": service.url}
        asking = asyncio.ensure_future(client.post(f"{server.url}/api/ask", json=asked))
        await service.asked.wait()
        code, took_s, errors = await server.end(signal.SIGTERM)
        await asyncio.gather(asking, return_exceptions=True)
    assert (code, errors) == (0, "")
    assert took_s < BUSY_S

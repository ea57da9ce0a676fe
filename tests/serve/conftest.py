"""Servers on free ports of 127.0.0.1: in this process, and as processes of their own."""

from __future__ import annotations

import asyncio
import io
import os
import re
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.serve.small import SMALL_APP
from wfsim.serve.clocks import make_clock
from wfsim.serve.command import open_world
from wfsim.serve.log import Log
from wfsim.serve.options import ClockName, Noise, ServeOptions
from wfsim.serve.server import Server
from wfsim.serve.sockets import address_of, bind
from wfsim.world import World

ROOT = Path(__file__).parents[2]
START = datetime(2000, 1, 1, tzinfo=UTC)
PATIENCE_S = 20
"""So long a test waits for what should come at once, on a machine that is busy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A server in this process, and a client of it."""

    server: Server
    world: World
    port: int
    client: aiohttp.ClientSession
    log: io.StringIO

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def at(self, path: str) -> str:
        """Return the URL of a path; a URL stays itself."""
        return f"{self.url}{path}" if path.startswith("/") else path

    async def text(self, method: str, path: str, **options: Any) -> str:
        async with self.client.request(method, self.at(path), **options) as response:
            return await response.text()

    async def json(self, method: str, path: str, **options: Any) -> Any:
        async with self.client.request(method, self.at(path), **options) as response:
            return await response.json()

    async def status(self, method: str, path: str, **options: Any) -> int:
        async with self.client.request(method, self.at(path), **options) as response:
            await response.read()
            return response.status

    async def advance(self, by: str) -> Any:
        return await self.json("POST", "/admin/wfsim/advance", json={"by": by})

    async def finished(self, started: Any) -> Any:
        """Ask for the status of a started orchestration until it has ended."""

        async def ended() -> Any:
            status = await self.json("GET", started["statusQueryGetUri"])
            return status if status["runtimeStatus"] not in {"Pending", "Running"} else None

        return await until(ended)


async def until(probe: Callable[[], Awaitable[Any]]) -> Any:
    """Ask again and again until the answer is something."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = await probe()
        if found:
            return found
        await asyncio.sleep(0)
    pytest.fail(f"{probe} did not come true in {PATIENCE_S}s")


Serve = Callable[..., AbstractAsyncContextManager[Served]]


@pytest.fixture
def small_app(tmp_path: Path) -> Path:
    """The folder of a small app."""
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "function_app.py").write_text(SMALL_APP, encoding="utf-8")
    (folder / "host.json").write_text('{"version": "2.0"}', encoding="utf-8")
    return folder


@pytest.fixture
def serve(small_app: Path) -> Serve:
    """Servers in this process, each for the length of an `async with`."""

    @asynccontextmanager
    async def serving(
        *,
        clock: ClockName = "virtual",
        noise: Noise = "normal",
        max_body: int = 1_000_000,
        **options: Any,
    ) -> AsyncGenerator[Served]:
        sockets = bind("localhost", 0)
        port = address_of(sockets[0])[1]
        defaults: dict[str, Any] = {"app": str(small_app), "start": START, "clock": clock}
        given = ServeOptions(**defaults | options)
        world = open_world(given, f"http://localhost:{port}")
        log = io.StringIO()
        server = Server(
            world,
            clock=make_clock(clock, start_us=world.clock.now_us),
            log=Log(noise, file=log),
            authorize=given.auth,
            max_body=max_body,
        )
        await server.start(sockets)
        connector = aiohttp.TCPConnector(limit=0)
        try:
            async with aiohttp.ClientSession(connector=connector) as client:
                yield Served(server=server, world=world, port=port, client=client, log=log)
        finally:
            await server.stop()
            world.close(check=False)

    return serving


# --- processes ----------------------------------------------------------------------------------


@dataclass(slots=True)
class Process:
    """A command that serves, from the outside."""

    process: asyncio.subprocess.Process
    lines: list[str] = field(default_factory=list[str])
    """What it has said on stdout so far."""
    listening: str = ""

    @property
    def url(self) -> str:
        found = re.search(r"http://\S+", self.listening)
        assert found is not None, self.lines
        return found[0]

    async def wait_for_line(self, part: str) -> str:
        """Read stdout until a line with `part` comes."""
        assert self.process.stdout is not None
        while True:
            read = self.process.stdout.readline()
            line = (await asyncio.wait_for(read, PATIENCE_S)).decode()
            if not line:
                _, errors = await self.process.communicate()
                pytest.fail(f"It ended without {part!r}: {self.lines} {errors.decode()}")
            self.lines.append(line.rstrip("\n"))
            if part in line:
                return self.lines[-1]

    async def end(self, number: int) -> tuple[int, float, str]:
        """Send a signal; return exit code, seconds until it had ended, and stderr."""
        began_s = time.monotonic()
        self.process.send_signal(number)
        _, errors = await asyncio.wait_for(self.process.communicate(), PATIENCE_S)
        assert self.process.returncode is not None
        return self.process.returncode, time.monotonic() - began_s, errors.decode()


Launch = Callable[..., AbstractAsyncContextManager[Process]]


@asynccontextmanager
async def launch(
    *command: object, cwd: Path = ROOT, env: dict[str, str] | None = None
) -> AsyncGenerator[Process]:
    """Start a command that serves, and wait until it listens; kill it at the end."""
    process = await asyncio.create_subprocess_exec(
        *map(str, command),
        cwd=cwd,
        env=environment() | (env or {}),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    started = Process(process)
    try:
        started.listening = await started.wait_for_line("Listening on ")
        yield started
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def environment() -> dict[str, str]:
    """Return the environment of a command that finds this wfsim from any folder."""
    clean = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "PORT"}}
    # An empty entry would be the folder of the app.
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return clean | {"PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}


def wfsim_command(*arguments: object) -> tuple[object, ...]:
    """Return the command line of `wfsim …`."""
    return (sys.executable, "-m", "wfsim", *arguments)

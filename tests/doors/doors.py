"""Two ways into an app: in memory, and over a socket with real HTTP clients."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

import aiohttp
from azure.durable_functions import DurableOrchestrationClient
from azure.durable_functions.models.utils import http_utils
from yarl import URL

from tests.webhooks.app import SETTINGS
from wfsim import Simulation
from wfsim.options import Options
from wfsim.serve.clocks import StillClock
from wfsim.serve.log import Log
from wfsim.serve.server import Server
from wfsim.serve.sockets import base_url, bind
from wfsim.world import World

__all__ = ["RPC", "WEBHOOKS", "Answer", "Door", "MemoryDoor", "SocketDoor"]

WEBHOOKS = "/runtime/webhooks/durabletask"
RPC = "/durabletask"
START = datetime(2000, 1, 1)

_T = TypeVar("_T")

# What a socket's server adds to the host's answer.
_TRANSPORT = {"content-length", "date", "server"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer, whichever door it came through; names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @classmethod
    def of(cls, status: int, headers: Any, body: bytes) -> Answer:
        """Return an answer without the headers that are about its way only."""
        kept = {name.lower(): value for name, value in headers if name.lower() not in _TRANSPORT}
        return cls(status=status, headers=kept, body=body)

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)


class Door(Protocol):
    """A way into the app; every method but `request` and `client` may be called at any time."""

    origin: str

    def request(
        self, method: str, path: str, *, body: str = "", kind: str = "application/json"
    ) -> Answer:
        """Send a request; paths without a slash are the extension's."""
        ...

    def wait_through(self, method: str, path: str, *, body: str = "") -> Answer:
        """Send a request and move time, second by second, until it is answered."""
        ...

    def client(self, base: str = RPC) -> Any:
        """Return the SDK's client, which talks to a base address of the extension."""
        ...

    def wait(self, work: Awaitable[_T]) -> _T:
        """Return what a call of the client returns."""
        ...

    def settle(self) -> None:
        """Let everything happen that can at this instant."""
        ...

    def advance(self, seconds: int) -> None:
        """Move virtual time."""
        ...

    def close(self) -> None:
        """Leave nothing behind."""
        ...


class MemoryDoor:
    """`sim.http` and `sim.client`."""

    def __init__(self, app: object) -> None:
        self.origin = "http://localhost:7071"
        self.sim = Simulation(app, start=START, settings=SETTINGS, findings="ignore")

    def request(
        self, method: str, path: str, *, body: str = "", kind: str = "application/json"
    ) -> Answer:
        """Send a request by `sim.http`."""
        headers = {"Content-Type": kind} if body else {}
        answer = self.sim.http.request(method, _path(path), body=body, headers=headers)
        return Answer.of(answer.status_code, answer.headers.pairs, answer.content)

    def wait_through(self, method: str, path: str, *, body: str = "") -> Answer:
        """Send a request; `sim.http` moves time itself."""
        return self.request(method, path, body=body)

    def client(self, base: str = RPC) -> Any:
        """Return `sim.client`, which has one address only."""
        return self.sim.client

    def wait(self, work: Awaitable[_T]) -> _T:
        """Return what a call of the client returns."""
        return self.sim.run_until_complete(work)

    def settle(self) -> None:
        """Let everything happen that can at this instant."""
        self.sim.run_until_idle()

    def advance(self, seconds: int) -> None:
        """Move virtual time."""
        self.sim.advance(f"{seconds}s")

    def close(self) -> None:
        """End the simulation."""
        self.sim.close(check=False)


class SocketDoor:
    """A server of the same app on a free port, its time standing still.

    Server and clients share one event loop, so that between two requests nothing happens that the
    test did not ask for.
    """

    def __init__(self, app: object) -> None:
        sockets = bind("127.0.0.1", 0)
        self.origin = base_url("127.0.0.1", sockets)
        self._world = World(app, _options(self.origin))
        self._server = Server(self._world, clock=StillClock(), log=Log("quiet", file=io.StringIO()))
        self._runner = asyncio.Runner()
        self._runner.run(self._server.start(sockets))
        self._session = self._runner.run(_session())

    def request(
        self, method: str, path: str, *, body: str = "", kind: str = "application/json"
    ) -> Answer:
        """Send a request by aiohttp, as it is."""
        return self._runner.run(self._send(method, path, body, kind))

    def wait_through(self, method: str, path: str, *, body: str = "") -> Answer:
        """Send a request, and move time by the control endpoint until it is answered."""

        async def both() -> Answer:
            sending = asyncio.create_task(self._send(method, path, body, "application/json"))
            while not sending.done():
                await self._advance(1)
            return await sending

        return self._runner.run(both())

    def client(self, base: str = RPC) -> Any:
        """Return a client with the SDK's own transport."""
        binding = json.loads(self._world.host.links.binding())
        binding["rpcBaseUrl"] = f"{self.origin}{base}/"
        return DurableOrchestrationClient(json.dumps(binding))

    def wait(self, work: Awaitable[_T]) -> _T:
        """Return what a call of the client returns."""

        async def awaited() -> _T:
            return await work

        return self._runner.run(awaited())

    def settle(self) -> None:
        """Let everything happen that can at this instant: whoever looks sees that."""
        assert self.request("GET", "/admin/wfsim/now").status == 200

    def advance(self, seconds: int) -> None:
        """Move virtual time by the control endpoint."""
        self._runner.run(self._advance(seconds))

    def close(self) -> None:
        """End clients and server."""
        self._runner.run(self._close())
        self._runner.close()
        self._world.close(check=False)

    async def _send(self, method: str, path: str, body: str, kind: str) -> Answer:
        url = URL(path if "://" in path else self.origin + _path(path), encoded=True)
        headers = {"Content-Type": kind} if body else {}
        sending = self._session.request(method, url, data=body.encode() or None, headers=headers)
        async with sending as answer:
            return Answer.of(answer.status, answer.headers.items(), await answer.read())

    async def _advance(self, seconds: int) -> None:
        body = json.dumps({"by": f"{seconds}s"})
        answer = await self._send("POST", "/admin/wfsim/advance", body, "application/json")
        assert answer.status == 200, answer.text

    async def _close(self) -> None:
        await self._session.close()
        # Newer SDKs keep one session for the whole process.
        close: Callable[[], Awaitable[None]] | None = getattr(http_utils, "_close_session", None)
        if close is not None:
            await close()
        await self._server.stop()


async def _session() -> aiohttp.ClientSession:
    # A proxy of the machine has nothing to do with what is on it.
    return aiohttp.ClientSession(trust_env=False, skip_auto_headers=("User-Agent", "Content-Type"))


def _path(path: str) -> str:
    return path if path.startswith("/") or "://" in path else f"{WEBHOOKS}/{path}"


def _options(origin: str) -> Options:
    return Options(
        start=START,
        findings="ignore",
        max_steps=1_000,
        settings=SETTINGS,
        base_url=origin,
    )

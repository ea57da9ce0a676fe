"""The server: aiohttp in front, the simulated host behind, one request after the other."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Sequence
from email.utils import format_datetime
from typing import Final

from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage
from yarl import URL

from wfsim.errors import WfsimError
from wfsim.serve.clocks import Pace
from wfsim.serve.control import Control
from wfsim.serve.driver import Driver
from wfsim.serve.log import Log
from wfsim.serve.messages import RefusedError, read_request, written
from wfsim.serve.options import MAX_BODY
from wfsim.serve.own import refusing_own
from wfsim.serve.sockets import address_of, listen
from wfsim.web import Response
from wfsim.world import World

__all__ = ["Server"]

_GOODBYE_S: Final = 0.1
"""So long connections may take to close at the end."""
_LINGERING_S: Final = 2
"""So long a client may go on sending what nobody wants, so that it reads why."""

_BAD_REQUEST: Final = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

_silent = logging.getLogger("wfsim.serve.aiohttp")
# Clients that leave in the middle, or talk nonsense, are nothing to be told of on stderr.
_silent.setLevel(logging.CRITICAL + 1)


class Server:
    """Serves one world.

    Args:
        world: The world; the server moves it, and leaves it open.
        clock: How virtual time passes.
        log: Where to tell what happens.
        authorize: Whether functions ask for their keys.
        max_body: The most bytes in a request's body.
    """

    def __init__(
        self,
        world: World,
        *,
        clock: Pace,
        log: Log,
        authorize: bool = False,
        max_body: int = MAX_BODY,
    ) -> None:
        self.driver = Driver(world, clock, log)
        self._world = world
        self._log = log
        self._authorize = authorize
        self._max_body = max_body
        self._authority = "localhost"
        self._control = Control(self.driver)
        self._http: web.Server | None = None
        self._listeners: list[asyncio.Server] = []
        self._driving: asyncio.Task[None] | None = None
        self._guards = contextlib.ExitStack()

    async def start(self, sockets: Sequence[socket.socket]) -> None:
        """Serve on bound sockets; when this returns, clients can connect.

        Raises:
            UsageError: somebody else listens there by now.
        """
        loop = asyncio.get_running_loop()
        self._authority = f"localhost:{address_of(sockets[0])[1]}"
        self._guards.enter_context(refusing_own(sockets))
        http = web.Server(self._handle, request_factory=_request)
        self._http = http
        self._driving = loop.create_task(self.driver.run(), name="driver")
        listen(sockets)
        for bound in sockets:
            self._listeners.append(
                await loop.create_server(lambda: _Connection(http, loop), sock=bound)
            )

    async def stop(self) -> None:
        """Stop serving; requests without an answer are cancelled."""
        for listener in self._listeners:
            listener.close()
        if self._driving is not None:
            self._driving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._driving
        if self._http is not None:
            self._http.pre_shutdown()
            await self._http.shutdown(_GOODBYE_S)
        self._guards.close()

    # --- one request ----------------------------------------------------------------------------

    async def _handle(self, received: web.BaseRequest) -> web.StreamResponse:
        began_s = time.monotonic()
        try:
            response = await self._answer(received)
            answer = written(response, date=self._date())
        except RefusedError as error:
            refusal = Response.of_json({"error": str(error)}, status=error.status)
            answer = written(refusal, date=self._date())
            answer.force_close()  # what follows on this connection may be the rest of the body
        except Exception as error:  # noqa: BLE001 - the last line of defence
            self._log.bug(f"answering {received.method} {received.raw_path}", error)
            text = f"This is a bug in wfsim, please report it: {type(error).__name__}: {error}"
            answer = written(Response.of_json({"error": text}, status=500), date=self._date())
        took_s = time.monotonic() - began_s
        self._log.request(received.method, received.raw_path, answer.status, took_s)
        return answer

    async def _answer(self, received: web.BaseRequest) -> Response:
        request = await read_request(received, authority=self._authority, max_body=self._max_body)
        route = self._control.route_of(request.path)
        if route is not None:
            return await self._control.answer(request, route)
        answer = self._world.host.answer(request, authorize=self._authorize)
        try:
            return await self.driver.submit(answer, f"{request.method} {request.path}")
        except WfsimError as error:
            self._log.problem(error)
            return Response.of_json({"error": str(error)}, status=500)

    def _date(self) -> str:
        return format_datetime(self._world.clock.now.replace(microsecond=0), usegmt=True)


class _Connection(web.RequestHandler):
    """aiohttp's side of one connection; what it fails to read is refused, not logged as a bug."""

    def __init__(self, manager: web.Server, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            manager,
            loop=loop,
            access_log=_silent,
            auto_decompress=False,
            lingering_time=_LINGERING_S,
            logger=_silent,
        )

    def data_received(self, data: bytes) -> None:
        """Take bytes of the connection."""
        try:
            super().data_received(data)
        except ValueError:
            # Some releases of aiohttp's parser let the errors of a target that is no URL through.
            if self.transport is not None:
                self.transport.write(_BAD_REQUEST)
                self.transport.close()


def _request(
    message: RawRequestMessage,
    payload: StreamReader,
    protocol: web.RequestHandler,
    writer: AbstractStreamWriter,
    task: asyncio.Task[None],
) -> web.BaseRequest:
    """Make a request as aiohttp does; the one that it fails on becomes one that is refused."""
    if message.url is None:  # pyright: ignore[reportUnnecessaryComparison]
        # A CONNECT without a target; `read_request` does not take an empty path.
        message = message._replace(path="", url=URL("/"))
    return web.BaseRequest(message, payload, protocol, writer, task, asyncio.get_running_loop())

"""Refuses what would wait for ever: sync code of the app that calls the app's own server."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import socket
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, cast

from wfsim.serve.loop import ServedLoop
from wfsim.serve.sockets import address_of

__all__ = ["refusing_own"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Served:
    """The addresses of a server, and the one thread that answers there."""

    addresses: frozenset[tuple[str, int]]
    thread: int

    def waits_for_itself(self, address: object) -> bool:
        """Whether this thread, blocked by connecting there, could never be answered."""
        if self.thread != threading.get_ident() or not isinstance(address, tuple):
            return False
        host, port = cast("tuple[object, ...]", address)[:2]
        if (host, port) in self.addresses:
            return True
        return any(port == own for _, own in self.addresses) and _is_loopback(str(host))


_all_served: Final[list[_Served]] = []
_NAMES: Final = ("connect", "connect_ex")


@contextmanager
def refusing_own(sockets: Sequence[socket.socket]) -> Generator[None]:
    """Refuse blocking connections from this thread, which alone could answer, to its own sockets.

    The caller sees a refused connection, whose text says what to do.
    """
    addresses = frozenset(address_of(item) for item in sockets)
    served = _Served(addresses=addresses, thread=threading.get_ident())
    if not _all_served:
        for name in _NAMES:
            setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
    _all_served.append(served)
    try:
        yield
    finally:
        _all_served.remove(served)
        if not _all_served:
            for name in _NAMES:
                setattr(socket.socket, name, getattr(socket.socket, name).__wrapped__)


def _guarded(connect: Callable[..., Any]) -> Callable[..., Any]:
    def guard(self: socket.socket, address: object, /) -> Any:  # noqa: ANN401
        is_to_block = self.gettimeout() != 0 or _is_in_sync_code()
        if is_to_block and any(one.waits_for_itself(address) for one in _all_served):
            raise ConnectionRefusedError(
                errno.ECONNREFUSED,
                "This function would wait for ever: it runs in the one thread that would "
                "answer it. Make it `async def` with an async client, or use context.call_http.",
            )
        return connect(self, address)

    guard.__wrapped__ = connect  # type: ignore[attr-defined]
    return guard


def _is_in_sync_code() -> bool:
    """Whether this is a coroutine that sync code waits for, by `asyncio.run`."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return True
    return isinstance(loop, ServedLoop) and loop.waits_alone


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

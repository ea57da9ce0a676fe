"""The sockets that a server listens on."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
from collections.abc import Sequence
from typing import Final

from wfsim.errors import UsageError

__all__ = ["address_of", "base_url", "bind", "close_all", "explain", "is_loopback", "listen"]

_LOCALHOST: Final = "localhost"
_LOOPBACK_4: Final = "127.0.0.1"
_LOOPBACK_6: Final = "::1"
_BACKLOG: Final = 1024
_TRIES: Final = 50
_MISSING: Final = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT}


def bind(host: str, port: int) -> list[socket.socket]:
    """Bind one socket for each address of a host; none listens yet.

    `localhost` is 127.0.0.1 and, where the machine has it, ::1: clients try both.

    Args:
        host: A name or address of this machine.
        port: 0 for a free one, the same on all addresses.

    Raises:
        UsageError: the port is taken or privileged, or the host is not here.
    """
    addresses = _addresses(host, port)
    for attempt in range(_TRIES):
        try:
            return _bind_all(addresses, port, may_lack=_LOOPBACK_6 if host == _LOCALHOST else "")
        except OSError as error:
            # A free port of one address may be taken on the other.
            if port == 0 and error.errno == errno.EADDRINUSE and attempt < _TRIES - 1:
                continue
            raise UsageError(explain(error, host, port)) from None
    raise AssertionError


def listen(sockets: Sequence[socket.socket]) -> None:
    """Let clients connect from now on.

    Raises:
        UsageError: somebody else was faster.
    """
    for bound in sockets:
        try:
            bound.listen(_BACKLOG)
        except OSError as error:
            raise UsageError(explain(error, *address_of(bound))) from None


def close_all(sockets: Sequence[socket.socket]) -> None:
    """Give the port back."""
    for bound in sockets:
        bound.close()


def explain(error: OSError, host: str, port: int) -> str:
    """Say in one line why there can be no server at a host and port."""
    if isinstance(error, socket.gaierror) or error.errno in _MISSING:
        return (
            f"{host!r} is no address of this machine. Leave --host out to listen on loopback, "
            "or give --host 0.0.0.0 for all addresses."
        )
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is in use. Stop what listens there, or choose another port "
            "(--port 0 picks a free one)."
        )
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"Port {port} needs privileges. Choose one from 1024 on, such as --port 7071."
    return f"Nothing can listen on {host}, port {port}: {error.strerror or error}."


def address_of(bound: socket.socket) -> tuple[str, int]:
    """Return host and port of a bound socket."""
    host, port = bound.getsockname()[:2]
    return str(host), int(port)


def is_loopback(sockets: Sequence[socket.socket]) -> bool:
    """Whether only this machine can reach the sockets."""
    return all(ipaddress.ip_address(address_of(item)[0]).is_loopback for item in sockets)


def base_url(host: str, sockets: Sequence[socket.socket]) -> str:
    """Return how clients on this machine best call the server."""
    address, port = address_of(sockets[0])
    if host == _LOCALHOST or ipaddress.ip_address(address).is_unspecified:
        return f"http://localhost:{port}"
    return f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"


def _addresses(host: str, port: int) -> list[tuple[socket.AddressFamily, str]]:
    if host == _LOCALHOST:
        return [(socket.AF_INET, _LOOPBACK_4), (socket.AF_INET6, _LOOPBACK_6)]
    if not host:
        raise UsageError("--host '' is no address. Give --host 0.0.0.0 to listen on all addresses.")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        known = error if isinstance(error, OSError) else socket.gaierror()
        raise UsageError(explain(known, host, port)) from None
    families = [(family, str(address[0])) for family, _, _, _, address in found]
    return list(dict.fromkeys(families))


def _bind_all(
    addresses: Sequence[tuple[socket.AddressFamily, str]], port: int, *, may_lack: str
) -> list[socket.socket]:
    bound: list[socket.socket] = []
    try:
        for family, address in addresses:
            try:
                item = _bind(family, address, port)
            except OSError as error:
                if address == may_lack and bound and error.errno in _MISSING:
                    continue
                raise
            bound.append(item)
            port = address_of(item)[1]
    except BaseException:
        close_all(bound)
        raise
    return bound


def _bind(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            # A port that a server left a moment ago is free; elsewhere the option means another
            # thing, and would let two servers share one port.
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.settimeout(0)
        made.bind((address, port))
    except BaseException:
        made.close()
        raise
    return made

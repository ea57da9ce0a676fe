"""What an event loop can do that a simulation cannot: reach out of the process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NoReturn

from wfsim.errors import UsageError

__all__ = ["REFUSED", "refusal"]

REFUSED: Final = (
    *("add_reader", "add_writer", "remove_reader", "remove_writer"),
    *("sock_recv", "sock_recv_into", "sock_recvfrom", "sock_recvfrom_into", "sock_sendall"),
    *("sock_sendto", "sock_connect", "sock_accept", "sock_sendfile"),
    *("create_connection", "create_server", "create_unix_connection", "create_unix_server"),
    *("create_datagram_endpoint", "connect_accepted_socket", "sendfile", "start_tls"),
    *("connect_read_pipe", "connect_write_pipe", "subprocess_exec", "subprocess_shell"),
    *("getaddrinfo", "getnameinfo", "add_signal_handler", "remove_signal_handler"),
)
"""Methods of an event loop that refuse."""


def refusal(name: str) -> Callable[..., NoReturn]:
    """Return the method that stands for `name` and says what the code tried."""

    def refuse(_loop: object, *args: object, **_: object) -> NoReturn:
        shown = ", ".join(repr(arg) for arg in args if isinstance(arg, str | int))
        raise UsageError(
            "The simulation has no network, processes, pipes or signals, "
            f"but the code called loop.{name}({shown}).\n"
            "Replace what calls it with a stub: an activity, an HTTP answer or a client."
        )

    refuse.__name__ = name
    refuse.__qualname__ = f"VirtualLoop.{name}"
    refuse.__doc__ = "Refuse: the simulation reaches nothing outside the process."
    return refuse

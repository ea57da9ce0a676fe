"""Where the durable client gets its HTTP functions from.

`DurableOrchestrationClient` takes them from its module when it is made, and keeps them in three
attributes. Everything else of the client is the SDK's own.
"""

from __future__ import annotations

import sys
from typing import Any, Final

from azure.durable_functions import DurableOrchestrationClient

from wfsim.workers.azure_functions.client.transport import Transport

__all__ = ["answering", "make_client"]

_MODULE: Final[Any] = sys.modules[DurableOrchestrationClient.__module__]
_NAMES: Final = ("post_async_request", "get_async_request", "delete_async_request")


class answering:  # noqa: N801 - used like a function
    """Give clients that are made meanwhile, by the SDK or by users, the transport in memory."""

    __slots__ = ("_kept", "_transport")

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def __enter__(self) -> None:
        """Do so from now on."""
        module = _MODULE
        self._kept = (
            module.post_async_request,
            module.get_async_request,
            module.delete_async_request,
        )
        _use(_senders(self._transport))

    def __exit__(self, *_: object) -> None:
        """Put back what was there."""
        _use(self._kept)


def _use(functions: tuple[Any, Any, Any]) -> None:
    module = _MODULE
    module.post_async_request, module.get_async_request, module.delete_async_request = functions


def make_client(binding: str, transport: Transport) -> DurableOrchestrationClient:
    """Return the SDK's client for a binding's JSON text."""
    client: Any = DurableOrchestrationClient(binding)
    for name, send in zip(_NAMES, _senders(transport), strict=True):
        setattr(client, f"_{name}", send)
    return client


def _senders(transport: Transport) -> tuple[Any, Any, Any]:
    return transport.post, transport.get, transport.delete

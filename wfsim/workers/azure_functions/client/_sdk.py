"""Where the durable client gets its HTTP functions from.

`DurableOrchestrationClient` takes them from its module when it is made, and keeps them in three
attributes. Everything else of the client is the SDK's own.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

from azure.durable_functions import DurableOrchestrationClient

from wfsim.workers.azure_functions.client.transport import Transport

__all__ = ["answering", "make_client"]

_MODULE: Final[Any] = sys.modules[DurableOrchestrationClient.__module__]
_NAMES: Final = ("post_async_request", "get_async_request", "delete_async_request")


@contextmanager
def answering(transport: Transport) -> Generator[None]:
    """Give clients that are made meanwhile, by the SDK or by users, the transport in memory."""
    kept = {name: getattr(_MODULE, name) for name in _NAMES}
    for name, send in zip(_NAMES, _senders(transport), strict=True):
        setattr(_MODULE, name, send)
    try:
        yield
    finally:
        for name, original in kept.items():
            setattr(_MODULE, name, original)


def make_client(binding: str, transport: Transport) -> DurableOrchestrationClient:
    """Return the SDK's client for a binding's JSON text."""
    client: Any = DurableOrchestrationClient(binding)
    for name, send in zip(_NAMES, _senders(transport), strict=True):
        setattr(client, f"_{name}", send)
    return client


def _senders(transport: Transport) -> tuple[Any, Any, Any]:
    return transport.post, transport.get, transport.delete

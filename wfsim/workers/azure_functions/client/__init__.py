"""The real durable client over memory instead of a socket."""

from __future__ import annotations

from wfsim.workers.azure_functions.client._sdk import answering, make_client
from wfsim.workers.azure_functions.client.transport import Transport

__all__ = ["Transport", "answering", "make_client"]

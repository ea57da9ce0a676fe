"""The durable extension's HTTP API over the task hub (semantics chapter 6)."""

from __future__ import annotations

from wfsim.workers.azure_functions.webhooks.links import Links
from wfsim.workers.azure_functions.webhooks.router import Webhooks

__all__ = ["Links", "Webhooks"]

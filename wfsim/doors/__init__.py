"""What a test asks of an app from outside: over HTTP, by a trigger, or of an entity."""

from __future__ import annotations

from wfsim.doors.agents import AgentHandle, AgentSession
from wfsim.doors.entities import EntityHandle
from wfsim.doors.functions import FunctionCall
from wfsim.doors.http import HttpDoor, HttpResponse

__all__ = [
    "AgentHandle",
    "AgentSession",
    "EntityHandle",
    "FunctionCall",
    "HttpDoor",
    "HttpResponse",
]

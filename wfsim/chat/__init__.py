"""Scripted models: chat clients of Agent Framework that say what a test wrote down."""

from __future__ import annotations

# Importing the views teaches `wfsim.snapshot` what requests to models say.
from wfsim.chat import views as _views  # noqa: F401 # pyright: ignore[reportUnusedImport]
from wfsim.chat.client import ScriptedChatClient
from wfsim.chat.load import load_script, turns_of
from wfsim.chat.play import play
from wfsim.chat.record import record
from wfsim.chat.request import ChatRequest
from wfsim.chat.rules import When
from wfsim.chat.script import Script, as_script
from wfsim.chat.turns import Fail, Reply, ToolCall, ToolCalls
from wfsim.errors import ScriptError

__all__ = [
    "ChatRequest",
    "Fail",
    "Reply",
    "Script",
    "ScriptError",
    "ScriptedChatClient",
    "ToolCall",
    "ToolCalls",
    "When",
    "as_script",
    "load_script",
    "play",
    "record",
    "turns_of",
]

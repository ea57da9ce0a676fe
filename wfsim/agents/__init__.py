"""Agents of Microsoft Agent Framework in simulated apps: who answers in their models' place.

Importing this package does not import the framework: apps without agents never do.
"""

# Importing the views teaches `wfsim.snapshot` what conversations say.
from wfsim.agents import views as _views  # noqa: F401 # pyright: ignore[reportUnusedImport]
from wfsim.agents.conversations import (
    Conversation,
    ConversationEntry,
    ConversationMessage,
    conversation_of,
)
from wfsim.agents.masking import AGENT_ENTITY_PREFIX, mask_agent_request
from wfsim.agents.scripts import AgentScripts, framework_modules

__all__ = [
    "AGENT_ENTITY_PREFIX",
    "AgentScripts",
    "Conversation",
    "ConversationEntry",
    "ConversationMessage",
    "conversation_of",
    "framework_modules",
    "mask_agent_request",
]

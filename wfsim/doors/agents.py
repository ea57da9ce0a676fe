"""Handles of agents: their sessions, and what was said in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from wfsim.agents import (
    AGENT_ENTITY_PREFIX,
    Conversation,
    ConversationEntry,
    ConversationMessage,
    conversation_of,
)
from wfsim.agents.views import conversations
from wfsim.doors.entities import EntityHandle
from wfsim.errors import UsageError, nearest
from wfsim.hub import entities
from wfsim.snapshot.rules import Rules
from wfsim.snapshot.view import Recorded, register

if TYPE_CHECKING:
    from wfsim.chat import ChatRequest
    from wfsim.world import World

__all__ = ["AgentHandle", "AgentSession"]


class AgentSession:
    """One session of a durable agent, whether anything was said in it or not."""

    def __init__(self, world: World, agent: str, session_id: str) -> None:
        self.agent = agent
        """The agent's name."""
        self.session_id = session_id
        self.entity = EntityHandle(world, f"{AGENT_ENTITY_PREFIX}{agent}", session_id)
        """The entity that holds the session."""

    def __repr__(self) -> str:
        said = len(self.messages)
        return f"<AgentSession {self.agent} {self.session_id!r}: {said} messages>"

    def __str__(self) -> str:
        return str(self.conversation)

    @property
    def exists(self) -> bool:
        """Whether the entity has a state that was saved."""
        return self.entity.exists

    @property
    def conversation(self) -> Conversation:
        """What the session remembers after the last request that ended; empty before the first."""
        return conversation_of(self.entity.state)

    @property
    def entries(self) -> tuple[ConversationEntry, ...]:
        """Requests and responses, oldest first."""
        return self.conversation.entries

    @property
    def messages(self) -> tuple[ConversationMessage, ...]:
        """Everything that was said, oldest first."""
        return self.conversation.messages


def _sessions(values: Sequence[AgentSession], rules: Rules) -> Recorded:
    """Return what a stable view shows of sessions: what was said in them."""
    return conversations([value.conversation for value in values], rules)


register(AgentSession)(_sessions)


class AgentHandle:
    """One durable agent of the app.

    Raises:
        UsageError: the app has no agent of that name.
    """

    def __init__(self, world: World, name: str) -> None:
        known = {
            item.removeprefix(AGENT_ENTITY_PREFIX).casefold(): item.removeprefix(
                AGENT_ENTITY_PREFIX
            )
            for item in world.app.names("entity")
            if item.startswith(AGENT_ENTITY_PREFIX)
        }
        if not isinstance(name, str) or name.casefold() not in known:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageError(
                f"The app {world.app.title} has no durable agent {name!r}."
                f"{nearest(str(name), known.values())}"
            )
        self._world = world
        self.name = known[name.casefold()]

    def __repr__(self) -> str:
        return f"<AgentHandle {self.name}: {len(self.sessions)} sessions>"

    def session(self, session_id: str) -> AgentSession:
        """Return a session by its id, the key of its entity; it need not exist yet.

        Raises:
            UsageError: the id is no text.
        """
        if not isinstance(session_id, str) or not session_id:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageError(f"A session's id is text, not {session_id!r}.")
        key = session_id
        parts = entities.parts_of(session_id)  # "@agent@key", as the framework writes it
        if parts is not None:
            key = parts[1]
        return AgentSession(self._world, self.name, key)

    @property
    def sessions(self) -> list[AgentSession]:
        """The sessions that exist, in the order in which they came into being."""
        name = f"{AGENT_ENTITY_PREFIX}{self.name}".lower()
        return [
            AgentSession(self._world, self.name, entity.key)
            for entity in self._world.hub.entities.values()
            if entity.exists and entity.name == name
        ]

    @property
    def requests(self) -> list[ChatRequest]:
        """What its script was asked so far; empty without a script."""
        script = self._world.agents.script_of(self.name)
        return [] if script is None else list(script.requests)

"""Who takes part in a run: keys, kinds and names of lanes, and which session an agent works in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from wfsim.report import agents
from wfsim.report.names import readable
from wfsim.trace import EntityOperated, EntityRequested, ModelAnswered, ModelAsked, Record

__all__ = ["LaneKind", "Sessions", "key_of", "kind_of", "label_of", "name_of"]

LaneKind = Literal["client", "function", "orchestration", "entity", "agent", "executor"]

_ENTITY: Final = "@"
_SESSION: Final = "@dafx-"


def kind_of(instance_id: str) -> LaneKind:
    """Return what an instance is by its id; only entities' ids begin with "@"."""
    if instance_id.startswith(_SESSION):
        return "agent"
    if instance_id.startswith(_ENTITY):
        return "entity"
    return "orchestration" if instance_id else "client"


def key_of(kind: LaneKind, identity: str) -> str:
    """Return a lane's key: an instance's id, or the name of what has none with its kind."""
    if kind == "function" or (kind == "agent" and not identity.startswith(_SESSION)):
        return f"{kind}:{identity}"
    return identity


def label_of(kind: LaneKind, identity: str) -> str:
    """Return what people call a lane."""
    if kind == "client":
        return "clients"
    return identity if kind == "function" else readable(identity)


def name_of(kind: LaneKind, identity: str) -> str:
    """Return the name of the code behind a lane, as far as its identity tells."""
    match kind:
        case "entity" | "agent":
            return identity.removeprefix(_SESSION).removeprefix(_ENTITY).partition("@")[0]
        case "function":
            return identity
        case _:
            return ""


@dataclass(slots=True)
class _AtWork:
    """The sessions of one entity's name that have something to do."""

    requests: dict[str, int] = field(default_factory=dict[str, int])
    idle: dict[str, None] = field(default_factory=dict[str, None])
    """Those whose model is not asked just now."""
    said: dict[str | None, dict[str, None]] = field(
        default_factory=dict[str | None, dict[str, None]]
    )
    """Those that have not asked their model yet, by the message that they are to answer."""
    messages: dict[str, str | None] = field(default_factory=dict[str, str | None])

    def add(self, session_id: str, message: str | None) -> None:
        self.requests[session_id] = self.requests.get(session_id, 0) + 1
        if self.requests[session_id] == 1:
            self.idle[session_id] = None
            self.messages[session_id] = message
            self.said.setdefault(message, {})[session_id] = None

    def begin(self, session_id: str) -> None:
        self.idle.pop(session_id, None)
        self._forget(session_id)

    def end(self, session_id: str) -> None:
        left = self.requests.pop(session_id, 0) - 1
        self._forget(session_id)
        if left > 0:
            self.requests[session_id] = left
        else:
            self.idle.pop(session_id, None)

    def _forget(self, session_id: str) -> None:
        message = self.messages.pop(session_id, None)
        self.said.get(message, {}).pop(session_id, None)


@dataclass(slots=True)
class Sessions:
    """Tells in which session an agent asks its model, so that it has one lane and not two.

    A request to a model names the agent only. It belongs to the session that is at work; where
    several are and their messages do not tell, or where none is, the agent gets a lane of its own.
    """

    _at_work: dict[str, _AtWork] = field(default_factory=dict[str, _AtWork], init=False)
    """By the name of their entity."""
    _asked: dict[tuple[str, int], str] = field(
        default_factory=dict[tuple[str, int], str], init=False
    )

    def follow(self, record: Record) -> None:
        """Take note of the next record."""
        match record:
            case EntityRequested() if agents.is_agent(record.instance_id, record.operation):
                name = name_of("agent", record.instance_id)
                self._at_work.setdefault(name, _AtWork()).add(
                    record.instance_id, agents.asked(record.input)
                )
            case EntityOperated() if agents.is_agent(record.instance_id, record.operation):
                named = self._at_work.get(name_of("agent", record.instance_id))
                if named is not None:
                    named.end(record.instance_id)
            case ModelAsked():
                session_id = self._session_of(record)
                self._asked[record.instance_id, record.number] = session_id or record.instance_id
                if session_id:
                    self._at_work[name_of("agent", session_id)].begin(session_id)
            case ModelAnswered():
                session_id = self.of(record)
                named = self._at_work.get(name_of("agent", session_id))
                if named is not None and session_id in named.requests:
                    named.idle[session_id] = None
            case _:
                pass

    def of(self, record: ModelAsked | ModelAnswered) -> str:
        """Return the session's id, or the agent's name where no session is known."""
        return self._asked.get((record.instance_id, record.number), record.instance_id)

    def _session_of(self, record: ModelAsked) -> str:
        agent = record.instance_id.lower()
        # A workflow's agents have its name in front of theirs.
        named = [
            at_work
            for name, at_work in self._at_work.items()
            if name == agent or name.endswith(f"-{agent}")
        ]
        idle = [at_work.idle for at_work in named if at_work.idle]
        if len(idle) == 1 and len(idle[0]) == 1:
            return next(iter(idle[0]))
        said = [said for at_work in named if (said := at_work.said.get(record.message))]
        return next(iter(said[0])) if len(said) == 1 and len(said[0]) == 1 else ""

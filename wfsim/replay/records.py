"""A recorded history, whatever it was read from, and what it cannot tell."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from wfsim.history import ExecutionStarted, HistoryEvent, RuntimeStatus

__all__ = ["Gap", "RecordedCheckpoint", "RecordedHistory", "Source", "Unreadable"]


class Gap(enum.Enum):
    """Something that a format does not keep; its value says so to people."""

    INPUTS = "the inputs of steps: the host does not store them by default"
    TURNS = "where its turns began: they were put together from the times of events"
    CHILD_IDS = "the instance ids of sub-orchestrations"
    PARENT = "the parent of the instance"
    RETRIES = "retry policies"
    WAITS = "which external events were waited for"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a history was read."""

    path: str
    """The file as it was named; for people, and for reports."""
    position: str = ""
    """Where in that file: "line 12", "row 3", "item 2"; empty for the whole file."""

    def __str__(self) -> str:
        return f"{self.path}, {self.position}" if self.position else self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedHistory:
    """One generation of one instance, in the events that the host stores (semantics 1.3).

    Events are in stored order and hold an `ExecutionStarted`; decisions have their numbers, and
    what answers them names these. Times between turns are those of `OrchestratorStarted` events,
    put together where `gaps` says so.
    """

    source: Source
    started: ExecutionStarted
    """The event of `events` with which the generation began."""
    events: tuple[HistoryEvent, ...]
    status: RuntimeStatus = RuntimeStatus.RUNNING
    """How the generation stands; `CONTINUED_AS_NEW` where another one followed."""
    gaps: frozenset[Gap] = frozenset()
    retries: Mapping[int, str] | None = None
    """By number of a first attempt: the retry policy it had, such as "3 x every 5000 ms"; None
    where the format keeps none."""
    waits: Mapping[int, tuple[str, ...]] | None = None
    """By turn, from 0: names of the external events that were waited for at its end; None where
    the format keeps none."""

    @property
    def name(self) -> str:
        """The orchestrator."""
        return self.started.name

    @property
    def instance_id(self) -> str:
        """Whose history it is."""
        return self.started.instance_id

    @property
    def is_over(self) -> bool:
        """Whether the generation has ended."""
        return self.status.is_final or self.status is RuntimeStatus.CONTINUED_AS_NEW


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCheckpoint:
    """A checkpoint that Agent Framework's `FileCheckpointStorage` has saved."""

    source: Source
    workflow: str
    """The workflow's name when it was saved."""
    checkpoint_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """Something that should have been a history and is none, or one that cannot be replayed."""

    source: Source
    why: str
    """What is wrong, and the way out, without the place."""
    instance_id: str = ""
    """Whose it is, where that can be told."""
    is_foreign: bool = False
    """Whether it is something else altogether, such as a README beside histories."""

"""What happened in a run, in order of time, as records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

__all__ = ["Answered", "Began", "Checkpointed", "Died", "Entry", "Happened"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """The framework was asked to run: with a message, from a checkpoint, or to go on."""

    order: int
    at_us: int
    leg: int
    """Counts the calls of the framework's `run` that make up this run, from 1."""
    message: Any = None
    checkpoint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """The framework told of something."""

    order: int
    at_us: int
    leg: int
    event: Any
    """Its `WorkflowEvent`."""
    aside: bool = False
    """Whether it happened in a task that a functional workflow's own code made, as by `gather`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A request was answered."""

    order: int
    at_us: int
    request_id: str
    value: Any
    by: str
    """"test", or what did it in the test's place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpointed:
    """A checkpoint was saved."""

    order: int
    at_us: int
    number: int
    checkpoint_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Died:
    """The process died, as the test wanted it to."""

    order: int
    at_us: int


Entry: TypeAlias = Began | Happened | Answered | Checkpointed | Died

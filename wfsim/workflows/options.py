"""The arguments of a simulation, checked."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from agent_framework import CheckpointStorage

from wfsim.choices import Choices, Schedule, seeded
from wfsim.errors import UsageError
from wfsim.hub.faults import Faults
from wfsim.workflows.checkpoints import CheckpointStore

__all__ = ["DEFAULT_MAX_STEPS", "Options"]

DEFAULT_MAX_STEPS: Final = 100_000
_METHODS: Final = (
    *("save", "load", "list_checkpoints", "delete", "get_latest", "list_checkpoint_ids"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The arguments of a simulation; see `WorkflowSimulation`.

    Raises:
        UsageError: one of them makes no sense.
    """

    start: datetime | None = None
    seed: int = 0
    schedule: Schedule | Literal["random"] | None = None
    freeze: bool = True
    max_steps: int = DEFAULT_MAX_STEPS
    storage: CheckpointStorage = field(default_factory=CheckpointStore)
    checkpoints: bool = True
    faults: Faults | None = None
    """How much may befall it; with none of it, streams may still be cut otherwise."""

    def __post_init__(self) -> None:
        if not _is_int(self.seed):
            raise UsageError(f"seed={self.seed!r} must be an int.")
        if not _is_int(self.max_steps) or self.max_steps < 1:
            raise UsageError(f"max_steps={self.max_steps!r} must be an int of at least 1.")
        for name in ("freeze", "checkpoints"):
            if not isinstance(getattr(self, name), bool):
                raise UsageError(f"{name}={getattr(self, name)!r} must be True or False.")
        if self.faults is not None and not isinstance(self.faults, Faults):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageError(f"faults={self.faults!r} must be a Faults or None.")
        if isinstance(self.schedule, str) and self.schedule != "random":
            raise UsageError(
                f"schedule={self.schedule!r} must be a list of answers, a function "
                '(about, options) -> index, or "random".'
            )
        missing = [name for name in _METHODS if not hasattr(self.storage, name)]
        if missing:
            raise UsageError(
                f"storage={self.storage!r} is no checkpoint storage: it has no {missing[0]}(). "
                "Leave it out for a CheckpointStore."
            )

    def choices(self) -> Choices:
        """Return what is asked for orders."""
        schedule = seeded(self.seed) if isinstance(self.schedule, str) else self.schedule
        return Choices(schedule)

    @property
    def explores(self) -> bool:
        """Whether orders are asked for; the empty list of answers is the quiet world."""
        schedule: Any = self.schedule
        return schedule is not None and not (isinstance(schedule, Sized) and len(schedule) == 0)


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)

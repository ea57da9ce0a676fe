"""The host's runtime statuses."""

from __future__ import annotations

import enum
from typing import Final

__all__ = ["RuntimeStatus"]


_FINAL: Final = frozenset({"Completed", "Failed", "Canceled", "Terminated"})


class RuntimeStatus(enum.StrEnum):
    """Status of an instance, by the name that the HTTP API and scenario files use.

    Equal to its text: `run.status == "Completed"` (semantics 6.1).
    """

    RUNNING = "Running"
    COMPLETED = "Completed"
    CONTINUED_AS_NEW = "ContinuedAsNew"
    FAILED = "Failed"
    CANCELED = "Canceled"
    TERMINATED = "Terminated"
    PENDING = "Pending"
    SUSPENDED = "Suspended"

    is_final: bool
    """Whether the instance has ended; set once per status, for each step asks."""

    def __init__(self, text: str) -> None:
        self.is_final = text in _FINAL

    @property
    def number(self) -> int:
        """The number that stands for it in a history."""
        return list(RuntimeStatus).index(self)

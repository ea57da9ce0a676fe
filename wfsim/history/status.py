"""The host's runtime statuses."""

from __future__ import annotations

import enum

__all__ = ["RuntimeStatus"]


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

    @property
    def number(self) -> int:
        """The number that stands for it in a history."""
        return list(RuntimeStatus).index(self)

    @property
    def is_final(self) -> bool:
        """Whether the instance has ended."""
        return self in _FINAL


_FINAL = frozenset(
    {
        RuntimeStatus.COMPLETED,
        RuntimeStatus.FAILED,
        RuntimeStatus.CANCELED,
        RuntimeStatus.TERMINATED,
    }
)

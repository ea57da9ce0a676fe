"""What a worker needs of whoever rules clocks and randomness."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

__all__ = ["Chance", "PassReads"]


class Chance(Protocol):
    """What the worker needs of whoever rules clocks and randomness."""

    @property
    def passes(self) -> int:
        """How many passes there were; decides what the next one draws."""
        ...

    def skip_passes(self, number: int) -> None:
        """Go on as if there had been so many more."""
        ...

    def orchestrator_pass(
        self, variant: int, *, is_watched: bool = True, may_draw: bool = True
    ) -> AbstractContextManager[PassReads]:
        """Run one pass of an orchestrator; other variants see other times and randomness.

        Args:
            variant: 0 sees the true time.
            is_watched: Whether anybody asks what it has read.
            may_draw: Whether it may draw at all; else the streams are left where they are.
        """
        ...


class PassReads(Protocol):
    """What a pass has read of the world."""

    touched: bool
    """Whether it read the clock or took randomness; may be set back."""

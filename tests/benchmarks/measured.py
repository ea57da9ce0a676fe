"""What one row of the table holds, and whether it reaches what is aimed at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["Measured", "Reading", "Unit"]

Unit = Literal["x the peer", "x the floor", "x", "/s", "ms", "MB"]
"""What an aim is meant in."""
_LEAST: Final = {"x the peer", "/s"}
"""Units of which more is better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a row's processes said.

    Args:
        ours: Seconds of wfsim; None where it cannot be measured here.
        other: Seconds of whom it is held against; None where there is nobody, or not here.
        megabytes: The process' largest size, where the row is about that.
    """

    ours: float | None
    other: float | None = None
    megabytes: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One row: what was measured, and the aim in its unit; None where there is no aim."""

    name: str
    unit: Unit
    aim: float | None
    ours: float | None
    other: float | None = None
    megabytes: float | None = None

    @property
    def is_more_better(self) -> bool:
        """Whether the aim is the least value, not the largest."""
        return self.unit in _LEAST

    @property
    def ratio(self) -> float | None:
        """How many times as fast as the other; where the aim is a limit, how many times as long."""
        if self.ours is None or self.other is None:
            return None
        return self.other / self.ours if self.is_more_better else self.ours / self.other

    @property
    def value(self) -> float | None:
        """What is held against the aim, in its unit; None where it could not be measured."""
        if self.ours is None or self.unit == "MB":
            return self.megabytes
        if self.unit == "/s":
            return 1 / self.ours
        return 1_000 * self.ours if self.unit == "ms" else self.ratio

    @property
    def is_reached(self) -> bool | None:
        """Whether the aim is reached; None where there is none, or no value."""
        if self.value is None or self.aim is None:
            return None
        return self.value >= self.aim if self.is_more_better else self.value <= self.aim

    @property
    def cost(self) -> float | None:
        """What a later run must not have more of: megabytes where the aim is, else seconds."""
        return self.megabytes if self.unit == "MB" else self.ours

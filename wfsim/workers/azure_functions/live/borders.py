"""At which turn borders a generation is replayed from its beginning."""

from __future__ import annotations

from typing import Final

__all__ = ["Borders"]

EVERY: Final = 100
"""Up to so many events every border is replayed."""
GROWTH: Final = 10
"""Beyond that, a border whose history is so many times as long as that of the last replay."""


class Borders:
    """Chooses borders: replaying each would take n² for a history of n events.

    Up to 100 events every border is replayed; then each time the history has grown tenfold, after a
    crash, and at the end of the generation or of the simulation. An orchestrator that decides
    otherwise at any step shows it in the next of these, as each compares all steps; one that does
    so only at a border that was skipped (since it looks at `is_replaying`, say) does not.

    Args:
        is_thorough: Whether every border is replayed however long the history is.
    """

    def __init__(self, *, is_thorough: bool) -> None:
        self._is_thorough = is_thorough
        self._last: dict[str, int] = {}
        self.replayed = 0
        self.skipped = 0

    def is_due(self, execution_id: str, length: int, *, is_last: bool) -> bool:
        """Whether a border is to be replayed, behind so many events; it counts as if it were."""
        last = self._last.get(execution_id, 0)
        is_due = (
            self._is_thorough or is_last or length <= EVERY or length >= GROWTH * max(last, EVERY)
        )
        if is_due:
            self._last[execution_id] = length
            self.replayed += 1
        else:
            self.skipped += 1
        return is_due

    def is_open(self, execution_id: str, length: int) -> bool:
        """Whether the border behind so many events was skipped."""
        return self._last.get(execution_id, length) < length

    def crashed(self, execution_id: str) -> None:
        """Replay the next border, whatever comes."""
        self._last[execution_id] = 0

    def forget(self, execution_id: str) -> None:
        """Drop what is remembered of a generation."""
        self._last.pop(execution_id, None)

"""At which turn borders a generation is replayed from its beginning."""

from __future__ import annotations

from collections import Counter
from typing import Final

__all__ = ["Borders"]

EVERY: Final = 100
"""Up to so many events every border is replayed."""
GROWTH: Final = 10
"""Beyond that, a border whose history is so many times as long as that of the last replay."""
FIRST: Final = 10
"""Of the generations of a self-contained orchestrator, so many are replayed at their ends."""
THEN: Final = 10
"""After that, one in so many."""


class Borders:
    """Chooses borders: replaying each would take n² for a history of n events.

    Up to 100 events every border is replayed; then each time the history has grown tenfold, after a
    crash, and at the end of the generation or of the simulation. An orchestrator that decides
    otherwise at any step shows it in the next of these, as each compares all steps; one that does
    so only at a border that was skipped (since it looks at `is_replaying`, say) does not.

    Where the orchestrator is self-contained no replay can differ, so there a replay only checks on
    the proof: after a crash, and at the ends of the first ten generations and of every tenth.

    Args:
        is_thorough: Whether every border is replayed however long the history is, unless that
            proof makes it needless.
        ends: Per self-contained orchestrator: how many ends there were before; goes on counting.
    """

    def __init__(self, *, is_thorough: bool, ends: Counter[str] | None = None) -> None:
        self._is_thorough = is_thorough
        self._last: dict[str, int] = {}
        self._ends = Counter[str]() if ends is None else ends
        self.replayed = 0
        self.skipped = 0
        self.proven = 0
        """Those that need no replay, since the orchestrator is self-contained; replays that check
        on that do not count."""

    def is_due(
        self, execution_id: str, length: int, *, is_last: bool, contained: str | None = None
    ) -> bool:
        """Whether a border is to be replayed, behind so many events; it counts as if it were.

        Args:
            execution_id: The generation.
            length: How many events.
            is_last: Whether no other comes.
            contained: The orchestrator's name, if it is self-contained.
        """
        if contained is not None:
            if not is_last and self._last.get(execution_id) != _CRASHED:
                self.proven += 1  # as at most borders of most orchestrators
                return False
            is_due = self._checks_on_proof(execution_id, contained)
        else:
            last = self._last.get(execution_id, 0)
            is_long = length > EVERY and length < GROWTH * max(last, EVERY)
            is_due = self._is_thorough or is_last or not is_long
        if is_due:
            self._last[execution_id] = length
        if contained is not None:
            self.proven += 1
        elif is_due:
            self.replayed += 1
        else:
            self.skipped += 1
        return is_due

    def _checks_on_proof(self, execution_id: str, name: str) -> bool:
        if self._last.get(execution_id) == _CRASHED:
            return True
        self._ends[name] += 1
        return self._ends[name] <= FIRST or self._ends[name] % THEN == 0

    def is_open(self, execution_id: str, length: int) -> bool:
        """Whether the border behind so many events was skipped."""
        return self._last.get(execution_id, 0) < length

    def crashed(self, execution_id: str) -> None:
        """Replay the next border, whatever comes."""
        self._last[execution_id] = _CRASHED

    def forget(self, execution_id: str) -> None:
        """Drop what is remembered of a generation."""
        self._last.pop(execution_id, None)


_CRASHED: Final = 0
"""No history is so short."""

"""Folds what repeats: a loop of a thousand turns reads as one turn and a count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wfsim.report.rows import Row

__all__ = ["Fold", "folded"]

_LONGEST_PERIOD = 6
_FEWEST = 4
"""Repetitions from which on folding shows more than it hides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Rows that were left out because they repeat the ones before."""

    rows: int
    times: int


def folded(rows: Sequence[Row]) -> Iterator[Row | Fold]:
    """Yield the rows; where a block of one instant repeats, it comes once, then a fold."""
    keys = [(row.at_us, row.instance_id, row.kind, row.text, row.payload) for row in rows]
    index = 0
    while index < len(rows):
        period, times = _repetition(keys, index)
        if times < _FEWEST:
            yield rows[index]
            index += 1
            continue
        yield from rows[index : index + period]
        yield Fold(rows=period, times=times - 1)
        index += period * times


def _repetition(keys: Sequence[object], index: int) -> tuple[int, int]:
    """Return the shortest block that begins here and repeats often, and how many times it does."""
    for period in range(1, _LONGEST_PERIOD + 1):
        block = keys[index : index + period]
        times = 1
        while keys[index + times * period : index + (times + 1) * period] == block:
            times += 1
        if times >= _FEWEST:
            return period, times
    return 1, 1

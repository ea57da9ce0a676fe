"""Folds what repeats: a loop of a thousand turns reads as one turn and a count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wfsim.report.row import Row

__all__ = ["Fold", "folded"]

_LONGEST_PERIOD = 12
_FEWEST = 4
"""Repetitions from which on folding shows more than it hides."""
_FEWEST_IN_TIME = 6
"""The same for loops that wait between their turns, whose payloads may differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Rows that were left out because they repeat the ones before."""

    rows: int
    times: int
    every_us: int
    """Virtual time from one turn to the next."""
    until_us: int
    """When the last row that was left out happened."""


def folded(rows: Sequence[Row]) -> Iterator[Row | Fold]:
    """Yield the rows; where a block repeats, it comes once, then a fold.

    Turns of one instant are the same to the letter; turns that come at a steady pace may differ
    in their payloads.
    """
    index = 0
    while index < len(rows):
        period, times = _repetition(rows, index)
        if times == 1:
            yield rows[index]
            index += 1
            continue
        yield from rows[index : index + period]
        every_us = rows[index + period].at_us - rows[index].at_us
        index += period * times
        until_us = rows[index - 1].at_us
        yield Fold(rows=period, times=times - 1, every_us=every_us, until_us=until_us)


def _repetition(rows: Sequence[Row], index: int) -> tuple[int, int]:
    """Return the shortest block that begins here and repeats often, and how many times it does."""
    for period in range(1, _LONGEST_PERIOD + 1):
        if index + period >= len(rows):
            break
        every_us = rows[index + period].at_us - rows[index].at_us
        end = index + period
        while end < len(rows) and _repeats(rows[end - period], rows[end], every_us):
            end += 1
        times = (end - index) // period
        if times >= (_FEWEST_IN_TIME if every_us else _FEWEST):
            return period, times
    return 1, 1


def _repeats(before: Row, after: Row, every_us: int) -> bool:
    if after.at_us - before.at_us != every_us:
        return False
    if before.instance_id != after.instance_id or before.kind != after.kind:
        return False
    if every_us == 0:
        return before.text == after.text and before.payload == after.payload
    # A timer's due time moves with the turn; its length is what repeats.
    return before.text.partition(", until ")[0] == after.text.partition(", until ")[0]

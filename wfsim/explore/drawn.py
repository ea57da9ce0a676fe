"""Schedules that hypothesis draws while a simulation runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hypothesis import note
from hypothesis import strategies as st

from wfsim.explore.words import Recorder, unparse

__all__ = ["DrawnSchedule", "drawn_schedules"]

_GAPS: Final = (0, 1, 2, 3, 0, 1, 0, 2, 0, 1, 4, 5, 7, 10, 20, 40)
"""How many choices lie between two deviations; most runs are short."""
_MORE: Final = 5
"""About so many deviations a schedule has, if the run does not end earlier."""
_RARER: Final = 3
"""So many times rarer than each other answer is the quiet one where a deviation was to come."""


class DrawnSchedule:
    """Answers choices of a simulation with what hypothesis draws; give it as `schedule=`.

    Only deviations from the quiet run are drawn, and how many choices lie between them: what
    hypothesis holds for the simplest example is then the one with the fewest deviations.

    Args:
        draw: Draws from a strategy.
        most: How many deviations there may be.
    """

    def __init__(self, draw: st.DrawFn, *, most: int) -> None:
        self._draw = draw
        self._left = most
        self._gap: int | None = None
        """Choices until the next deviation; None before anybody asks."""
        self._recorder = Recorder(self._answer)

    @property
    def words(self) -> str:
        """What went otherwise than in the quiet run so far, as a repro string."""
        return unparse(self._recorder.deviations)

    def __call__(self, about: str, options: Sequence[str]) -> int:
        """Return the index of the option to take."""
        picked = self._recorder(about, options)
        if picked:
            note(f"schedule: {self._recorder.deviations[-1]}")
        return picked

    def __repr__(self) -> str:
        return "schedules()"

    def _answer(self, about: str, options: Sequence[str]) -> int:
        del about
        if self._gap is None:
            self._draw_gap()
        if self._left == 0 or self._gap:
            self._gap = self._gap and self._gap - 1
            return 0
        self._left -= 1
        # A deviation may turn out quiet: to take one away, those behind it need not move.
        others = len(options) - 1
        answer = self._draw(st.integers(0, others * _RARER))
        self._draw_gap()
        return (answer - 1) % others + 1 if answer else 0

    def _draw_gap(self) -> None:
        if self._left and self._draw(st.integers(0, _MORE)):
            self._gap = self._draw(st.sampled_from(_GAPS))
        else:
            self._left = self._gap = 0


@st.composite
def drawn_schedules(draw: st.DrawFn, most: int) -> DrawnSchedule:
    """Draw a schedule with at most `most` deviations."""
    return DrawnSchedule(draw, most=most)

"""Which time code reads: that of the simulated world, or one aside that leaves no mark on it."""

from __future__ import annotations

from typing import Final, Protocol

from wfsim.clock import VirtualClock, current_stall, parse_duration
from wfsim.freeze.alarms import ring

__all__ = ["SHIFT_US", "MainView", "SideView", "View"]

SHIFT_US: Final = parse_duration("53d 11h 13m 7s 251ms 377us")
"""How far the clocks of a checking pass are off: every field of a date and time changes, the year
within the eight passes that an orchestrator which reads a clock is given."""


class View(Protocol):
    """A way to look at the clock."""

    def read_us(self) -> int:
        """Return the wall clock, in microseconds since 1970."""
        ...

    def monotonic_us(self) -> int:
        """Return the monotonic clock."""
        ...


class _Ticks:
    """Readings that rise by at least a microsecond: elapsed times are never zero."""

    __slots__ = ("_base_us", "last_us")

    def __init__(self) -> None:
        self._base_us = self.last_us = -1

    def read(self, base_us: int) -> int:
        if base_us < self._base_us:  # other code reads, which is not stalled
            self.last_us = base_us - 1
        self._base_us = base_us
        next_us = self.last_us + 1
        self.last_us = read_us = max(next_us, base_us)
        return read_us


def _ahead_us() -> int:
    stall = current_stall.get()
    return stall.us if stall is not None else 0


class MainView:
    """What activities and clients of the simulated app read."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._start_us = clock.start_us
        self._ticks = _Ticks()
        self.read_us = clock.read_us

    def monotonic_us(self) -> int:
        """Return the virtual time since the clock's start."""
        stall = current_stall.get()
        elapsed_us = self._clock.now_us - self._start_us
        return self._ticks.read(elapsed_us if stall is None else elapsed_us + stall.us)


class SideView:
    """What others read, without the simulated world noticing.

    An orchestrator reads in every replay, and pytest, loggers and the test read between the
    operations: if those reads counted, the timestamps of activities would depend on them.
    """

    def __init__(self, clock: VirtualClock, *, shift_us: int = 0) -> None:
        self._clock = clock
        self._shift_us = shift_us
        self._wall = _Ticks()
        self._monotonic = _Ticks()
        self.touched = False
        """Whether a clock was read."""

    @property
    def last_read_us(self) -> int:
        """The newest reading of the wall clock."""
        return self._wall.last_us

    def read_us(self) -> int:
        """Return the present instant, shifted."""
        self.touched = True
        ring("clock")
        return self._wall.read(self._clock.now_us + self._shift_us + _ahead_us())

    def monotonic_us(self) -> int:
        """Return the virtual time since the clock's start, shifted alike."""
        self.touched = True
        ring("clock")
        return self._monotonic.read(self._clock.elapsed_us + self._shift_us + _ahead_us())

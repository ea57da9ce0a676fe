"""Timers that are due at an exact microsecond."""

from __future__ import annotations

import asyncio
import heapq
import math
from asyncio import events
from collections.abc import Callable, Sequence
from contextvars import Context
from typing import Any, Final

from wfsim.clock import LATEST_US

__all__ = ["ENDLESS_US", "SECOND_US", "Timer", "delay_us", "has_come"]

SECOND_US: Final = 1_000_000
ENDLESS_US: Final = 2 * LATEST_US
"""Length of an endless delay; timers due after the end of virtual time never fire."""


class Timer(events.TimerHandle):
    """A timer that is due at an exact microsecond; of two due together, the older goes first."""

    __slots__ = ("order", "us")

    _scheduled: bool

    def __init__(
        self,
        when: float,
        callback: Callable[..., object],
        args: Sequence[Any],
        loop: asyncio.AbstractEventLoop,
        context: Context | None,
        *,
        us: int,
        order: int,
    ) -> None:
        super().__init__(when, callback, args, loop, context)
        self.us = us
        self.order = order

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Timer):
            return NotImplemented
        return (self.us, self.order) < (other.us, other.order)

    def push(self, scheduled: list[Timer]) -> None:
        """Put the timer into the loop's heap."""
        heapq.heappush(scheduled, self)
        self._scheduled = True

    @staticmethod
    def pop(scheduled: list[Timer]) -> Timer:
        """Take the earliest timer out of the loop's heap."""
        timer = heapq.heappop(scheduled)
        timer._scheduled = False  # noqa: SLF001
        return timer


def delay_us(delay: float) -> int:
    """Return a delay in seconds as whole microseconds."""
    if math.isnan(delay):
        raise ValueError("Invalid delay: NaN (not a number)")
    if math.isinf(delay):
        return ENDLESS_US if delay > 0 else 0
    # However short, a delay passes time; otherwise a loop that naps would turn at one instant.
    return max(1, round(delay * SECOND_US)) if delay > 0 else 0


def has_come(due_us: int | None, now_us: int) -> bool:
    """Return whether there is a timer and its time is now or has passed."""
    return due_us is not None and due_us <= now_us

"""Virtual time for scripted answers; outside a simulation it stands still."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from functools import lru_cache

from wfsim.clock import EPOCH, from_us, parse_duration
from wfsim.loop import VirtualLoop
from wfsim.loop.timers import SECOND_US

__all__ = ["Duration", "length_us", "now", "passes"]

Duration = timedelta | str
"""How long something takes: a timedelta, or text such as "3s"."""


def length_us(value: Duration | None, *, what: str) -> int:
    """Return a length of time in microseconds, 0 for none.

    Raises:
        UsageError: it is no length of time.
    """
    return 0 if value is None else parse_duration(value, what=what)


def now() -> datetime:
    """Return the present instant: of the running loop if it is virtual, else the epoch."""
    loop = asyncio.get_running_loop()
    return _instant(loop.now_us) if isinstance(loop, VirtualLoop) else EPOCH


@lru_cache(maxsize=8)  # much is asked and answered at one instant
def _instant(us: int) -> datetime:
    return from_us(us)


async def passes(us: int) -> None:
    """Let virtual time pass; on a real loop none does, so that no test ever waits."""
    if us and isinstance(asyncio.get_running_loop(), VirtualLoop):
        await asyncio.sleep(us / SECOND_US)

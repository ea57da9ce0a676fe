"""The wall clock as Python's C code sees it; the one module that touches time_machine.

time_machine replaces the C functions behind `datetime.now`, `time.time` and their kin, so every
reference to them shows the time of the newest traveller, as real `datetime` objects.
"""

# pyright: reportPrivateUsage=false
# tests/freeze/test_time_machine.py fails when a release moves one of the private names.

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final

from wfsim.clock import EPOCH
from wfsim.freeze.gun import real_names

with real_names():  # its C module keeps the `datetime` that it finds when it is imported
    import time_machine
    from time_machine import Traveller, travel

__all__ = ["WallClock", "travelling_us"]

_HAS_TIME_ZONES: Final = hasattr(time, "tzset")


def _stack() -> list[Traveller]:
    return time_machine.traveller_stack


class _Traveller(Traveller):
    """Shows the time that `read_us` returns, in UTC, as the hosts of Azure run."""

    def __init__(self, read_us: Callable[[], int]) -> None:
        super().__init__(0, "UTC", tick=False)
        self._read_us = read_us
        self.leaving = False

    def time_ns(self) -> int:
        return self._read_us() * 1000

    def _stop(self) -> None:
        # A user's `travel(...)` that began before the simulation may end inside it. It takes the
        # newest traveller off the stack, which is this one, so this one gives it its own.
        stack = _stack()
        users = next((t for t in reversed(stack) if not isinstance(t, _Traveller)), None)
        if self.leaving or users is None:
            super()._stop()
            return
        stack.append(self)
        _take_out(users)


def _take_out(traveller: Traveller) -> None:
    """Remove a traveller from the middle; the next one inherits the time zone to go back to."""
    stack = _stack()
    index = next(i for i, candidate in enumerate(stack) if candidate is traveller)
    del stack[index]
    if _HAS_TIME_ZONES and traveller._destination_tzname is not None:
        for later in stack[index:]:
            if later._destination_tzname is not None:
                later._orig_tz = traveller._orig_tz
                return
        traveller._stop()


class WallClock:
    """Shows virtual time as the wall clock, for as long as it is started."""

    def __init__(self, read_us: Callable[[], int]) -> None:
        self._traveller = _Traveller(read_us)
        self._travel = travel(EPOCH, tick=False)

    @property
    def _started(self) -> bool:
        return any(candidate is self._traveller for candidate in _stack())

    def start(self) -> None:
        """Show virtual time from now on."""
        with real_names():
            started = self._travel.start()
        if _HAS_TIME_ZONES:
            self._traveller._orig_tz = started._orig_tz
        _stack()[-1] = self._traveller

    def stop(self) -> None:
        """Show again what was shown before; other clocks may have started and stopped meanwhile."""
        if not self._started:
            return
        self._traveller.leaving = True
        if _stack()[-1] is not self._traveller:
            _take_out(self._traveller)
            if _HAS_TIME_ZONES:
                self._traveller._orig_tz = os.environ.get("TZ")
            _stack().append(self._traveller)
        with real_names():
            self._travel.stop()

    def on_top(self) -> AbstractContextManager[None]:
        """Show this clock meanwhile, whatever was started since."""
        return _OnTop(self._traveller)


class _OnTop:
    """One traveller above all others."""

    __slots__ = ("_is_needed", "_traveller", "_zone")

    def __init__(self, traveller: _Traveller) -> None:
        self._traveller = traveller

    def __enter__(self) -> None:
        stack, zone = _stack(), os.environ.get("TZ")
        self._is_needed = not (stack and stack[-1] is self._traveller and zone == "UTC")
        if self._is_needed:
            stack.append(self._traveller)
            self._zone = zone
            _set_zone("UTC")

    def __exit__(self, *_: object) -> None:
        if not self._is_needed:
            return
        _set_zone(self._zone)
        stack = _stack()
        for index in reversed(range(len(stack))):
            if stack[index] is self._traveller:
                del stack[index]
                break


def _set_zone(zone: str | None) -> None:
    if not _HAS_TIME_ZONES or os.environ.get("TZ") == zone:
        return
    if zone is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = zone
    time.tzset()


def travelling_us() -> int | None:
    """Return the time to which a user's own time_machine has travelled."""
    stack = _stack()
    if not stack or isinstance(stack[-1], _Traveller):
        return None
    return stack[-1].time_ns() // 1000

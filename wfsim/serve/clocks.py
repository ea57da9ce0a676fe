"""The clocks of a server: how virtual time follows the real one, or does not."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar, Final, Protocol

from wfsim.serve.options import ClockName

__all__ = ["GRACE_S", "AutoClock", "Outlook", "Pace", "RealClock", "StillClock", "make_clock"]

GRACE_S: Final = 0.1
"""How long the auto clock waits for another request before it jumps."""
_PATIENCE: Final = 5
"""After so many times the grace it jumps although requests keep coming: one of them may be a
client that asks without pause whether the run has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a clock decides by."""

    next_us: int | None
    """When something happens next, schedules of timer triggers included."""
    next_work_us: int | None
    """When something happens next, without those schedules."""
    is_waited_for: bool
    """Whether an open request sleeps in virtual time."""
    quiet_s: float
    """Real seconds since a request last changed anything."""
    unmoved_s: float
    """Real seconds since a request first changed something that time has not moved after."""
    network_left_s: float
    """For how many real seconds still the app's own connections are waited for."""


class Pace(Protocol):
    """A clock: where virtual time should be."""

    name: ClassVar[ClockName]
    """What users call it."""

    def target_us(self, outlook: Outlook) -> int | None:
        """Return the instant to which virtual time should move now, None to stay."""
        ...

    def wait_s(self, outlook: Outlook) -> float | None:
        """Return after how many real seconds to look again, None if only after a request."""
        ...


class RealClock:
    """Virtual time goes as the machine's does.

    Args:
        start_us: What virtual time it is now.
    """

    name: ClassVar[ClockName] = "real"

    def __init__(self, start_us: int) -> None:
        self._offset_us = start_us - _machine_us()

    def target_us(self, outlook: Outlook) -> int:  # noqa: ARG002
        """Return the present."""
        return self._offset_us + _machine_us()

    def wait_s(self, outlook: Outlook) -> float | None:
        """Wait for the next thing that is due."""
        if outlook.next_us is None:
            return None
        return max(0, outlook.next_us - self.target_us(outlook)) / 1_000_000


class StillClock:
    """Virtual time stands still until a client moves it."""

    name: ClassVar[ClockName] = "virtual"

    def target_us(self, outlook: Outlook) -> None:  # noqa: ARG002
        """Stay."""
        return

    def wait_s(self, outlook: Outlook) -> None:  # noqa: ARG002
        """Wait for a client."""
        return


class AutoClock:
    """Virtual time jumps to the next thing that is due, once nobody has asked for a moment.

    An open request that sleeps is somebody who waits for time to pass, so it jumps at once then.
    It never jumps while the app waits for a connection: what comes by it takes real time, and the
    timeout of who waits for it is in virtual time.
    Schedules of timer triggers never make it jump: they have no end.

    Args:
        grace_s: How long the moment is.
    """

    name: ClassVar[ClockName] = "auto"

    def __init__(self, grace_s: float = GRACE_S) -> None:
        self._grace_s = grace_s

    def target_us(self, outlook: Outlook) -> int | None:
        """Return the next instant, if the moment is over."""
        return outlook.next_work_us if self._left_s(outlook) <= 0 else None

    def wait_s(self, outlook: Outlook) -> float | None:
        """Wait for the rest of the moment."""
        return None if outlook.next_work_us is None else max(0.0, self._left_s(outlook))

    def _left_s(self, outlook: Outlook) -> float:
        if outlook.network_left_s > 0:
            return outlook.network_left_s
        if outlook.is_waited_for:
            return 0.0
        quiet_s = self._grace_s - outlook.quiet_s
        return min(quiet_s, _PATIENCE * self._grace_s - outlook.unmoved_s)


def make_clock(name: ClockName, *, start_us: int) -> Pace:
    """Return the clock of that name, started."""
    match name:
        case "real":
            return RealClock(start_us)
        case "virtual":
            return StillClock()
        case "auto":
            return AutoClock()


def _machine_us() -> int:
    return time.monotonic_ns() // 1_000

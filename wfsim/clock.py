"""Virtual time: integer microseconds, moved by the simulation only.

Sums of floats drift and compare unequal, so an instant is the integer number of microseconds
since 1970. `datetime` appears at the edges only, and always as the real class, also while a user's
freezegun has replaced the name `datetime` in every module.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Final, Protocol

from wfsim.errors import UsageError, nearest

__all__ = [
    "EPOCH",
    "LATEST_US",
    "Stall",
    "StalledTime",
    "TimeSource",
    "VirtualClock",
    "current_stall",
    "format_duration",
    "from_us",
    "iso",
    "parse_duration",
    "parse_when",
    "to_us",
]

_MICROSECOND: Final = timedelta(microseconds=1)


def _real_1970() -> datetime:
    # freezegun may be active while this module is imported; the real class is a base of its fake.
    real: type[datetime] = next(k for k in datetime.__mro__ if k.__module__ == "datetime")
    return real(1970, 1, 1, tzinfo=UTC)


_UNIX: Final = _real_1970()


def to_us(instant: datetime) -> int:
    """Return `instant` in microseconds since 1970, exactly; a naive one is taken as UTC."""
    aware = instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
    return (aware - _UNIX) // _MICROSECOND


def from_us(us: int) -> datetime:
    """Return the instant as a real, aware UTC `datetime`.

    Raises:
        UsageError: The instant lies outside the years 1 to 9999.
    """
    try:
        return _UNIX + timedelta(microseconds=us)
    except OverflowError:
        raise UsageError(
            f"Virtual time ends with the year 9999, but {us!r} us since 1970 lies beyond. "
            "Use shorter timers, or an earlier start."
        ) from None


@lru_cache(maxsize=4096)  # much happens at one instant
def iso(us: int) -> str:
    """Write an instant as the host does: .NET round-trip form with trailing zeros trimmed."""
    text = from_us(us).replace(tzinfo=None).isoformat()
    return f"{text.rstrip('0')}Z" if "." in text else f"{text}Z"


EPOCH: Final = from_us(to_us(datetime(2000, 1, 1, tzinfo=UTC)))
"""Where simulations start by default: a date that nobody mistakes for today."""

LATEST_US: Final = to_us(datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))
"""The end of virtual time: the last instant that a `datetime` can hold."""

_LONGEST_US: Final = LATEST_US - to_us(datetime(1, 1, 1, tzinfo=UTC))

_UNITS: Final = {
    "w": 604_800_000_000,
    "d": 86_400_000_000,
    "h": 3_600_000_000,
    "m": 60_000_000,
    "s": 1_000_000,
    "ms": 1_000,
    "us": 1,
}
_WORDS: Final = {
    "week": "w",
    "day": "d",
    "hour": "h",
    "hr": "h",
    "minute": "m",
    "min": "m",
    "second": "s",
    "sec": "s",
    "millisecond": "ms",
    "microsecond": "us",
    "µ": "us",
}
_UNIT_NAMES: Final = {
    **{unit: unit for unit in _UNITS},
    **_WORDS,
    **{f"{word}s": unit for word, unit in _WORDS.items()},
}
_PART: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([^\W\d_]*)")


def parse_duration(value: timedelta | str | float, *, what: str = "duration") -> int:
    """Return a length of time in microseconds.

    Args:
        value: A timedelta, or text such as "24h", "1h30m", "2d 4h", "250ms", "0".
        what: How the caller names the value, for the error text.

    Raises:
        UsageError: The value has no unit, an unknown one, or is negative, endless or too fine.
    """
    if isinstance(value, timedelta):
        us = value // _MICROSECOND
    elif isinstance(value, str):
        us = _parse_text(value, what)
    else:
        us = _parse_number(value, what)
    if us < 0:
        raise UsageError(
            f"Virtual time only moves forward, but the {what} is {value!r}. "
            "Give a length of time that is not negative."
        )
    if us > _LONGEST_US:
        raise UsageError(
            f"Virtual time ends with the year 9999, but the {what} is {value!r}. Shorten it."
        )
    return us


def _parse_number(value: object, what: str) -> int:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if value == 0:
            return 0
        if math.isfinite(value):
            raise UsageError(
                f"A plain number has no unit, but the {what} is {value!r}. "
                f"Write '{value}s' for seconds, or give a timedelta."
            )
    raise UsageError(
        f"A length of time is a timedelta or text such as '24h', but the {what} is {value!r}."
    )


@lru_cache(maxsize=1024)
def _parse_text(text: str, what: str) -> int:
    stripped = text.strip()
    if stripped == "0":
        return 0
    if stripped.startswith("-"):
        return -1  # the caller words the refusal
    total, position = Fraction(0), 0
    while position < len(stripped):
        part = _PART.match(stripped, position)
        if part is None:
            break
        total += Fraction(part[1]) * _unit_us(part[2], text, what)
        position = part.end()
    if not stripped or position < len(stripped):
        raise UsageError(
            "A length of time is written as '24h', '1h 30m' or '250ms', "
            f"but the {what} is {text!r}."
        )
    if total.denominator != 1:
        raise UsageError(
            f"Virtual time is counted in microseconds, but the {what} is {text!r}. Round it."
        )
    return int(total)


def _unit_us(unit: str, text: str, what: str) -> int:
    if not unit:
        raise UsageError(
            f"Every number of a length of time needs a unit, but the {what} is {text!r}. "
            "Write for example '30s' or '1h 30m'."
        )
    known = _UNIT_NAMES.get(unit) or _UNIT_NAMES.get(unit.lower())
    if known is None:
        raise UsageError(
            f"There is no unit of time {unit!r} in the {what} {text!r}.{nearest(unit, _UNIT_NAMES)}"
        )
    return _UNITS[known]


def format_duration(us: int) -> str:
    """Write a length of time as short exact text that `parse_duration` reads: "1d 2h", "250ms"."""
    if us < 0:
        return f"-{format_duration(-us)}"
    parts: list[str] = []
    rest = us
    for unit in ("d", "h", "m"):
        count, rest = divmod(rest, _UNITS[unit])
        if count:
            parts.append(f"{count}{unit}")
    if rest or not parts:
        parts.append(_format_seconds(rest))
    return " ".join(parts)


def _format_seconds(us: int) -> str:
    # 250ms reads better than 0.25s, and 1.5s better than 1500ms.
    unit = "s" if us >= _UNITS["s"] or us == 0 else "ms" if us >= _UNITS["ms"] else "us"
    whole, part = divmod(us, _UNITS[unit])
    digits = f"{part:0{len(str(_UNITS[unit])) - 1}}".rstrip("0") if part else ""
    return f"{whole}.{digits}{unit}" if digits else f"{whole}{unit}"


class TimeSource(Protocol):
    """What a loop needs of time: read it, and jump forward to an instant."""

    @property
    def now_us(self) -> int:
        """The present instant."""
        ...

    def move_to(self, us: int) -> None:
        """Make `us` the present instant."""
        ...


@dataclass(slots=True)
class Stall:
    """How far one activity that sleeps synchronously is ahead of the rest of the world.

    `time.sleep(5)` in a sync activity must not move the virtual world, in which other work is due
    meanwhile; it makes this activity's own clock and its completion five seconds later.
    """

    us: int = 0
    last_us: int = field(default=-1, repr=False, compare=False)
    """The newest timestamp handed to the stalled code."""


current_stall: ContextVar[Stall | None] = ContextVar("wfsim_stall", default=None)
"""The stall of the activity that is running, if one is."""


class VirtualClock:
    """The one clock of a simulation.

    Args:
        start: The first instant; a naive one is taken as UTC. Default: `EPOCH`.
    """

    __slots__ = ("_callbacks", "_handed_out", "_last_read_us", "_start_us", "now_us")

    def __init__(self, start: datetime | None = None) -> None:
        if start is not None and not isinstance(start, datetime):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageError(f"A simulation starts at a datetime, but start is {start!r}.")
        self._start_us = to_us(start or EPOCH)
        self.now_us = self._start_us
        """The present instant, in microseconds since 1970; `move_to` is the only one to set it."""
        self._last_read_us = self._start_us - 1
        self._handed_out: set[int] = set()
        self._callbacks: list[Callable[[int], None]] = []

    def __repr__(self) -> str:
        return f"VirtualClock({iso(self.now_us)})"

    @property
    def start_us(self) -> int:
        """The first instant, in microseconds since 1970."""
        return self._start_us

    @property
    def now(self) -> datetime:
        """The present instant as a real, aware UTC `datetime`."""
        return from_us(self.now_us)

    @property
    def elapsed_us(self) -> int:
        """Virtual time since the start."""
        return self.now_us - self._start_us

    def move_to(self, us: int) -> None:
        """Make `us` the present instant and tell the subscribers.

        Raises:
            UsageError: The instant lies in the past, or beyond the year 9999.
        """
        if us == self.now_us:
            return
        if us < self.now_us:
            raise UsageError(
                f"Virtual time never runs backwards: it is {iso(self.now_us)}, "
                f"and {iso(us)} has passed.\n"
                "Give a later instant, or start another simulation at that time."
            )
        if us > LATEST_US:
            from_us(us)  # raises
        self.now_us = us
        if self._handed_out:
            self._handed_out = {read for read in self._handed_out if read >= us}
        for callback in tuple(self._callbacks):
            callback(us)

    def subscribe(self, callback: Callable[[int], None]) -> Callable[[], None]:
        """Call `callback` with the new instant after every move; the result unsubscribes it."""
        self._callbacks.append(callback)

        def unsubscribe() -> None:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

        return unsubscribe

    def read_us(self) -> int:
        """Return the present instant as user code sees it; no two reads are equal.

        The first read of an instant is exact, each further one a microsecond later, so sorting by
        timestamp and `max(..., key=timestamp)` are never ambiguous. Code that is stalled reads its
        own, later time and leaves the time of everybody else alone.
        """
        stall = current_stall.get()
        if stall is not None and stall.us:
            return self._read_stalled(stall)
        read = max(self.now_us, self._last_read_us + 1)
        while read in self._handed_out:
            read += 1
        self._last_read_us = read
        return read

    def _read_stalled(self, stall: Stall) -> int:
        read = max(self.now_us + stall.us, stall.last_us + 1, self._last_read_us + 1)
        while read in self._handed_out:
            read += 1
        self._handed_out.add(read)
        stall.last_us = read
        return read


class StalledTime:
    """The time source of a loop inside a sync activity: its sleeping stalls the activity only."""

    __slots__ = ("_clock", "stall")

    def __init__(self, clock: TimeSource, stall: Stall) -> None:
        self._clock = clock
        self.stall = stall

    @property
    def now_us(self) -> int:
        """The present instant of the stalled activity."""
        return self._clock.now_us + self.stall.us

    def move_to(self, us: int) -> None:
        """Stall the activity until `us`."""
        self.stall.us = us - self._clock.now_us


def parse_when(
    value: datetime | timedelta | str,
    clock: VirtualClock,
    *,
    what: str = "time",
    since_us: int | None = None,
) -> int:
    """Return an instant in microseconds since 1970, given as such or as a length of time.

    Args:
        value: A datetime (naive: UTC), its ISO text, a timedelta, or text such as "2h".
        clock: A length of time counts from its present instant.
        what: How the caller names the value, for the error text.
        since_us: Where a length of time counts from instead, such as the start of a scenario.

    Raises:
        UsageError: The value is neither an instant nor a length of time.
    """
    if isinstance(value, datetime):
        return to_us(value)
    if isinstance(value, str) and re.match(r"\s*\d{4}-", value):
        try:
            return to_us(datetime.fromisoformat(value.strip()))
        except ValueError as error:
            raise UsageError(
                f"An instant is written as '2000-01-31T12:00:00Z', but the {what} is {value!r} "
                f"({error})."
            ) from None
    origin_us = clock.now_us if since_us is None else since_us
    return origin_us + parse_duration(value, what=what)

"""What a server is told, and how the words of a command line are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from wfsim.clock import to_us
from wfsim.errors import UsageError, nearest

__all__ = [
    "CLOCKS",
    "DEFAULT_PORT",
    "MAX_BODY",
    "ClockName",
    "Noise",
    "ServeOptions",
    "parse_clock",
    "parse_port",
    "parse_start",
]

ClockName = Literal["real", "virtual", "auto"]
Noise = Literal["quiet", "normal", "verbose"]

CLOCKS: Final[tuple[ClockName, ...]] = get_args(ClockName)
DEFAULT_PORT: Final = 7071
MAX_BODY: Final = 104_857_600
"""The most bytes in a request's body, as the Functions host has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """The arguments of `wfsim serve`."""

    app: str = "."
    port: int = DEFAULT_PORT
    """0 picks a free one."""
    host: str = "localhost"
    """An address or name of this machine; "localhost" is both loopback addresses."""
    clock: ClockName = "real"
    start: datetime | None = None
    """First instant of virtual time; None is the machine's present."""
    auth: bool = False
    """Whether functions ask for their keys."""
    seed: int = 0
    timer_triggers: bool = True
    """Whether timer triggers fire by their schedule."""
    allow_network: tuple[str, ...] = ()
    """Patterns of URLs that durable HTTP may really call."""
    keep_records: int = 50_000
    """Roughly how many of the newest records of the trace are kept."""
    replay: Literal["every", "off"] = "every"
    noise: Noise = "normal"


def parse_port(text: str) -> int:
    """Read a port.

    Raises:
        UsageError: it is none.
    """
    if text.isdecimal() and text.isascii() and int(text) <= 65_535:
        return int(text)
    raise UsageError(f"A port is a number from 0 (any free one) to 65535, not {text!r}.")


def parse_clock(text: str) -> ClockName:
    """Read the name of a clock.

    Raises:
        UsageError: there is no such clock.
    """
    for name in CLOCKS:
        if name == text:
            return name
    raise UsageError(f"There is no clock {text!r}.{nearest(text, CLOCKS)}")


def parse_start(text: str) -> datetime:
    """Read an instant in ISO form; without an offset it is UTC.

    Raises:
        UsageError: it is none, or so early that it is certainly wrong.
    """
    try:
        start = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            f"An instant is written as '2000-01-31T12:00:00Z', but this is {text!r}."
        ) from None
    if to_us(start) < 0:
        raise UsageError(f"Virtual time starts in 1970 or later, but this is {text!r}.")
    return start

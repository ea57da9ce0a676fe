"""How the façades say when: a length of time to pass, or an instant that is still to come."""

from __future__ import annotations

from datetime import datetime, timedelta

from wfsim.clock import VirtualClock, parse_duration, parse_when
from wfsim.errors import UsageError

__all__ = ["future_us", "span_us"]


def span_us(by: timedelta | str | None, parts: timedelta) -> int:
    """Return how far to advance, in microseconds.

    Args:
        by: A timedelta, or text such as "24h".
        parts: The sum of days=, hours= and so on, which stand for `by` where that is None.

    Raises:
        UsageError: it is negative, given twice, or no length of time.
    """
    if by is not None and parts:
        raise UsageError(f"Advance by {by!r} or by days=, hours=, …, not by both.")
    return parse_duration(parts if by is None else by, what="advance")


def future_us(when: datetime | timedelta | str, clock: VirtualClock) -> int:
    """Return when to call something, in microseconds since 1970; a length of time counts from now.

    Raises:
        UsageError: the instant is past, or `when` is neither an instant nor a length of time.
    """
    due_us = parse_when(when, clock, what="at")
    if due_us < clock.now_us:
        raise UsageError(f"Cannot call something at {when!r}: that instant is past.")
    return due_us

"""NCRONTAB, the language of timer triggers: when a schedule fires next."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from croniter import CroniterBadDateError, croniter

from wfsim.clock import LATEST_US, from_us, to_us
from wfsim.errors import UsageError

__all__ = ["is_frequent", "next_occurrence", "resolve"]

_SECOND_US: Final = 1_000_000
_MINUTE_US: Final = 60 * _SECOND_US
_SETTING: Final = re.compile(r"%([^%]+)%")
_TIME_SPAN: Final = re.compile(
    r"(?:(?P<days>\d{1,8})(?:\.(?=\d+:)|:(?=\d+:\d+:)|$))?"
    r"(?:(?P<hours>\d{1,2}):(?P<minutes>\d{1,2})(?::(?P<seconds>\d{1,2})(?:\.(?P<part>\d{1,7}))?)?)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


_MONTHS: Final = (
    "january february march april may june july august september october november december"
)
_DAYS: Final = "sunday monday tuesday wednesday thursday friday saturday"
_FIELDS: Final = (
    _Field(name="second", low=0, high=59),
    _Field(name="minute", low=0, high=59),
    _Field(name="hour", low=0, high=23),
    _Field(name="day", low=1, high=31),
    _Field(name="month", low=1, high=12, names=tuple(_MONTHS.split())),
    _Field(name="day of week", low=0, high=6, names=tuple(_DAYS.split())),
)


def resolve(expression: str, settings: Mapping[str, str] | None = None) -> str:
    """Replace each `%Name%` of a schedule by the app setting of that name.

    Raises:
        UsageError: there is no such setting.
    """
    known = os.environ if settings is None else settings

    def value(found: re.Match[str]) -> str:
        if found[1] not in known:
            raise UsageError(
                f"The schedule {expression!r} names the app setting {found[1]!r}, which is not "
                "set. Set it in local.settings.json or in the environment."
            )
        return known[found[1]]

    return _SETTING.sub(value, expression)


def next_occurrence(expression: str, after: datetime) -> datetime | None:
    """Return when a schedule fires next, or None if it never does.

    As the host does it: 6 fields with seconds or 5 without, day of month and day of week both must
    fit, names such as MON, and a length of time such as "00:05:00" counts from `after`. Times are
    UTC. `%Name%` is the app setting of that name.

    Raises:
        UsageError: the host would not take the expression.
    """
    due_us = next_us(resolve(expression), to_us(after))
    return None if due_us is None else from_us(due_us)


def next_us(expression: str, after_us: int) -> int | None:
    """Return `next_occurrence` of a resolved expression in microseconds since 1970."""
    parsed = _parsed(expression)
    if isinstance(parsed, int):
        due_us = after_us + parsed
    else:
        start = after_us // _SECOND_US
        finder = croniter(parsed, float(start), day_or=False, second_at_beginning=True)
        try:
            due_us = round(finder.get_next(float)) * _SECOND_US
        except CroniterBadDateError:  # such as 30 February
            return None
    return due_us if due_us <= LATEST_US else None


def is_frequent(expression: str, now_us: int) -> bool:
    """Whether a resolved schedule may fire more than once a minute, so that it is not monitored."""
    parsed = _parsed(expression)
    if isinstance(parsed, int):
        return parsed < _MINUTE_US
    if parsed.split(" ", 1)[1] != "* * * * *":
        return False
    first_us = next_us(expression, now_us)
    second_us = None if first_us is None else next_us(expression, first_us)
    return second_us is not None and second_us < now_us + _MINUTE_US


@lru_cache(maxsize=256)
def _parsed(expression: str) -> str | int:
    """Return a schedule as six fields of plain numbers, or its interval in microseconds."""
    fields = expression.split()
    if len(fields) in {5, 6}:
        kinds = _FIELDS[-len(fields) :]
        plain = [_values(kind, text, expression) for kind, text in zip(kinds, fields, strict=True)]
        return " ".join(plain if len(plain) == 6 else ["0", *plain])
    interval_us = _interval_us(expression.strip())
    if interval_us is None:
        raise UsageError(
            f"The schedule {expression!r} is neither a cron expression of 5 or 6 fields, such as "
            "'0 */5 * * * *', nor a time such as '00:05:00'."
        )
    if interval_us <= 0:
        raise UsageError(f"The schedule {expression!r} passes no time. Give a longer one.")
    return interval_us


def _interval_us(text: str) -> int | None:
    found = _TIME_SPAN.fullmatch(text)
    if found is None or not text:
        return None
    days, hours, minutes, seconds = (
        int(found[name] or 0) for name in ("days", "hours", "minutes", "seconds")
    )
    if hours > 23 and found["days"] is None and found["seconds"] and not found["part"]:
        # .NET reads "24:00:00" as 24 days: days, hours and minutes.
        days, hours, minutes, seconds = hours, minutes, seconds, 0
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    part_us = int((found["part"] or "0").ljust(6, "0")[:6])
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * _SECOND_US + part_us


def _values(kind: _Field, text: str, expression: str) -> str:
    """Return a field as a list of numbers, or "*" for all.

    NCrontab turns ranges round that run backwards, and knows nothing but lists, ranges, steps,
    and names and their beginnings.
    """
    found: set[int] = set()
    for item in text.split(","):
        body, slash, step_text = item.partition("/")
        step = max(1, _number(kind, step_text, expression, is_step=True)) if slash else 1
        if body == "*":
            low, high = kind.low, kind.high
        else:
            first, dash, last = body.partition("-")
            low = _number(kind, first, expression)
            high = _number(kind, last, expression) if dash else kind.high if slash else low
        found.update(range(min(low, high), max(low, high) + 1, step))
    if len(found) == kind.high - kind.low + 1:
        return "*"
    return ",".join(map(str, sorted(found)))


def _number(kind: _Field, text: str, expression: str, *, is_step: bool = False) -> int:
    if text.isascii() and text.isdigit() and len(text) < 10:
        number = int(text)
        if is_step or kind.low <= number <= kind.high:
            return number
    elif text and not is_step:
        for index, name in enumerate(kind.names):
            if name.startswith(text.casefold()):
                return kind.low + index
    raise UsageError(
        f"The schedule {expression!r} has {text!r} in its {kind.name}, where the host takes "
        f"{kind.low} to {kind.high}"
        f"{f', or names such as {kind.names[1][:3].upper()}' if kind.names else ''}."
    )

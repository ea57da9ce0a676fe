"""Inline constraints of route templates: the `int` of "{id:int}", after ASP.NET."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from wfsim.errors import UsageError, nearest

__all__ = ["Constraint", "constraint"]

Constraint = Callable[[str], bool]

_CALL: Final = re.compile(r"(\w+)(?:\((.*)\))?", re.DOTALL)
_INTEGER: Final = re.compile(r"\s*[+-]?[0-9]+\s*")
_DECIMAL: Final = re.compile(r"\s*[+-]?(?:[0-9][0-9,]*\.?[0-9]*|\.[0-9]+)[+-]?\s*")
_FLOAT: Final = re.compile(
    r"\s*(?:[+-]?(?:[0-9][0-9,]*\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|nan|[+-]?infinity|∞|-∞)\s*",
    re.IGNORECASE,
)
_GUID: Final = re.compile(
    r"[0-9a-f]{32}|(?:(\{)|(\())?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?(1)\})(?(2)\))",
    re.IGNORECASE,
)
_ALPHA: Final = re.compile(r"[a-z]*", re.IGNORECASE)
_DATES: Final = (
    "%m/%d/%Y",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %I:%M:%S %p",
    "%m-%d-%Y",
    "%Y/%m/%d",
    "%Y-%m",
)


def _matches(pattern: re.Pattern[str]) -> Constraint:
    return lambda value: pattern.fullmatch(value) is not None


def _is_int(bits: int) -> Constraint:
    limit = 1 << (bits - 1)

    def fits(value: str) -> bool:
        number = _integer(value)
        return number is not None and -limit <= number < limit

    return fits


def _integer(value: str) -> int | None:
    # Longer numbers fit into no type, and Python refuses to read very long ones.
    return int(value) if len(value) < 40 and _INTEGER.fullmatch(value) else None


def _is_datetime(value: str) -> bool:
    text = value.strip()
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return any(_has_format(text, form) for form in _DATES)
    return True


def _has_format(text: str, form: str) -> bool:
    try:
        datetime.strptime(text, form)  # noqa: DTZ007 - only whether it is a date
    except ValueError:
        return False
    return True


_PLAIN: Final[dict[str, Constraint]] = {
    "int": _is_int(32),
    "long": _is_int(64),
    "bool": lambda value: value.strip().lower() in {"true", "false"},
    "datetime": _is_datetime,
    "decimal": _matches(_DECIMAL),
    "double": _matches(_FLOAT),
    "float": _matches(_FLOAT),
    "guid": lambda value: _GUID.fullmatch(value.strip()) is not None,
    "alpha": _matches(_ALPHA),
    "required": bool,
}


def _length(low: int, high: int | None = None) -> Constraint:
    top = low if high is None else high
    return lambda value: low <= len(value) <= top


def _bounded(low: int | None, high: int | None) -> Constraint:
    is_long = _PLAIN["long"]

    def fits(value: str) -> bool:
        number = _integer(value) if is_long(value) else None
        return (
            number is not None
            and (low is None or low <= number)
            and (high is None or number <= high)
        )

    return fits


def _at_least(low: int) -> Constraint:
    return lambda value: len(value) >= low


def _at_most(high: int) -> Constraint:
    return lambda value: len(value) <= high


def _min(low: int) -> Constraint:
    return _bounded(low, None)


def _max(high: int) -> Constraint:
    return _bounded(None, high)


_NUMBERED: Final[dict[str, tuple[tuple[int, ...], Callable[..., Constraint]]]] = {
    "length": ((1, 2), _length),
    "minlength": ((1,), _at_least),
    "maxlength": ((1,), _at_most),
    "min": ((1,), _min),
    "max": ((1,), _max),
    "range": ((2,), _bounded),
}
"""Name -> how many numbers it takes, and what makes it."""


def constraint(text: str) -> Constraint:
    """Return what a constraint such as "int" or "length(1,5)" checks.

    Raises:
        UsageError: there is no such constraint, or its arguments make no sense.
    """
    parsed = _CALL.fullmatch(text)
    if parsed is None:
        raise UsageError(f"{text!r} is no constraint.")
    name, arguments = parsed[1].casefold(), parsed[2]
    if name == "regex" and arguments is not None:
        return _regex(arguments)
    if name in _NUMBERED and arguments is not None:
        counts, make = _NUMBERED[name]
        numbers = [_integer(piece) for piece in arguments.split(",")]
        if len(numbers) in counts and None not in numbers:
            return make(*numbers)
    elif name in _PLAIN and not arguments:
        return _PLAIN[name]
    if name in _NUMBERED or name in _PLAIN or name == "regex":
        raise UsageError(f"The constraint {text!r} has the wrong arguments.")
    raise UsageError(
        f"There is no constraint {parsed[1]!r}.{nearest(parsed[1], [*_PLAIN, *_NUMBERED, 'regex'])}"
    )


def _regex(pattern: str) -> Constraint:
    try:
        compiled = re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise UsageError(f"The regular expression {pattern!r} is wrong: {error}.") from None
    return lambda value: compiled.search(value) is not None

"""Reads the fields of something that somebody else wrote, and says where it is damaged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import cast

from wfsim.clock import to_us
from wfsim.errors import nearest

__all__ = ["Damaged", "Fields", "as_object", "pascal", "sentence"]

_LONGEST = 60


class Damaged(Exception):
    """Something that was read is not what it should be.

    Args:
        why: What is wrong.
        where: Where in the file, if that is known.
    """

    def __init__(self, why: str, where: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.where = where


def sentence(why: str) -> str:
    """Return a complaint as a sentence of its own."""
    whole = f"{why[:1].upper()}{why[1:]}"
    return whole if whole.endswith((".", "?", "…")) else f"{whole}."


def pascal(name: str) -> str:
    """Return a field's name as .NET writes it: `task_scheduled_id` is `TaskScheduledId`."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def as_object(value: object, where: str) -> Mapping[str, object]:
    """Return a JSON object.

    Raises:
        Damaged: it is none.
    """
    if not isinstance(value, dict):
        raise Damaged(f"an object is wanted here, not {_shown(value)}", where)
    return cast("dict[str, object]", value)


class Fields:
    """The fields of one event or row, by the names that .NET gives them.

    Args:
        values: As they were read; names may be in snake_case or camelCase too.
        where: Where they stand, for complaints.
    """

    def __init__(self, values: Mapping[str, object], where: str) -> None:
        self._values = {
            pascal(name) if name[:1].isalpha() else name: value for name, value in values.items()
        }
        self.where = where

    def __contains__(self, name: str) -> bool:
        value = self._values.get(name)
        return value is not None and value != ""

    def has(self, name: str) -> bool:
        """Whether a field is there, be it null."""
        return name in self._values

    def with_values(self, values: Mapping[str, object]) -> Fields:
        """Return these fields with some more, or others."""
        return Fields({**self._values, **values}, self.where)

    def get(self, name: str) -> object:
        """Return a field's value as it was read; None where it is missing."""
        return self._values.get(name)

    def damaged(self, why: str) -> Damaged:
        """Return the complaint that these fields are wrong."""
        return Damaged(why, self.where)

    def need(self, name: str) -> object:
        """Return a value that must be there.

        Raises:
            Damaged: it is not.
        """
        value = self._values.get(name)
        if value is None or value == "":
            hint = nearest(name, [known for known in self._values if known != name])
            near = hint if "Did you mean" in hint else ""
            raise self.damaged(f"{name!r} is missing.{near}")
        return value

    def text(self, name: str) -> str:
        """Return a text that must be there."""
        value = self.need(name)
        if not isinstance(value, str):
            raise self.damaged(f"{name!r} must be text, not {_shown(value)}")
        return value

    def maybe_text(self, name: str) -> str | None:
        """Return a text, or None where it is missing or null."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, str):
            raise self.damaged(f"{name!r} must be text, not {_shown(value)}")
        return value

    def number(self, name: str) -> int:
        """Return an integer that must be there, also one that was written as text."""
        value = self.need(name)
        try:
            if isinstance(value, int | str) and not isinstance(value, bool):
                return int(value)
        except ValueError:
            pass
        raise self.damaged(f"{name!r} must be a whole number, not {_shown(value)}")

    def instant(self, *names: str) -> int:
        """Return the first of some instants that is there, in microseconds since 1970."""
        name = next((name for name in names if self._values.get(name)), names[0])
        value = self.need(name)
        if isinstance(value, datetime):
            return to_us(value)
        try:
            return to_us(datetime.fromisoformat(str(value)))
        except ValueError:
            raise self.damaged(
                f"{name!r} must be an instant such as 2024-01-01T00:00:00.1Z, not {_shown(value)}"
            ) from None

    def one_of(self, name: str, known: Iterable[str]) -> str:
        """Return a text that must be one of some, whatever its case."""
        names = {item.casefold(): str(item) for item in known}
        value = str(self.need(name))
        found = names.get(value.casefold())
        if found is None:
            raise self.damaged(f"there is no {name} {value!r}.{nearest(value, names.values())}")
        return found


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"

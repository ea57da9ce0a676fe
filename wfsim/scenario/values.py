"""What the records of a scenario are made of: durations, entity ids, headers, lists of one."""

from __future__ import annotations

from typing import Annotated, Final, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from wfsim.clock import parse_duration
from wfsim.errors import UsageError, nearest
from wfsim.hub.entities import parts_of

__all__ = [
    "DurationUs",
    "EntityId",
    "Method",
    "Model",
    "Text",
    "listed",
    "name_and_key",
    "nothing",
    "some",
    "some_or_one",
]

_METHODS: Final = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


class Model(BaseModel):
    """A record of the file: every key is known, every value of the right type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def listed(value: object) -> object:
    """Take one for a list of one."""
    return cast("object", value) if isinstance(value, list) else [value]


def some(value: object) -> object:
    """Take a key with everything below it commented out for an empty list."""
    return [] if value is None else value


def some_or_one(value: object) -> object:
    """Take nothing for an empty list, and one for a list of one."""
    return listed(some(value))


def nothing(value: object) -> object:
    """Take nothing for an empty mapping."""
    return {} if value is None else value


def _duration(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"a duration is text such as '2h' or '3d', not {value!r}")
    try:
        return parse_duration(value, what="duration")
    except UsageError as error:
        raise ValueError(str(error)) from None


DurationUs = Annotated[int, BeforeValidator(_duration)]
"""Text in the file, microseconds in the record."""


def name_and_key(entity_id: str) -> tuple[str, str]:
    """Split an entity's id; both are empty if it is none."""
    name, key = parts_of(entity_id) or ("", "")
    return (name, key) if name and key else ("", "")


def _entity_id(value: str) -> str:
    if not any(name_and_key(value)):
        raise ValueError(
            f"{value!r} is no entity id; write '@', its name, '@' and its key, as in '@counter@a'"
        )
    return value


EntityId = Annotated[str, AfterValidator(_entity_id)]
"""Text such as "@counter@a"."""


def _method(value: str) -> str:
    if value.upper() not in {*_METHODS, "*"}:
        raise ValueError(f"{value!r} is no HTTP method.{nearest(value, _METHODS)}")
    return value.upper()


Method = Annotated[str, AfterValidator(_method)]
"""An HTTP method in upper case; "*" stands for any where that makes sense."""


def _text(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


Text = Annotated[str, BeforeValidator(_text)]
"""Text that may look like a number: a header, or a parameter of a query."""

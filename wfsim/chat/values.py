"""What turns are made of: "not given", usage, further content, and short text of a value."""

from __future__ import annotations

import copy
import enum
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import MISSING, fields
from typing import Any, Final, cast

from agent_framework import Content

from wfsim.errors import UsageError

__all__ = ["UNSET", "Unset", "brief", "contents_of", "shorten", "usage_of"]

_LONGEST: Final = 100


class Unset(enum.Enum):
    """Type of the value that says "not given"."""

    UNSET = "unset"

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET

_SHORT_NAMES: Final = {
    "input": "input_token_count",
    "output": "output_token_count",
    "total": "total_token_count",
}


def usage_of(given: object) -> Mapping[str, int] | None:
    """Return token counters under the framework's names, with their total.

    Raises:
        UsageError: it is no mapping of names to whole numbers.
    """
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise UsageError(
            f"usage= is a mapping such as {{'input': 12, 'output': 3}}, not {shorten(given)}."
        )
    usage: dict[str, int] = {}
    for name, count in cast("Mapping[object, object]", given).items():
        if not isinstance(name, str) or not isinstance(count, int) or isinstance(count, bool):
            raise UsageError(f"usage= counts tokens in whole numbers, but {name!r} is {count!r}.")
        usage[_SHORT_NAMES.get(name, name)] = count
    parts = [usage.get("input_token_count"), usage.get("output_token_count")]
    if parts[0] is not None and parts[1] is not None:
        usage.setdefault("total_token_count", parts[0] + parts[1])
    return usage


def contents_of(given: object) -> tuple[Content, ...]:
    """Return content objects, made of mappings where such are given.

    Raises:
        UsageError: it is no list, or one of it is no content.
    """
    if not isinstance(given, (list, tuple)):
        raise UsageError(f"contents= is a list of Content objects, not {shorten(given)}.")
    return tuple(_content_of(item) for item in cast("Sequence[object]", given))


def _content_of(item: object) -> Content:
    if isinstance(item, Content):
        return copy.deepcopy(item)
    if not isinstance(item, Mapping):
        raise UsageError(f"contents= holds Content objects or mappings, not {shorten(item)}.")
    try:
        return Content.from_dict(dict(cast("Mapping[str, Any]", item)))
    except (TypeError, ValueError, KeyError) as error:
        shown = shorten(cast("object", item))
        raise UsageError(f"No Content can be made of {shown}: {error}.") from None


def shorten(value: object, longest: int = _LONGEST) -> str:
    """Return the repr of a value, cut where it gets long."""
    text = repr(value)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def brief(record: Any, *, first: str, hidden: AbstractSet[str] = frozenset()) -> str:  # noqa: ANN401 - any dataclass
    """Return a record as one would write it: what says it first, and what is not the default."""
    given = getattr(record, first)
    shown = [repr(item) for item in given] if first == "calls" else [repr(given)]
    for field in fields(record):
        value = getattr(record, field.name)
        usual = field.default if field.default is not MISSING else None
        if field.name not in {first, *hidden} and value != usual and value not in ("", (), {}):
            shown.append(f"{field.name}={value!r}")
    return f"{type(record).__name__}({', '.join(shown)})"

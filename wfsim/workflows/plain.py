"""Any value as plain data: JSON types only, sorted, and the same in every process."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Any, Final, cast

__all__ = ["Naming", "plain"]

_UUID: Final = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
_HASH: Final = re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{32})\b")
_TIME: Final = re.compile(
    r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"
)
_ADDRESS: Final = re.compile(r"\b0x[0-9a-f]{6,}\b", re.IGNORECASE)
_DEEPEST: Final = 24
_IDS: Final = frozenset(
    (
        *("call_id", "created_at", "message_id", "response_id"),
        *("session_id", "service_session_id", "conversation_id"),
    )
)
"""Fields of messages that name or date them."""


class Naming:
    """Gives ids and hashes new names, by their first appearance.

    Args:
        blank: Gives all of them one name, and also times, for comparing runs that differ in these.
    """

    def __init__(self, *, blank: bool = False) -> None:
        self.is_blank = blank
        self._ids: dict[str, str] = {}
        self._hashes: dict[str, str] = {}

    def text(self, text: str) -> str:
        """Return a text with the new names in it."""
        found = _UUID.sub(lambda match: self._named(self._ids, "id", match[0].lower()), text)
        found = _HASH.sub(lambda match: self._named(self._hashes, "hash", match[0]), found)
        if self.is_blank:
            found = _TIME.sub("<time>", found)
        return _ADDRESS.sub("0x…", found)

    def time(self, text: str) -> str:
        """Return the text of a time or a date."""
        return "<time>" if self.is_blank else text

    def _named(self, known: dict[str, str], kind: str, text: str) -> str:
        if self.is_blank:
            return f"<{kind}>"
        return known.setdefault(text, f"<{kind} {len(known) + 1}>")


def plain(value: object, naming: Naming, _depth: int = 0) -> Any:  # noqa: ANN401 - JSON
    """Return a value as JSON types: dicts with sorted keys, lists, texts, numbers.

    Args:
        value: Anything that travels through workflows.
        naming: How ids are called.
    """
    if value is None or (isinstance(value, (bool, int, float)) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return plain(value.value, naming, _depth + 1)
    if isinstance(value, str):
        return naming.text(value)
    if _depth > _DEEPEST:
        return f"… {type(value).__name__}"
    return _of_others(value, naming, _depth + 1)


def _of_others(value: object, naming: Naming, depth: int) -> Any:  # noqa: ANN401
    if isinstance(value, type):
        return f"{value.__module__}.{value.__qualname__}"
    if isinstance(value, (datetime, date, time)):
        return naming.time(value.isoformat())
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    if isinstance(value, Mapping):
        return _of_mapping(cast("Mapping[object, object]", value), naming, depth)
    if isinstance(value, (list, tuple)):
        return [plain(item, naming, depth) for item in cast("Iterable[object]", value)]
    if isinstance(value, AbstractSet):
        found = [plain(item, naming, depth) for item in cast("Iterable[object]", value)]
        return sorted(found, key=lambda item: json.dumps(item, sort_keys=True))
    if isinstance(value, BaseException):
        return {"type": type(value).__name__, "message": naming.text(str(value))}
    return _of_object(value, naming, depth)


def _of_mapping(value: Mapping[object, object], naming: Naming, depth: int) -> dict[str, Any]:
    found = {_key(key, naming, depth): plain(item, naming, depth) for key, item in value.items()}
    if naming.is_blank:
        found |= {key: "<id>" for key in found if key in _IDS and found[key] is not None}
    return {key: found[key] for key in sorted(found)}


def _key(key: object, naming: Naming, depth: int) -> str:
    made = plain(key, naming, depth)
    return made if isinstance(made, str) else json.dumps(made, sort_keys=True)


def _of_object(value: Any, naming: Naming, depth: int) -> Any:  # noqa: ANN401
    fields = _fields(value)
    if fields is None:
        return naming.text(repr(value))
    return {"type": type(value).__qualname__, **_of_mapping(fields, naming, depth)}


def _fields(value: Any) -> Mapping[Any, Any] | None:  # noqa: ANN401
    if dataclasses.is_dataclass(value):
        return {item.name: getattr(value, item.name) for item in dataclasses.fields(value)}
    for name in ("model_dump", "to_dict"):
        convert = getattr(value, name, None)
        if callable(convert):
            try:
                made: Any = convert()
            except (TypeError, ValueError, AttributeError):
                continue
            if isinstance(made, Mapping):
                return cast("Mapping[Any, Any]", made)  # type: ignore[redundant-cast]
    attributes = getattr(value, "__dict__", None)
    if isinstance(attributes, dict):
        own = cast("dict[str, Any]", attributes)
        return {name: item for name, item in own.items() if not name.startswith("_")}
    return None

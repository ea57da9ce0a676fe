"""Any value as plain data: JSON types only, sorted, and the same in every process."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, time, timedelta
from enum import Enum
from typing import Any, Final, cast

from wfsim.snapshot.naming import Naming

__all__ = ["Plain", "plain"]

Plain = Any
"""None, bool, int, float, str, list or dict with texts as keys, and in them the same."""

_DEEPEST: Final = 24
_IDS: Final = frozenset(
    (
        *("call_id", "created_at", "message_id", "response_id"),
        *("session_id", "service_session_id", "conversation_id"),
    )
)
"""Fields of messages that name or date them."""
_DURATION: Final = re.compile(r"(?:.*_)?(?:duration|elapsed|latency|took)(?:_\w+)?", re.IGNORECASE)
_MEASURED: Final = 3
"""Decimals from which on a length of time was measured, and not chosen."""


def plain(value: object, naming: Naming, path: tuple[str, ...] = ()) -> Plain:
    """Return a value as JSON types: dicts with sorted keys, lists, texts, numbers.

    Args:
        value: Anything that travels through workflows.
        naming: How ids are called, and what is hidden.
        path: Where the value stands, for the user's masks.
    """
    mask = naming.rules.mask_of(path)
    if mask is not None:
        return mask if isinstance(mask, str) else _unmasked(mask(value), naming, path)
    read = naming.rules.reader_of(value)
    if read is not None:
        return _unmasked(read(value), naming, path)
    return _unmasked(value, naming, path)


def _unmasked(value: object, naming: Naming, path: tuple[str, ...]) -> Plain:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, Enum):
        return _measured(naming.number(value), path)
    if isinstance(value, Enum):
        return plain(value.value, naming, path)
    if isinstance(value, str):
        return naming.text(value)
    if len(path) > _DEEPEST:
        return f"… {type(value).__name__}"
    return _of_others(value, naming, path)


def _measured(value: float | str, path: tuple[str, ...]) -> float | str:
    """Return a number, or `<duration>` where somebody measured it on a real clock."""
    if isinstance(value, float) and path and _DURATION.fullmatch(path[-1]):
        decimals = repr(value).partition(".")[2]
        if len(decimals) > _MEASURED:
            return "<duration>"
    return value


def _of_others(value: object, naming: Naming, path: tuple[str, ...]) -> Plain:
    read = naming.reader_of(value)
    if read is not None:
        return _unmasked(read(value, naming), naming, path)
    if isinstance(value, type):
        return f"{value.__module__}.{value.__qualname__}"
    if isinstance(value, date):
        return naming.time(value)
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    if isinstance(value, Mapping):
        return _of_mapping(cast("Mapping[object, object]", value), naming, path)
    if isinstance(value, (list, tuple)):
        items = cast("Iterable[object]", value)
        return [plain(item, naming, (*path, str(place))) for place, item in enumerate(items)]
    if isinstance(value, AbstractSet):
        return _of_set(cast("AbstractSet[object]", value), naming, path)
    if isinstance(value, BaseException):
        return {"type": type(value).__name__, "message": naming.text(str(value))}
    return _of_object(value, naming, path)


def _of_set(value: AbstractSet[object], naming: Naming, path: tuple[str, ...]) -> Plain:
    # Sorted before ids get their names: those must not depend on how a set iterates.
    blank = naming.blank()
    order = sorted(value, key=lambda item: json.dumps(plain(item, blank, path), sort_keys=True))
    return [plain(item, naming, (*path, str(place))) for place, item in enumerate(order)]


def _of_mapping(
    value: Mapping[object, object], naming: Naming, path: tuple[str, ...]
) -> dict[str, Plain]:
    # Ids among the keys get their names in this order, so it must not depend on what they are;
    # keys that differ in ids only keep the order that they have.
    blank = naming.blank()
    keyed = sorted(((_key(key), key) for key in value), key=lambda pair: blank.text(pair[0]))
    found: dict[str, Plain] = {}
    for text, key in keyed:
        shown = naming.text(text)
        while shown in found:  # two spellings of one instant
            shown += "'"
        found[shown] = plain(value[key], naming, (*path, text))
    if naming.is_blank:
        found |= {key: "<id>" for key in found if key in _IDS and found[key] is not None}
    return {key: found[key] for key in sorted(found)}


def _key(key: object) -> str:
    if isinstance(key, Enum):
        key = key.value
    if isinstance(key, str):
        return key
    if isinstance(key, (int, float, bool)) or key is None:
        return json.dumps(key)
    return json.dumps(plain(key, Naming()), sort_keys=True)


def _of_object(value: Any, naming: Naming, path: tuple[str, ...]) -> Plain:  # noqa: ANN401
    fields = _fields(value)
    if fields is None:
        return naming.text(repr(value))
    return {"type": type(value).__qualname__, **_of_mapping(fields, naming, path)}


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

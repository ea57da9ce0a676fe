"""Payloads as people write them: the wrappings of the wire come off, and on again, exactly."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final

from wfsim.history.jsontext import JsonValue, write

__all__ = ["given", "plain", "raw_given", "raw_plain"]

_RAW: Final = "$text"
"""Key of a payload that is shown as its text, because nothing shorter gives that text back."""

_Wrap = Callable[[JsonValue], str]


def _given(value: JsonValue) -> str:
    """Return an input as Python sends it: JSON text in a JSON string (semantics 1.2)."""
    return write(json.dumps(value))


def _called(value: JsonValue) -> str:
    """Return an activity's input: the same in an array of one."""
    return write([json.dumps(value)])


def plain(key: str, text: str | None) -> dict[str, JsonValue]:
    """Return a payload that is JSON text, such as a result, as an entry for a file.

    One that is not there at all is no entry; null is one that is.
    """
    return {} if text is None else {key: _shown(text, write)}


def raw_plain(entries: Mapping[str, JsonValue], key: str) -> str | None:
    """Return the JSON text of which `plain` made an entry."""
    return _text(entries[key], write) if key in entries else None


def given(key: str, text: str | None, *, is_activity: bool = False) -> dict[str, JsonValue]:
    """Return an input as an entry for a file.

    Args:
        key: Its key.
        text: As the host stores it.
        is_activity: Whether it is an activity's.
    """
    return {} if text is None else {key: _shown(text, _called if is_activity else _given)}


def raw_given(
    entries: Mapping[str, JsonValue], key: str, *, is_activity: bool = False
) -> str | None:
    """Return the text of which `given` made an entry."""
    return _text(entries[key], _called if is_activity else _given) if key in entries else None


def _shown(text: str, wrap: _Wrap) -> JsonValue:
    value = _unwrapped(text, wrap)
    is_raw = isinstance(value, dict) and _RAW in value
    return {_RAW: text} if is_raw or _text(value, wrap) != text else value


def _unwrapped(text: str, wrap: _Wrap) -> JsonValue:
    try:
        value: JsonValue = json.loads(text)
        if wrap is _called and isinstance(value, list) and len(value) == 1:
            value = value[0]
        if wrap is not write and isinstance(value, str):
            value = json.loads(value)
    except (ValueError, RecursionError):
        return text
    return value


def _text(value: JsonValue, wrap: _Wrap) -> str:
    if isinstance(value, dict) and set(value) == {_RAW}:
        return str(value[_RAW])
    return wrap(value)

"""JSON text as the .NET host writes it, and as people like to read it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Final, cast

from wfsim.history.printable import printable

__all__ = ["JsonValue", "parse", "read", "shown", "unwrap", "write", "write_list_of"]

# One encoder: `json.dumps` makes a new one for each call that wants anything special.
_write: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
_quoted: Final = json.encoder.encode_basestring
_DECODER: Final = json.JSONDecoder()

_Scan = Callable[[str, int], tuple[object, int]]

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]


def write(value: object) -> str:
    """Return `value` as the host re-serialises it (semantics 1.2).

    Compact separators, non-ASCII characters as they are, and not-a-number as the text "NaN".

    Raises:
        TypeError: `value` is not JSON.
        ValueError: `value` contains itself.
    """
    try:
        return _write(value)
    except ValueError as error:
        if "Circular" in str(error):
            raise
        # Only NaN and the infinities get here; the host writes them as strings.
        return json.dumps(_without_nan(value), separators=(",", ":"), ensure_ascii=False)


def parse(text: str | None) -> JsonValue:
    """Return the value of a payload; a missing one is None."""
    return None if text is None else cast("JsonValue", read(text, _DECODER))


def read(text: str, decoder: json.JSONDecoder) -> object:
    """Return what a decoder makes of a text; quicker where there is no space around it.

    Args:
        text: JSON text.
        decoder: With whatever hooks it has.

    Raises:
        ValueError: it is not JSON.
    """
    scan: _Scan = getattr(decoder, "scan_once")  # noqa: B009 - typeshed does not know it
    try:
        value, end = scan(text, 0)
    except StopIteration:  # it begins with a space, or with nothing that JSON has
        return decoder.decode(text)
    return value if end == len(text) else decoder.decode(text)


def write_list_of(value: object) -> str:
    """Return a list of one value as `write` does, in less than half the time."""
    return f"[{_quoted(value) if type(value) is str else write(value)}]"


def unwrap(text: str | None) -> JsonValue:
    """Return what a person means by an input payload: JSON, without the wrappings of the wire.

    Python sends inputs as JSON text inside a JSON string, and activity inputs inside an array of
    one besides (semantics 1.2). Text that is not JSON is returned as it is.
    """
    value = _lenient(text)
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        value = value[0]
    return _lenient(value) if isinstance(value, str) else value


def shown(text: str | None, *, wrapped: bool = False, width: int = 100) -> str:
    """Return a payload for people: on one printable line, shortened to `width` characters.

    Args:
        text: The JSON text that the host stores.
        wrapped: Whether it is an input, which `unwrap` undoes first.
        width: The longest text to return.
    """
    if text is None:
        return ""
    plain = printable(json.dumps(unwrap(text) if wrapped else _lenient(text), ensure_ascii=False))
    return plain if len(plain) <= width else plain[: width - 1] + "…"


def _lenient(text: str | None) -> JsonValue:
    try:
        return parse(text)
    except (ValueError, RecursionError):
        return text


def _without_nan(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in cast("dict[str, object]", value).items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in cast("list[object]", value)]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    return value

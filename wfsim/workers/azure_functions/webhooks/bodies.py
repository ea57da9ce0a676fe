"""Texts that clients send, read as the host's JSON library reads them."""

from __future__ import annotations

import re

from wfsim.history.jsontext import JsonValue, parse, write

__all__ = ["decode", "forgiving", "normalised", "read", "without_halves"]

_DEEPEST = 64
"""Levels of nesting that the host's JSON reader allows."""

# Possessive, so that no text makes the search slow; a string that never ends reaches to the end.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_HALF = re.compile("[\ud800-\udfff]")


def decode(body: bytes) -> str:
    """Return a body as text; what is no UTF-8 becomes the replacement character."""
    return body.decode("utf-8-sig", "replace")


def read(text: str) -> JsonValue:
    """Return the value of a JSON text.

    Raises:
        ValueError: it is not JSON, or is nested deeper than the host reads.
    """
    if text.count("[") + text.count("{") > _DEEPEST and _depth(text) > _DEEPEST:
        raise ValueError(f"The reader's MaxDepth of {_DEEPEST} has been exceeded.")
    return parse(text)


def forgiving(text: str | None) -> JsonValue:
    """Return the value of a stored text; one that is not JSON is its own value, as for reasons."""
    if text is None:
        return None
    text = text.strip()
    try:
        return read(text)
    except ValueError:
        return text


def normalised(text: str) -> str:
    """Return a JSON text as the host stores it.

    Raises:
        ValueError: it is not JSON.
    """
    return without_halves(write(read(text)))


def without_halves(text: str) -> str:
    """Return `text` with the replacement character for every half of a surrogate pair."""
    return text if text.isascii() else _HALF.sub("\ufffd", text)


def _depth(text: str) -> int:
    depth = deepest = 0
    for token in _TOKEN.finditer(text):
        if token[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif token[0] in "]}":
            depth -= 1
    return deepest

"""How instances are called in reports."""

from __future__ import annotations

__all__ = ["readable"]

_GUID = 32


def readable(instance_id: str) -> str:
    """Return an id for people: made-up ones are cut, but stay distinct; entities lose their "@"."""
    head, colon, number = instance_id.partition(":")
    if len(head) == _GUID and all(digit in "0123456789abcdef" for digit in head):
        return f"{head[:6]}{colon}{number}"
    return instance_id.removeprefix("@")

"""How instances are called in reports."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["readable", "shortened"]

_GUID: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_AGENT: Final = "@dafx-"


def readable(instance_id: str) -> str:
    """Return an id for people: made-up ones are cut, but stay distinct.

    Entities lose their "@", and sessions of agents the framework's prefix.
    """
    head, colon, number = instance_id.partition(":")
    if _GUID.fullmatch(head):
        return f"{head[:6]}{colon}{number}"
    name, at, key = instance_id.removeprefix("@").partition("@")
    if not at or not instance_id.startswith("@"):
        return instance_id.removeprefix("@")
    if instance_id.startswith(_AGENT):
        name = instance_id.removeprefix(_AGENT).partition("@")[0]
    return f"{name}@{key[:6] if _GUID.fullmatch(key) else key}"


def shortened(text: str) -> str:
    """Return a text in which made-up ids are cut as `readable` cuts them."""
    return _GUID.sub(lambda match: match[0][:6], text)

"""Which packages a value comes from, without importing any of them."""

from __future__ import annotations

from typing import Any, cast

__all__ = ["origins"]


def origins(value: object) -> set[str]:
    """Return the packages of a value's type and, for a list, of its first item's type."""
    found: list[object] = [value]
    if isinstance(value, list | tuple):
        items = cast("list[Any]", value)
        found += items[:1]
    return {type(item).__module__.partition(".")[0] for item in found}

"""What a run waits for, as a mapping that compares the way people read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

__all__ = ["WaitingFor"]


class WaitingFor(dict[str, list[Any]]):
    """What a run waits for: "events", "timers", "activities", "children", "entities".

    "timers" are the `timedelta`s that are left. Kinds that hold nothing count as absent:
    `waiting_for == {"events": ["approval"]}` is true whether or not the empty lists are written.
    """

    def __missing__(self, kind: str) -> list[Any]:
        return []

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapping):
            return NotImplemented
        return _filled(self) == _filled(cast("Mapping[str, list[Any]]", other))

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # a mapping that can change has no hash


def _filled(waiting: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    return {kind: list(items) for kind, items in waiting.items() if items}

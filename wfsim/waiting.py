"""What a run waits for, as a mapping that compares the way people read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from wfsim.clock import format_duration

__all__ = ["WaitingFor"]


class WaitingFor(dict[str, list[Any]]):
    """What a run waits for: "events", "timers", "activities", "children", "entities".

    "timers" are the `timedelta`s that are left. Kinds that hold nothing count as absent:
    `waiting_for == {"events": ["approval"]}` is true whether or not the empty lists are written.
    """

    def __missing__(self, kind: str) -> list[Any]:
        return []

    def __str__(self) -> str:
        """Return it for people: "events 'approval'; timers 2d 23h", or "nothing"."""
        kinds = [f"{kind} {', '.join(map(_word, items))}" for kind, items in self.items() if items]
        return "; ".join(kinds) or "nothing"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapping):
            return NotImplemented
        return _filled(self) == _filled(cast("Mapping[str, list[Any]]", other))

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # a mapping that can change has no hash


def _word(item: object) -> str:
    if isinstance(item, timedelta):
        return format_duration(item // timedelta(microseconds=1))
    return repr(item)


def _filled(waiting: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    return {kind: list(items) for kind, items in waiting.items() if items}

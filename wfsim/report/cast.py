"""The lanes of a chart, in order of first appearance, a child below its parent."""

from __future__ import annotations

from dataclasses import dataclass, field

from wfsim.history import ExecutionStarted
from wfsim.report.chart import Lane
from wfsim.report.lanes import LaneKind, key_of, kind_of, label_of, name_of

__all__ = ["Cast"]


@dataclass(slots=True)
class _Part:
    """A lane that may still learn its name."""

    place: int
    kind: LaneKind
    identity: str
    name: str
    parent: str = ""
    has_started: bool = False


@dataclass(slots=True)
class Cast:
    """Who takes part."""

    _parts: dict[str, _Part] = field(default_factory=dict[str, _Part], init=False)

    def add(self, kind: LaneKind, identity: str) -> str:
        """Let somebody appear who may have appeared before; return the lane's key."""
        key = key_of(kind, identity)
        if key not in self._parts:
            name = name_of(kind, identity)
            self._parts[key] = _Part(len(self._parts), kind, identity, name)
        return key

    def see(self, key: str) -> None:
        """Let an instance, an entity or the clients appear."""
        if key not in self._parts:
            self.add(kind_of(key), key)

    def start(self, event: ExecutionStarted, starter: str | None) -> None:
        """Note an orchestration's name and, if it is its first start, who started it."""
        self.see(event.instance_id)
        part = self._parts[event.instance_id]
        part.name = event.name
        if not part.has_started and starter:
            above = self._parts.get(starter)
            # A parent has appeared before its child; so the lines of descent have no circle.
            if above is not None and above.place < part.place:
                part.parent = starter
        part.has_started = True

    def lanes(self) -> tuple[Lane, ...]:
        """Return the lanes from top to bottom."""
        below: dict[str, list[str]] = {}
        roots: list[str] = []
        for key, part in self._parts.items():
            (below.setdefault(part.parent, []) if part.parent else roots).append(key)
        ordered: list[Lane] = []
        left = roots[::-1]
        while left:
            key = left.pop()
            part = self._parts[key]
            ordered.append(
                Lane(
                    key=key,
                    label=label_of(part.kind, part.identity),
                    kind=part.kind,
                    name=part.name,
                    parent=part.parent,
                )
            )
            left.extend(reversed(below.get(key, [])))
        return tuple(ordered)

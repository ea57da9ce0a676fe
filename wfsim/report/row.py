"""One thing that happened, as people see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wfsim.report.details import Detail
from wfsim.report.lanes import LaneKind, key_of

__all__ = ["Kind", "Row"]

Kind = Literal["start", "work", "time", "event", "good", "bad", "note", "finding", "choice"]

_MARKS: dict[Kind, str] = {
    "start": "▶",
    "work": "·",
    "time": "◷",
    "event": "✉",
    "good": "■",
    "bad": "✗",
    "note": "…",
    "finding": "!",
    "choice": "◆",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a timeline."""

    at_us: int
    instance_id: str
    """Whose line it is; a function's or an agent's name for those, as they have no instance."""
    kind: Kind
    text: str
    """What happened, in a few words; data of somebody else may be among them."""
    payload: str = ""
    """What a terminal shows of what travelled with it, on one printable line."""
    details: tuple[Detail, ...] = ()
    """All that travelled with it."""
    lane_kind: LaneKind = "orchestration"
    took_us: int = 0
    """For how long it had been under way."""

    @property
    def mark(self) -> str:
        """A sign for the kind, for readers without colours."""
        return _MARKS[self.kind]

    @property
    def lane(self) -> str:
        """Key of its lane."""
        return key_of(self.lane_kind, self.instance_id)

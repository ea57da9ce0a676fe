"""Findings: what a run shows about the app, as data with a stable code.

Codes never change their meaning; docs/findings.md explains each with an example.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

__all__ = ["CODES", "Code", "Finding", "Place"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One kind of finding."""

    title: str
    certain: bool
    """Whether it is a bug whatever the app is for; such findings raise by default."""


CODES = {
    "WF101": Code(title="stuck on an event that nobody will send", certain=False),
    "WF102": Code(title="event that nobody waited for", certain=False),
    "WF103": Code(title="timer still open when the orchestrator returned", certain=False),
    "WF104": Code(title="task created and never yielded", certain=False),
    "WF105": Code(title="activity is not registered", certain=True),
    "WF106": Code(title="orchestrator is not registered", certain=True),
    "WF107": Code(title="entity is not registered", certain=True),
    "WF108": Code(title="history grows without continue_as_new", certain=False),
    "WF109": Code(title="never becomes idle", certain=True),
    "WF110": Code(title="replay decides differently", certain=True),
    "WF111": Code(title="value changes on the wire", certain=False),
    "WF112": Code(title="output is not JSON", certain=True),
    "WF113": Code(title="stuck for ever", certain=True),
    "WF114": Code(title="instance id used twice", certain=True),
    "WF115": Code(title="yielded something that is not a task", certain=True),
    "WF116": Code(title="version that this worker does not run", certain=False),
    "WF117": Code(title="entity batch fails as a whole", certain=True),
    "WF118": Code(title="entity function is async", certain=True),
    "WF119": Code(title="function that the host cannot load", certain=False),
    "WF120": Code(title="orchestrator asks for what a replay may not get again", certain=False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A line of the user's source."""

    file: str
    line: int

    @property
    def near(self) -> str:
        """The file as one would type it here: relative, where it lies below this folder."""
        near = os.path.relpath(self.file)
        return self.file if near.startswith("..") else near

    def __str__(self) -> str:
        return f"{self.near}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a run showed.

    Args:
        code: Its stable code, a key of `CODES`.
        message: What happened, in one sentence.
        way_out: What to do about it.
        instance_id: Whose run it was; empty for the app as a whole.
        place: Where in the user's source, if it can be told.
    """

    code: str
    message: str
    way_out: str
    instance_id: str = ""
    place: Place | None = field(default=None)

    @property
    def title(self) -> str:
        """The kind of finding in a few words."""
        return CODES[self.code].title

    @property
    def is_certain(self) -> bool:
        """Whether it is certainly a bug, and so raises by default."""
        return CODES[self.code].certain

    def __str__(self) -> str:
        where = f" [{self.place}]" if self.place else ""
        return f"{self.code} {self.title}: {self.message} {self.way_out}{where}"

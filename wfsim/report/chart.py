"""A run as a picture: lanes over virtual time, what happened in them, and what went between them.

Every drawing (lanes in the terminal, Mermaid, HTML, Perfetto) is made from these records, so that
all of them tell the same story. Times are integer microseconds since 1970. Texts are as recorded,
not escaped and not cut: they are data of somebody else, and each drawing makes them safe.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wfsim.report.lanes import LaneKind
from wfsim.report.row import Kind

__all__ = ["Arrow", "ArrowKind", "Bar", "BarKind", "Chart", "Lane", "LaneKind", "Mark"]

BarKind = Literal["runs", "waits", "suspended"]
ArrowKind = Literal["starts", "calls", "answers", "signals", "event"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One who takes part: an instance, an entity, an agent, a function, the clients outside."""

    key: str
    """Names it in this chart: an instance's id, `function:NAME`, `agent:NAME`, "" for clients."""
    label: str
    """How it is called for people."""
    kind: LaneKind
    name: str = ""
    """The orchestrator's, entity's, agent's or function's name."""
    parent: str = ""
    """Key of the lane that started it; empty where a client did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What a lane was busy with for some time."""

    lane: str
    kind: BarKind
    start_us: int
    end_us: int
    label: str
    """What runs, or what is waited for: "event approval, timer of 3d"."""
    is_open: bool = False
    """Whether it had not ended when recording stopped; it then ends with the chart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something that happened at one instant."""

    number: int
    """Its place among the marks, from 0."""
    lane: str
    at_us: int
    kind: Kind
    text: str
    """What happened, in a few words."""
    payload: tuple[tuple[str, str], ...] = ()
    """What travelled with it, whole: names such as "input", and JSON or plain text."""
    took_us: int = 0
    """For how long what ends with it had been under way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """Something that went from one lane to another."""

    kind: ArrowKind
    source: str
    target: str
    sent_us: int
    received_us: int
    label: str
    sent_before: int = 0
    """Number of the first mark after it was sent: its place among what happens at one instant."""
    received_before: int = 0
    """The same for when it was received."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One run, or all runs of one simulation."""

    title: str
    start_us: int
    end_us: int
    """When the last thing happened."""
    lanes: tuple[Lane, ...]
    """In order of first appearance; a child stands below its parent."""
    bars: tuple[Bar, ...] = ()
    marks: tuple[Mark, ...] = ()
    """In order of happening."""
    arrows: tuple[Arrow, ...] = ()

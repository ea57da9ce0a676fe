"""What replaying a history against today's code shows."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from wfsim.replay.records import Source
from wfsim.trace import Place

__all__ = ["Difference", "Kind", "ReplayResult", "Row", "Verdict"]


class Verdict(enum.StrEnum):
    """What becomes of an instance when today's code takes it over; the worst one counts."""

    COMPATIBLE = "compatible"
    WARNING = "warning"
    """The host tolerates it: a step that is done would be done differently."""
    INCOMPATIBLE = "incompatible"
    STUCK = "stuck"
    """Nothing is left to wait for, and nothing will wake the instance."""
    NOT_REPLAYABLE = "not replayable"

    @property
    def is_bad(self) -> bool:
        """Whether a deployment should not go out with it."""
        return self in {Verdict.INCOMPATIBLE, Verdict.STUCK}


class Kind(enum.StrEnum):
    """In which way a recorded and a replayed turn differ."""

    ORDER = "order"
    """The same steps, in another order."""
    KIND = "kind"
    """A step of another kind: a timer where an activity was."""
    NAME = "name"
    TARGET = "target"
    """Another instance id, entity or operation."""
    MISSING = "missing"
    """A recorded step that today's code does not take."""
    EXTRA = "extra"
    """A step that today's code takes in a turn that is over."""
    EVENT = "event"
    """Another external event, or none, is waited for."""
    ENDS = "ends"
    """Today's code has ended where the recorded one went on."""
    FAILS = "fails"
    """Today's code raises where the recorded one did not."""
    INPUT = "input"
    TIMER = "timer"
    RETRY = "retry"
    STUCK = "stuck"

    @property
    def is_tolerated(self) -> bool:
        """Whether the host would go on as if nothing had changed."""
        return self in {Kind.INPUT, Kind.TIMER, Kind.RETRY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One step of both sides, side by side; an empty text where a side has none."""

    step: int
    """The decision's number."""
    recorded: str
    replayed: str
    differs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Where today's code parts from a recorded history, and what to do about it."""

    kind: Kind
    turn: int
    """In which turn of the generation, from 1."""
    step: int
    """Number of the decision, from 0; for what is no decision, of the next one."""
    recorded: str
    replayed: str
    place: Place | None = None
    """The `yield` on today's side."""
    cause: str = ""
    """What was probably done to the code, in words."""
    ways_out: tuple[str, ...] = ()
    host: str = ""
    """What the host itself would say, where it would; it may also say nothing."""
    rows: tuple[Row, ...] = ()
    """The steps around the difference."""

    @property
    def group(self) -> tuple[str, ...]:
        """Equal for differences that one edit made; ids and payloads play no part."""
        where = "" if self.place is None else str(self.place)
        return (self.kind, where, self.cause)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayResult:
    """The verdict on one history."""

    source: Source
    name: str
    """The orchestrator; empty where the history could not be read."""
    instance_id: str
    verdict: Verdict
    events: int = 0
    """How many events the history has."""
    turns: int = 0
    """At how many turn borders the history was taken over, its end included."""
    difference: Difference | None = None
    """The first that is an error."""
    warnings: tuple[Difference, ...] = ()
    not_compared: tuple[str, ...] = ()
    """What the history could not tell."""
    why: str = ""
    """Why it could not be replayed."""

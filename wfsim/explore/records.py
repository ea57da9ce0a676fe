"""What exploring shows, as frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from wfsim.explore.seen import Seen
from wfsim.explore.words import Deviation, unparse
from wfsim.trace import Finding, Trace

__all__ = [
    "Exploration",
    "Failure",
    "Observed",
    "OutcomeCount",
    "Problem",
    "ProblemKind",
    "Race",
    "Reach",
    "Space",
]

ProblemKind = Literal["replay", "finding", "expect", "failed", "stuck", "error", "invariant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong with a run."""

    kind: ProblemKind
    key: str
    """The same for the same bug, whatever the run: what shrinking keeps."""
    text: str
    """For people."""
    finding: Finding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """One run, seen from outside."""

    outcome: str
    """How everything ended, as text that is the same for the same end."""
    problems: tuple[Problem, ...]
    deviations: tuple[Deviation, ...]
    points: int
    """Choice points."""
    labels: frozenset[str]
    """What was offered at any of them, in words."""
    trace: Trace
    executions: Mapping[tuple[str, str, int], int]
    """Executions of activities, by instance, name and task."""
    seen: Seen = field(default_factory=Seen)
    """What it has shown of waits and events."""

    @property
    def words(self) -> str:
        """The repro string."""
        return unparse(self.deviations)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A problem with the smallest schedule that shows it."""

    problem: Problem
    observed: Observed
    """The shrunk run."""
    found_after: int
    """Schedules tried until it was found."""
    quiet: Observed
    """The run nearest to it that does not show the problem."""

    @property
    def words(self) -> str:
        """The repro string."""
        return self.observed.words


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeCount:
    """One way in which runs ended."""

    outcome: str
    schedules: int
    words: str
    """A schedule that leads to it; the first that did, shrunk for all but the commonest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """The outcome depends on the order, or on a legal fault."""

    outcomes: tuple[OutcomeCount, ...]
    """Commonest first."""
    deciding: str
    """The first choice that decides, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How much of the space of schedules was seen."""

    schedules: int
    distinct: int
    points: int
    """Choice points of the longest run."""
    labels: int
    """Distinct deviations that were offered."""
    taken: int
    """Distinct deviations that were tried."""
    crashes: int
    """Distinct crash points that were hit."""
    seconds: float
    never_resumed: tuple[str, ...] = ()
    """Waits that no run has resumed; whatever is resumed at all is resumed after a replay."""
    never_late: tuple[str, ...] = ()
    """External events that no run has let come late: after a timer, or after the end."""
    borders: int = 0
    """Turn borders of all schedules: where episodes ended."""
    replayed: int = 0
    """Those that were replayed and compared."""
    proven_borders: int = 0
    """Those that need no replay, since their orchestrators are self-contained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """How much an exhaustive search had to try, and what it could leave out."""

    parts: int
    """Groups of instances and entities that had choices of their own, and nothing in common."""
    combinations: int
    """Schedules that only combine ways of such parts that were tried; they were left out."""
    equivalent: int
    """Branches that were left out: they differ from others by the order of independent steps."""
    at_once: bool
    """Whether each message got an episode of its own, so that only orders were tried."""
    share: float
    """How much of the tree of choices was seen, from 0 to 1; branches count alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exploration:
    """The answer."""

    failures: tuple[Failure, ...]
    race: Race | None
    outcomes: tuple[OutcomeCount, ...]
    reach: Reach
    proven: bool = False
    """Whether the whole space of orders was tried."""
    left: int = 0
    """How many branches an exhaustive search had still to try."""
    space: Space | None = None
    """What there was to try, where the search was exhaustive."""
    notes: tuple[str, ...] = field(default=())

    @property
    def has_failed(self) -> bool:
        """Whether some schedule showed a problem."""
        return bool(self.failures)

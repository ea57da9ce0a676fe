"""Many verdicts as few lines: what one edit did to thousands of histories is one group."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from wfsim.replay.records import Source
from wfsim.replay.results import Difference, ReplayResult, Verdict

__all__ = ["Group", "Summary"]

_SAMPLES = 5
"""Sources that a group remembers; the rest is a number, so memory stays flat."""

_WORST_FIRST = (
    Verdict.STUCK,
    Verdict.INCOMPATIBLE,
    Verdict.NOT_REPLAYABLE,
    Verdict.WARNING,
)


@dataclass(slots=True)
class Group:
    """Histories with the same first difference."""

    verdict: Verdict
    name: str
    """The orchestrator."""
    first: ReplayResult
    difference: Difference | None
    """None for what could not be replayed."""
    count: int = 0
    samples: list[tuple[Source, str]] = field(default_factory=list[tuple[Source, str]])
    """Where they are, and whose: the first few."""

    @property
    def headline(self) -> str:
        """What happened, in one line."""
        if self.difference is None:
            return self.first.why
        return self.difference.cause or f"{self.difference.recorded} → {self.difference.replayed}"


@dataclass(slots=True)
class Summary:
    """Counts verdicts, and groups what is not compatible by its first difference."""

    counts: Counter[Verdict] = field(default_factory=Counter[Verdict])
    not_compared: Counter[str] = field(default_factory=Counter[str])
    turns: int = 0
    _groups: dict[tuple[str, ...], Group] = field(default_factory=dict[tuple[str, ...], Group])

    def add(self, result: ReplayResult) -> None:
        """Take one verdict."""
        self.counts[result.verdict] += 1
        self.not_compared.update(result.not_compared)
        self.turns += result.turns
        if result.verdict is Verdict.COMPATIBLE:
            return
        if result.verdict is Verdict.WARNING:
            for warning in {item.group: item for item in result.warnings}.values():
                self._join(result, warning)
        else:
            self._join(result, result.difference)

    def _join(self, result: ReplayResult, difference: Difference | None) -> None:
        what = (result.why,) if difference is None else difference.group
        key = (result.verdict, result.name, *what)
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = Group(
                verdict=result.verdict, name=result.name, first=result, difference=difference
            )
        group.count += 1
        if len(group.samples) < _SAMPLES:
            group.samples.append((result.source, result.instance_id))

    @property
    def total(self) -> int:
        """How many histories there were."""
        return self.counts.total()

    @property
    def groups(self) -> list[Group]:
        """The groups, worst and largest first."""
        return sorted(
            self._groups.values(),
            key=lambda group: (_WORST_FIRST.index(group.verdict), -group.count),
        )

    @property
    def exit_code(self) -> int:
        """0 if a deployment may go out, 1 if it would break instances, 2 if nobody can tell."""
        if any(self.counts[verdict] for verdict in Verdict if verdict.is_bad):
            return 1
        return 2 if self.counts[Verdict.NOT_REPLAYABLE] else 0

"""What if people acted otherwise? Events that come early, late, twice, never or exchanged.

Each is a choice before the scenario begins, its quiet answer first. A scenario's `expect` says
nothing about such a world, so it is not asked; what must hold in every world still must.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final, Literal

from wfsim.choices import Chooser
from wfsim.clock import format_duration
from wfsim.errors import UsageError, nearest
from wfsim.history import TimerCreated
from wfsim.hub.faults import Faults
from wfsim.scenario import LoadedScenario
from wfsim.scenario.steps import StepModel
from wfsim.trace import HistoryAppended, Trace

__all__ = [
    "WHAT_IFS",
    "Perturbed",
    "WhatIf",
    "deadlines_in",
    "perturbed",
    "what_if_of",
    "with_what_if",
]

WhatIf = Literal["events", "failures", "models", "interruptions"]
WHAT_IFS: Final[tuple[WhatIf, ...]] = ("events", "failures", "models", "interruptions")
_MOST_EVENTS: Final = 2
"""So many events are changed in one run."""
_MOST_PAIRS: Final = 10
"""So many pairs of events may change places, the first ones of the scenario."""
_LATE_US: Final = 3_600_000_000
"""How long after the last thing that was to happen a late event comes."""
_MOST_TICKS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Perturbed:
    """A scenario in which people act otherwise."""

    scenario: LoadedScenario
    events: frozenset[str]
    """Names of the events that were changed."""


def what_if_of(what_if: str | Iterable[str] | None) -> frozenset[WhatIf]:
    """Return the kinds of what-if that an argument stands for.

    Raises:
        UsageError: there is no such kind.
    """
    if what_if is None:
        return frozenset()
    given = what_if.split(",") if isinstance(what_if, str) else list(what_if)
    names = {name.strip() for name in given}
    if names == {"all"}:
        return frozenset(WHAT_IFS)
    for name in sorted(names - set(WHAT_IFS)):
        raise UsageError(f"There is no what-if {name!r}.{nearest(name, (*WHAT_IFS, 'all'))}")
    return frozenset(kind for kind in WHAT_IFS if kind in names)


def with_what_if(faults: Faults | None, what_if: frozenset[WhatIf]) -> Faults | None:
    """Return a budget that has what hubs decide of a what-if, too."""
    if not what_if & {"failures", "models", "interruptions"}:
        return faults
    return replace(
        faults or Faults(),
        activity_failures=int("failures" in what_if),
        model_failures=int("models" in what_if),
        interruptions=int("interruptions" in what_if),
    )


def deadlines_in(trace: Trace) -> tuple[int, ...]:
    """Return when the timers of a run were due, since its beginning: the ticks that matter."""
    dues = {
        record.event.fire_at_us - trace.start_us
        for record in trace
        if isinstance(record, HistoryAppended) and isinstance(record.event, TimerCreated)
    }
    return tuple(sorted(dues)[:_MOST_TICKS])


def perturbed(scenario: LoadedScenario, choose: Chooser, deadlines_us: Sequence[int]) -> Perturbed:
    """Return a scenario with some of its events changed.

    Args:
        scenario: What people would do.
        choose: Answers, for each event, what happens to it.
        deadlines_us: Instants since the beginning at which an event may come, too.
    """
    steps: list[StepModel] = []
    planned, changed = _exchanged(scenario.data.steps, choose)
    last_us = max((step.at for step in planned), default=0)
    late_us = max((last_us, *deadlines_us)) + _LATE_US
    for number, step in enumerate(planned, 1):
        if step.raise_event is None or len(changed) >= _MOST_EVENTS:
            steps.append(step)
            continue
        name = step.raise_event.name
        variants = dict(_variants(step, deadlines_us, late_us))
        options = ["as planned", *(f"{label}(event {name})" for label in variants)]
        picked = choose(f"what becomes of event {name}, step {number}", options)
        if picked == 0:
            steps.append(step)
            continue
        changed.add(name)
        steps += list(variants.values())[picked - 1]
    if not changed:
        return Perturbed(scenario=scenario, events=frozenset())
    data = scenario.data.model_copy(update={"steps": steps})
    return Perturbed(scenario=replace(scenario, data=data), events=frozenset(changed))


def _exchanged(steps: Sequence[StepModel], choose: Chooser) -> tuple[Sequence[StepModel], set[str]]:
    """Return steps of which two events may have changed places, and the names of those."""
    events = [place for place, step in enumerate(steps) if step.raise_event is not None]
    pairs = [
        (first, second)
        for first, second in combinations(events, 2)
        if not _are_alike(steps[first], steps[second])
    ][:_MOST_PAIRS]
    if not pairs:
        return steps, set()
    named = [(_event_of(steps[first]), _event_of(steps[second])) for first, second in pairs]
    options = ["as planned", *(f"swap(event {one}, event {other})" for one, other in named)]
    picked = choose("order of events", options)
    if picked == 0:
        return steps, set()
    first, second = pairs[picked - 1]
    found = list(steps)
    found[first] = steps[second].model_copy(update={"at": steps[first].at})
    found[second] = steps[first].model_copy(update={"at": steps[second].at})
    return found, set(named[picked - 1])


def _are_alike(step: StepModel, other: StepModel) -> bool:
    """Whether it makes no difference which of two events comes first."""
    return step.model_copy(update={"at": 0}) == other.model_copy(update={"at": 0})


def _event_of(step: StepModel) -> str:
    return "" if step.raise_event is None else step.raise_event.name


def _variants(
    step: StepModel, deadlines_us: Sequence[int], late_us: int
) -> Iterator[tuple[str, list[StepModel]]]:
    def at(us: int) -> StepModel:
        return step.model_copy(update={"at": us})

    yield "never", []
    yield "twice", [step, step]
    if step.at > 0:
        yield "with the start", [at(0)]
    for due_us in deadlines_us:
        if due_us != step.at:
            yield f"at the tick of {format_duration(due_us)}", [at(due_us)]
    yield f"late, at {format_duration(late_us)}", [at(late_us)]

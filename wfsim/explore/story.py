"""A failure as a short story, and the whole of an exploration in a few lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count, zip_longest

from rich.text import Text

from wfsim.choices import Choice
from wfsim.clock import format_duration
from wfsim.explore.effects import RepeatedEffect, repeated_effects
from wfsim.explore.records import (
    Exploration,
    Failure,
    Observed,
    OutcomeCount,
    Problem,
    Race,
    Reach,
)
from wfsim.explore.spaces import space_lines
from wfsim.explore.words import Deviation, words_of
from wfsim.history.printable import printable
from wfsim.report.chart import Mark
from wfsim.report.charts import chart
from wfsim.report.details import Detail, line_of
from wfsim.report.difference import first_difference
from wfsim.report.names import readable, shortened
from wfsim.report.timeline import timeline_lines
from wfsim.trace import ChoiceMade

__all__ = ["failure_story", "outcome_lines", "played_story", "reach_lines", "told"]

_WIDE = 150
"""From so many columns on, two runs stand side by side."""
_BETWEEN = "  ┃ "
_LONGEST = 160
_MOST_OUTCOMES = 8
_NAMES = 6
"""So many waits or events are named."""


def failure_story(failure: Failure, *, width: int) -> Iterator[Text]:
    """Yield the lines that tell a problem: what is wrong, and which choices make it so.

    Args:
        failure: The problem, with its smallest schedule.
        width: Columns of the terminal.
    """
    yield from _sentence(failure.problem)
    yield Text(f"  found after {_count(failure.found_after, 'schedule')}, {_shrunk(failure)}")
    yield Text()
    nearest = failure.quiet
    if width >= _WIDE and failure.observed.deviations:
        yield from _side_by_side(failure.observed, nearest, width)
    else:
        yield from _timeline(failure.observed, width)
    yield from _effects(failure.observed)
    if failure.observed.deviations:
        yield Text()
        yield from _nearest(failure.observed, nearest)


def played_story(observed: Observed, *, width: int) -> Iterator[Text]:
    """Yield the lines that tell one run, whether it is wrong or not.

    Args:
        observed: The run.
        width: Columns of the terminal.
    """
    yield from _timeline(observed, width)
    yield from _effects(observed)
    yield Text()
    for problem in observed.problems:
        yield from _sentence(problem)
    yield Text(f"{'✗' if observed.problems else '✓'} {_cut(observed.outcome)}")


def outcome_lines(exploration: Exploration) -> Iterator[Text]:
    """Yield how runs ended, where they did so in several ways, and what decides it."""
    outcomes = exploration.outcomes
    if len(outcomes) < 2:
        return
    race = exploration.race
    text = Text("The outcome depends on what happens first:", style="bold")
    if race is not None and not race.deciding.count(" < "):
        text = Text("The outcome depends on the schedule:", style="bold")
    yield text
    widest = max(len(str(item.schedules)) for item in outcomes)
    for item in outcomes[:_MOST_OUTCOMES]:
        yield _outcome(item, widest)
    if len(outcomes) > _MOST_OUTCOMES:
        yield Text(f"  … and {len(outcomes) - _MOST_OUTCOMES} more outcomes", style="dim")
    if race is not None:
        yield Text(f"  first deciding point: {told(race.deciding)}")
        if not exploration.has_failed:
            yield from _way_to(race)


def reach_lines(exploration: Exploration) -> Iterator[Text]:
    """Yield how much of the space of schedules was seen."""
    reach = exploration.reach
    rate = reach.schedules / reach.seconds if reach.seconds else 0
    yield Text(
        f"{_count(reach.schedules, 'schedule')} ({reach.distinct:,} distinct, "
        f"{_count(len(exploration.outcomes), 'outcome')}) in {reach.seconds:.1f} s, "
        f"{rate:,.0f} a second"
    )
    yield Text(
        f"up to {_count(reach.points, 'choice point')} in one run; {reach.taken:,} of "
        f"{_count(reach.labels, 'deviation')} tried, {_count(reach.crashes, 'crash point')} hit",
        style="dim",
    )
    if reach.borders:
        yield Text(f"{_count(reach.borders, 'turn border')}, {_checked(reach)}", style="dim")
    for what, names in (
        ("waits that nothing ever resumed", reach.never_resumed),
        ("events that never came late", reach.never_late),
    ):
        if names:
            yield Text(f"{what}: {_few(names)}", style="dim")
    for line in space_lines(exploration):
        yield Text(line, style="bold" if line.startswith("proven") else "")
    for note in exploration.notes:
        yield Text(f"note: {note}", style="yellow")


def _checked(reach: Reach) -> str:
    """Say how many turn borders were replayed, and how many need no replay."""
    counts = {"replayed": reach.replayed, "proven": reach.proven_borders}
    whole = [f"all {how}" for how, number in counts.items() if number == reach.borders]
    parts = [f"{number:,} {how}" for how, number in counts.items() if number]
    return ", ".join(whole or parts or ["none replayed"])


def _few(names: Sequence[str]) -> str:
    shown = printable(", ".join(names[:_NAMES]))
    return f"{shown} and {len(names) - _NAMES} more" if len(names) > _NAMES else shown


def told(words: str) -> str:
    """Return a deviation as people read it; a repro string keeps its own form."""
    return shortened(printable(words)).replace(" < ", " before ")


def _sentence(problem: Problem) -> Iterator[Text]:
    first, *rest = printable(problem.text, lines=True).splitlines() or [problem.key]
    yield Text(f"✗ {first}", style="bold red")
    for line in rest:
        yield Text(f"  {line}")


def _shrunk(failure: Failure) -> str:
    left = len(failure.observed.deviations)
    if not left:
        return "and in the quiet order too: `wfsim run` shows it"
    return "shrunk to the one choice that matters" if left == 1 else f"shrunk to {left} choices"


def _timeline(observed: Observed, width: int) -> Iterator[Text]:
    # What people do otherwise is chosen before anything happens, so it is in no trace.
    made = sum(isinstance(item, ChoiceMade) and item.choice.picked > 0 for item in observed.trace)
    before = observed.deviations[: len(observed.deviations) - made]
    for number, deviation in enumerate(before, 1):
        yield Text(f"◆ {number}: {told(str(deviation))}", style="bold yellow")
    numbers = count(len(before) + 1)

    def say(choice: Choice) -> str:
        if not choice.picked:
            return ""
        return f"{next(numbers)}: {told(words_of(choice.about, choice.options, choice.picked))}"

    yield from timeline_lines(observed.trace, width=width, choices=say)


def _side_by_side(observed: Observed, nearest: Observed, width: int) -> Iterator[Text]:
    half = (width - len(_BETWEEN)) // 2
    left = [Text("this run", style="bold underline"), *_timeline(observed, half)]
    right = [Text("without the problem", style="bold underline"), *_timeline(nearest, half)]
    for one, other in zip_longest(left, right, fillvalue=Text()):
        line = one.copy()
        line.truncate(half, overflow="ellipsis", pad=True)
        line.append(_BETWEEN, style="dim").append_text(other)
        line.rstrip()
        yield line


def _nearest(observed: Observed, nearest: Observed) -> Iterator[Text]:
    yield Text(f"The nearest run without the problem: {_schedule(nearest.deviations)}")
    for line in _parting(observed, nearest):
        yield Text(f"  {line}")
    yield Text(f"  it ends with {_cut(nearest.outcome)}")


def _schedule(deviations: tuple[Deviation, ...]) -> str:
    return "; ".join(told(str(item)) for item in deviations) or "everything in order"


def _parting(observed: Observed, nearest: Observed) -> Iterator[str]:
    difference = first_difference(chart(observed.trace), chart(nearest.trace))
    if difference is None:
        return
    yield f"this run: {_said(difference.left, observed)}"
    yield f"that one: {_said(difference.right, nearest)}"


def _said(mark: Mark | None, observed: Observed) -> str:
    if mark is None:
        return "has ended"
    at = format_duration(mark.at_us - observed.trace.start_us)
    # Why it failed stands in its text.
    payload = [(name, value) for name, value in mark.payload if name != "failure"]
    told_with = "".join(f", {name} {' '.join(value.split())}" for name, value in payload)
    return _cut(f"T+{at} {readable(mark.lane)} {mark.text}{told_with}")


def _effects(observed: Observed) -> Iterator[Text]:
    effects = repeated_effects(observed.trace)
    if effects:
        yield Text()
    for effect in effects:
        yield Text(_effect(effect, observed.trace.start_us), style="yellow")


def _effect(effect: RepeatedEffect, start_us: int) -> str:
    times = [f"T+{format_duration(at_us - start_us)}" for at_us in effect.at_us]
    given = line_of((Detail(name="input", text=effect.input, form="wrapped"),))
    often = "twice" if len(times) == 2 else f"{len(times)} times"
    return (
        f"{effect.name} of {shortened(printable(effect.instance_id))} ran {often} with the same "
        f"input {_cut(given)}: at {' and '.join(times)}"
    )


def _outcome(item: OutcomeCount, widest: int) -> Text:
    noun = "schedule " if item.schedules == 1 else "schedules"
    return Text(f"  {item.schedules:>{widest}} {noun} → {_cut(item.outcome)}")


def _way_to(race: Race) -> Iterator[Text]:
    other = next((item for item in race.outcomes if race.deciding in item.words), None)
    if other is not None:
        yield Text(f'  --schedule "{printable(other.words)}"', style="dim")


def _cut(text: str) -> str:
    text = printable(text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _count(number: int, noun: str) -> str:
    plural = f"{noun}es" if noun.endswith("ch") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"

"""What exploring a test has shown, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from rich.text import Text

from wfsim.explore.records import Exploration, Failure, Observed, Problem
from wfsim.explore.spaces import space_lines
from wfsim.explore.story import failure_story, played_story, told

__all__ = ["reach_of", "story_of", "verdict_of"]

_MOST_OUTCOMES: Final = 4
_MOST_NAMES: Final = 2
_WIDTH: Final = 100


def reach_of(found: Exploration) -> str:
    """Return how much was seen, in one line."""
    reach = found.reach
    parts = [
        f"{_count(reach.schedules, 'schedule')}, {reach.distinct} distinct",
        _count(len(found.outcomes), "outcome"),
        _count(reach.points, "choice point"),
    ]
    if reach.crashes:
        parts.append(_count(reach.crashes, "crash point"))
    if reach.never_resumed:
        parts.append(f"never resumed: {_few(reach.never_resumed)}")
    if reach.never_late:
        parts.append(f"never late: {_few(reach.never_late)}")
    parts += space_lines(found)
    return ", ".join(parts)


def _few(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return " and ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def verdict_of(
    found: Exploration,
    outputs: Mapping[str, Sequence[object]],
    allowed: bool | Sequence[object],  # noqa: FBT001 - the marker's own argument
) -> list[str]:
    """Return what to say of outcomes that differ; nothing where they may.

    Args:
        found: The answer.
        outputs: By outcome, what orchestrations returned.
        allowed: True, or the outputs that are fine.
    """
    if found.race is None or allowed is True:
        return []
    if allowed is not False and all(
        output in allowed for item in found.race.outcomes for output in outputs[item.outcome]
    ):
        return []
    outcomes = found.race.outcomes
    lines = [
        "the outcome depends on the order:",
        *(
            f"  {_count(item.schedules, 'schedule')} → {_cut(item.outcome)}"
            for item in outcomes[:_MOST_OUTCOMES]
        ),
    ]
    if len(outcomes) > _MOST_OUTCOMES:
        lines.append(f"  and {_count(len(outcomes) - _MOST_OUTCOMES, 'outcome')} more")
    lines.append(f"  what decides: {_cut(told(found.race.deciding))}")
    if allowed is False:
        lines.append("  if all are fine: @pytest.mark.wfsim(allow_outcomes=True)")
    return lines


def story_of(found: Failure | Observed) -> str:
    """Return what happens in a schedule that fails: what is wrong, and what makes it so."""
    if isinstance(found, Failure) and found.observed.deviations:
        lines = failure_story(replace(found, problem=_short(found.problem)), width=_WIDTH)
        return _text(lines)
    seen = found.observed if isinstance(found, Failure) else found
    short = replace(seen, problems=tuple(map(_short, seen.problems)))
    quiet = "" if seen.deviations else "\nThis is the quiet run: first in, first out, no fault."
    return _text(played_story(short, width=_WIDTH)) + quiet


def _short(problem: Problem) -> Problem:
    """Return a problem without the rest of an assertion: all of it stands above."""
    return replace(problem, text=problem.text.partition("\n")[0])


def _text(lines: Iterable[Text]) -> str:
    return "\n".join(line.plain.rstrip() for line in lines)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _cut(text: str) -> str:
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"

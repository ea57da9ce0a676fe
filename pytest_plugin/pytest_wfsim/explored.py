"""What exploring a test has shown, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from wfsim.explore.records import Exploration, Failure, Observed

__all__ = ["reach_of", "story_of", "verdict_of"]

_MOST_OUTCOMES: Final = 4
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
    if found.proven:
        parts.append("proven: there is no other order")
    return ", ".join(parts)


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
    lines.append(f"  what decides: {_cut(found.race.deciding)}")
    if allowed is False:
        lines.append("  if all are fine: @pytest.mark.wfsim(allow_outcomes=True)")
    return lines


def story_of(found: Failure | Observed, *, strategy: str = "", seed: int = 0) -> str:
    """Return what happens in a schedule that fails: what is wrong, and what makes it so."""
    seen = found.observed if isinstance(found, Failure) else found
    problem = found.problem if isinstance(found, Failure) else seen.problems[0]
    lines = [problem.text.partition("\n")[0], ""]
    if seen.deviations:
        lines.append("It happens when these go otherwise than in the quiet run:")
        lines += [f"  {item}" for item in seen.deviations]
    else:
        lines.append("It happens in the quiet run, first in and first out, without any fault.")
    if strategy and isinstance(found, Failure) and seen.deviations:
        lines.append(
            f"Found in schedule {found.found_after} (strategy {strategy}, seed {seed}), and shrunk."
        )
    return "\n".join(lines)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _cut(text: str) -> str:
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"

"""Plays one schedule that is given in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wfsim.errors import UsageError
from wfsim.explore.api import Source, trial_of
from wfsim.explore.budgets import faults_from_text
from wfsim.explore.records import Observed
from wfsim.explore.search import Trial
from wfsim.explore.what_if import what_if_of
from wfsim.explore.words import Deviation, FollowWords, parse_words
from wfsim.hub.faults import Faults

__all__ = ["Replayed", "follow", "replay", "unfit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What came of a schedule in words."""

    words: str
    observed: Observed
    never_offered: tuple[Deviation, ...]
    """Choices that no run had to make; their words mean nothing to this app and scenario."""
    not_reached: tuple[Deviation, ...]
    """Choices that were to be had, but not after those in front of them, or not so many times."""

    @property
    def fits(self) -> bool:
        """Whether all of it happened."""
        return not self.never_offered and not self.not_reached


def follow(trial: Trial, words: str) -> Replayed:
    """Play a schedule.

    Args:
        trial: What is played.
        words: A repro string.

    Raises:
        UsageError: it is none.
    """
    follower = FollowWords(parse_words(words))
    observed = trial.run(follower)
    never = tuple(item for item in follower.left if item.words not in observed.labels)
    return Replayed(
        words=words,
        observed=observed,
        never_offered=never,
        not_reached=tuple(item for item in follower.left if item not in never),
    )


def unfit(replayed: Replayed) -> str:
    """Return in words why a schedule does not fit; nothing where it does."""
    if replayed.fits:
        return ""
    lines = ["The schedule does not fit any more:"]
    lines += [f"  never offered: {item}" for item in replayed.never_offered]
    lines += [f"  not reached:   {item}" for item in replayed.not_reached]
    return "\n".join(lines)


def replay(
    scenario: Source,
    words: str,
    *,
    app: object = None,
    workflow: object = None,
    faults: Faults | str | None = "all",
    what_if: str | Iterable[str] | None = None,
) -> Observed:
    """Play a scenario, or a function, under one schedule.

    Args:
        scenario: See `explore`.
        words: A repro string, as `explore` and `wfsim fuzz` give it.
        app: See `explore`.
        workflow: See `explore`.
        faults: See `explore`; text may also be a list such as "activity_crashes=2,duplicates".
        what_if: See `explore`.

    Returns:
        The run; its `problems` are empty if nothing was wrong.

    Raises:
        UsageError: a choice that the schedule names was not to be had: the app, the scenario or
            what may go wrong has changed, and this schedule says nothing about it any more.
    """
    budget = faults_from_text(faults) if isinstance(faults, str) else faults
    trial = trial_of(scenario, app, workflow, faults=budget, what_if=what_if_of(what_if))
    replayed = follow(trial, words)
    if replayed.fits:
        return replayed.observed
    raise UsageError(
        f"{unfit(replayed)}\nThe app, the scenario or what may go wrong is another than when it "
        "was found. Explore again, and put the new schedule in its place, or drop this one."
    )

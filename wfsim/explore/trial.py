"""One explored run of a scenario: played under a chooser, and seen from outside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from wfsim.choices import Chooser
from wfsim.explore.oracles import (
    TOLD_BY_ERRORS,
    End,
    nameless,
    problem_of_error,
    problem_of_finding,
    shown_end,
)
from wfsim.explore.records import Observed, Problem
from wfsim.explore.words import Recorder
from wfsim.history.jsontext import write
from wfsim.hub.faults import Faults
from wfsim.scenario import LoadedScenario, Outcome, play
from wfsim.scenario.expect import Mismatch
from wfsim.trace import ActivityStarted

__all__ = ["ScenarioTrial"]


class ScenarioTrial:
    """Plays a scenario under choosers.

    Args:
        scenario: What to play.
        faults: What may go wrong.
        seed: Decides ids and randomness, the same in every run.
        max_steps: See `Simulation`.
    """

    def __init__(
        self,
        scenario: LoadedScenario,
        *,
        faults: Faults | None = None,
        seed: int = 0,
        max_steps: int | None = None,
    ) -> None:
        self.scenario = scenario
        self.faults = faults
        self._seed = seed
        self._options = {} if max_steps is None else {"max_steps": max_steps}
        self._runs = 0

    def run(self, chooser: Chooser) -> Observed:
        """Play once, with freshly loaded modules."""
        recorder = Recorder(chooser)
        end = End(run=self._runs)
        self._runs += 1
        outcome = play(
            self.scenario,
            seed=self._seed,
            schedule=recorder,
            faults=self.faults,
            at_end=end,
            **self._options,
        )
        return Observed(
            outcome=outcome_text(outcome),
            problems=tuple(_problems(outcome, end)),
            deviations=tuple(recorder.deviations),
            points=recorder.points,
            labels=frozenset(recorder.offered),
            trace=outcome.trace,
            executions=Counter(
                (item.instance_id, item.name, item.task_id)
                for item in outcome.trace
                if isinstance(item, ActivityStarted)
            ),
        )


def outcome_text(outcome: Outcome) -> str:
    """Return how everything ended, in one line; times and made-up ids do not count."""
    parts = [shown_end(run.orchestrator, run.status, run.output) for run in outcome.runs]
    parts += [
        f"{entity.entity_id} = {write(entity.state) if entity.exists else 'none'}"
        for entity in outcome.entities
    ]
    parts += [f"{answer.method} {answer.path}: {answer.status}" for answer in outcome.answers]
    if outcome.error is not None:
        parts.append(type(outcome.error).__name__)
    return nameless("; ".join(parts)) or "nothing"


def _problems(outcome: Outcome, end: End) -> Iterator[Problem]:
    error = outcome.error or end.error
    if error is not None:
        yield problem_of_error(error)
    for finding in outcome.findings:
        if finding.code in TOLD_BY_ERRORS and error is not None:
            continue
        if not end.explains(finding):
            yield problem_of_finding(finding)
    if not end.slowed:  # how long an activity takes may well decide; the outcomes show it
        yield from map(_of_mismatch, outcome.mismatches)


def _of_mismatch(mismatch: Mismatch) -> Problem:
    of = f"{mismatch.instance_id}." if mismatch.instance_id else ""
    is_failure = mismatch.key == "status" and mismatch.got.startswith("Failed")
    return Problem(
        kind="failed" if is_failure else "expect",
        key=f"expect {of}{mismatch.key}",
        text=f"{of}{mismatch.key}: expected {mismatch.wanted}, got {mismatch.got}",
    )

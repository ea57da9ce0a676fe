"""One explored run of a scenario: played under a chooser, and seen from outside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

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
from wfsim.explore.what_if import Perturbed, WhatIf, deadlines_in, perturbed
from wfsim.explore.words import Recorder, number_of
from wfsim.history.jsontext import write
from wfsim.hub.faults import Faults
from wfsim.hub.settings import DEFAULT_MAX_STEPS
from wfsim.scenario import LoadedScenario, Outcome, play
from wfsim.scenario.expect import Mismatch
from wfsim.trace import ActivityStarted, Finding
from wfsim.workers.azure_functions import KeptApp

__all__ = ["ScenarioTrial"]


class ScenarioTrial:
    """Plays a scenario under choosers.

    Args:
        scenario: What to play.
        faults: What may go wrong.
        what_if: What people and activities may do otherwise; then `expect` is not asked.
        seed: Decides ids and randomness, the same in every run.
        max_steps: See `Simulation`.
        remembers: Whether a run may use what earlier runs found out; it never shows in a result.
    """

    def __init__(
        self,
        scenario: LoadedScenario,
        *,
        faults: Faults | None = None,
        what_if: frozenset[WhatIf] = frozenset(),
        seed: int = 0,
        max_steps: int = DEFAULT_MAX_STEPS,
        remembers: bool = True,
    ) -> None:
        self.scenario = scenario
        self.faults = _with(faults, what_if)
        self.what_if = what_if
        self._seed = seed
        self._max_steps = max_steps
        self._app = KeptApp(scenario.app) if remembers else None
        self._deadlines: tuple[int, ...] | None = None

    def run(self, chooser: Chooser) -> Observed:
        """Play once, with freshly loaded modules."""
        recorder, end = Recorder(chooser), End(run=number_of(chooser))
        played = Perturbed(scenario=self.scenario, events=frozenset())
        if "events" in self.what_if:
            if self._deadlines is None:
                self._deadlines = deadlines_in(play(self.scenario, seed=self._seed).trace)
            played = perturbed(self.scenario, recorder, self._deadlines)
        outcome = play(
            played.scenario,
            app=self._app,
            seed=self._seed,
            schedule=recorder,
            faults=self.faults,
            max_steps=self._max_steps,
            at_end=end,
            is_lenient=bool(self.what_if),
        )
        return Observed(
            outcome=outcome_text(outcome),
            problems=tuple(self._problems(outcome, end, played.events)),
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

    def _problems(self, outcome: Outcome, end: End, changed: frozenset[str]) -> Iterator[Problem]:
        error = outcome.error or end.error
        if error is not None:
            yield problem_of_error(error)
        for finding in outcome.findings:
            if finding.code in TOLD_BY_ERRORS and error is not None:
                continue
            if end.explains(finding) or _is_about(finding, changed):
                continue
            yield problem_of_finding(finding)
        for mismatch in () if self.what_if else outcome.mismatches:
            if mismatch.key != "finished_by" or not end.slowed:
                yield _of_mismatch(mismatch)


def _with(faults: Faults | None, what_if: frozenset[WhatIf]) -> Faults | None:
    """Return a budget that has what hubs decide of a what-if, too."""
    if not what_if & {"failures", "interruptions"}:
        return faults
    return replace(
        faults or Faults(),
        activity_failures=int("failures" in what_if),
        interruptions=int("interruptions" in what_if),
    )


def _is_about(finding: Finding, events: frozenset[str]) -> bool:
    """Whether a finding only says that nobody waited for an event that was changed on purpose."""
    return finding.code == "WF102" and any(f"{name!r}" in finding.message for name in events)


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


def _of_mismatch(mismatch: Mismatch) -> Problem:
    of = f"{mismatch.instance_id}." if mismatch.instance_id else ""
    is_failure = mismatch.key == "status" and mismatch.got.startswith("Failed")
    return Problem(
        kind="failed" if is_failure else "expect",
        key=f"expect {of}{mismatch.key}",
        text=f"{of}{mismatch.key}: expected {mismatch.wanted}, got {mismatch.got}",
    )

"""One explored run of a scenario: played under a chooser, and seen from outside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cached_property

from wfsim.choices import Chooser, first_in_first_out
from wfsim.errors import ScriptError
from wfsim.explore.oracles import (
    TOLD_BY_ERRORS,
    End,
    nameless,
    problem_of_error,
    problem_of_finding,
    shown_end,
)
from wfsim.explore.records import Observed, Problem
from wfsim.explore.repeats import Repeats
from wfsim.explore.seen import seen_in
from wfsim.explore.what_if import Perturbed, WhatIf, deadlines_in, perturbed, with_what_if
from wfsim.explore.words import Recorder, number_of
from wfsim.history.jsontext import write
from wfsim.hub.faults import WHAT_IF_FAILURE, Faults
from wfsim.hub.settings import DEFAULT_MAX_STEPS
from wfsim.report.failures import cause
from wfsim.scenario import LoadedScenario, Outcome, RunReport, play
from wfsim.scenario.expect import Mismatch
from wfsim.scenario.perform import Refusals
from wfsim.trace import ActivityStarted
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
        self.faults = with_what_if(faults, what_if)
        self.what_if = what_if
        self._seed = seed
        self._max_steps = max_steps
        self._app = KeptApp(scenario.app) if remembers else None
        self.repeats = Repeats()

    def run(self, chooser: Chooser) -> Observed:
        """Play once, with freshly loaded modules; or find the run again, if it was played."""
        end = End(run=number_of(chooser))
        if self._app is None:
            return self._played(Recorder(chooser), end, self._refusals(chooser))
        refusals = self._refusals(chooser)
        kind = (refusals, end.is_replayed)
        path = self.repeats.follow(chooser, kind, self._app.files.present)
        if path.observed is not None:
            return path.observed
        observed = self._played(Recorder(path), end, refusals)
        # Where another worker agreed, the run is what it would be if none had been asked.
        kinds = {kind} if end.error else {kind, (refusals, False)}
        if self._app.is_plain:
            self.repeats.keep(path, observed, kinds, self._app.files.loaded)
        return observed

    def _played(self, recorder: Recorder, end: End, refusals: Refusals) -> Observed:
        played = Perturbed(scenario=self.scenario, events=frozenset())
        if "events" in self.what_if:
            played = perturbed(self.scenario, recorder, deadlines_in(self._as_written.trace))
        outcome = play(
            played.scenario,
            app=self._app,
            seed=self._seed,
            schedule=recorder,
            faults=self.faults,
            max_steps=self._max_steps,
            guard="off",  # what is remembered is not run again, so nothing could be heard of it
            replay="search",
            at_end=end,
            refusals=refusals,
        )
        return Observed(
            outcome=outcome_text(outcome),
            problems=tuple(self._problems(outcome, end, played.events)),
            deviations=tuple(recorder.deviations),
            points=recorder.points,
            labels=frozenset(recorder.offered),
            trace=outcome.trace,
            seen=seen_in(outcome.trace, replayed=end.replayed, proven=end.proven),
            executions=Counter(
                (item.instance_id, item.name, item.task_id)
                for item in outcome.trace
                if isinstance(item, ActivityStarted)
            ),
        )

    @cached_property
    def _as_written(self) -> Outcome:
        """What comes of the scenario where nobody does anything otherwise."""
        return play(self.scenario, app=self._app, seed=self._seed, guard="off", replay="search")

    def _refusals(self, chooser: Chooser) -> Refusals:
        """Return what a refused step means: in the quiet run, a mistake of the scenario."""
        if self.what_if:
            return "ignore"
        return "raise" if chooser is first_in_first_out else "note"

    def _problems(self, outcome: Outcome, end: End, changed: frozenset[str]) -> Iterator[Problem]:
        error = outcome.error or end.error
        if error is not None and not (isinstance(error, ScriptError) and end.has_faults):
            yield problem_of_error(error)  # what is done twice asks a script once more
        for finding in outcome.findings:
            if finding.code in TOLD_BY_ERRORS and error is not None:
                continue
            # Where people act otherwise, runs take other ways, and events miss them by design.
            if end.explains(finding) or (finding.code == "WF102" and changed):
                continue
            yield problem_of_finding(finding)
        if self.what_if:
            known = [run.output for run in self._as_written.runs if run.status == "Failed"]
            yield from (
                _of_failure(run)
                for run in outcome.runs
                if run.status == "Failed" and run.output not in known
                if WHAT_IF_FAILURE not in str(run.output)
            )
        # What made the host refuse a step comes before the refusal.
        mismatches = sorted(outcome.mismatches, key=lambda item: item.key.startswith("steps["))
        for mismatch in () if self.what_if else mismatches:
            if mismatch.key != "finished_by" or not end.slowed:
                yield _of_mismatch(mismatch)


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


def _of_failure(run: RunReport) -> Problem:
    """Return the failure of a run that fails by itself, and not with what was made to fail."""
    why = cause(str(run.output))
    return Problem(
        kind="failed",
        key=f"failed {run.orchestrator} {nameless(why)}",
        text=f"{run.orchestrator} {run.instance_id} fails by itself, not as was to be: {why}",
    )


def _of_mismatch(mismatch: Mismatch) -> Problem:
    of = f"{mismatch.instance_id}." if mismatch.instance_id else ""
    is_failure = mismatch.key == "status" and mismatch.got.startswith("Failed")
    return Problem(
        kind="failed" if is_failure else "expect",
        key=f"expect {of}{mismatch.key}",
        text=f"{of}{mismatch.key}: expected {mismatch.wanted}, got {mismatch.got}",
    )

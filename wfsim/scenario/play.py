"""Plays a scenario: what is done, then what came out against what should have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from wfsim.choices import Schedule
from wfsim.errors import (
    AppLoadError,
    ScenarioError,
    ScriptError,
    UsageError,
    WfsimError,
    WorkflowError,
)
from wfsim.guards import GuardMode
from wfsim.hub.faults import Faults
from wfsim.hub.settings import DEFAULT_MAX_STEPS
from wfsim.options import Replay
from wfsim.report.failures import cause
from wfsim.runs import OrchestrationRun
from wfsim.scenario.expect import Mismatch, check, check_entities
from wfsim.scenario.load import LoadedScenario
from wfsim.scenario.names import check_names
from wfsim.scenario.outcome import EntityReport, Outcome, RunReport, report_of
from wfsim.scenario.perform import Performer, Refusals
from wfsim.scenario.requests import SentHttp
from wfsim.scenario.values import name_and_key
from wfsim.simulation import Simulation

__all__ = ["play"]

_DAY_US = 86_400_000_000
_LONGEST_US = 366 * _DAY_US
"""Where a scenario without `until` stops: some workflows never end."""


def play(  # noqa: PLR0913 - keyword-only, each with a default
    scenario: LoadedScenario,
    *,
    app: object = None,
    seed: int = 0,
    schedule: Schedule | None = None,
    faults: Faults | None = None,
    max_steps: int = DEFAULT_MAX_STEPS,
    guard: GuardMode | None = None,
    replay: Replay = "every",
    at_end: Callable[[Simulation], None] | None = None,
    refusals: Refusals = "raise",
) -> Outcome:
    """Run a scenario in a simulation of its own.

    Args:
        scenario: What to run.
        app: What to run it with, in place of the app that it names.
        seed: See `Simulation`.
        schedule: See `Simulation`.
        faults: See `Simulation`.
        max_steps: See `Simulation`.
        guard: See `Simulation`; the default is what the scenario says.
        replay: See `Simulation`.
        at_end: Called with the simulation when all has happened, before it is closed.
        refusals: What a step means that the host refuses: a mistake of the scenario ("raise"), a
            mismatch, because the run has ended otherwise than it should ("note"), or nothing,
            because people act otherwise than the scenario says ("ignore").

    Raises:
        ScenarioError: its app cannot be loaded, it names what the app does not have, or it asks
            for what the host refuses.
    """
    try:
        simulation = Simulation(
            scenario.app if app is None else app,
            seed=seed,
            schedule=schedule,
            faults=faults,
            findings="ignore",
            guard=guard or scenario.data.guard or "warn",
            max_steps=max_steps,
            replay=replay,
        )
    except AppLoadError as error:
        raise scenario.error(("app",), str(error)) from error
    with simulation:
        return _Player(scenario, simulation, refusals=refusals).play(at_end)


class _Player:
    def __init__(
        self, scenario: LoadedScenario, simulation: Simulation, *, refusals: Refusals
    ) -> None:
        self._scenario = scenario
        self._simulation = simulation
        self._performer = Performer(scenario, simulation, refusals=refusals)

    def play(self, at_end: Callable[[Simulation], None] | None) -> Outcome:
        simulation, data = self._simulation, self._scenario.data
        begin_us = simulation.now_us
        check_names(self._scenario, simulation)
        self._stub()
        self._performer.schedule()
        error = self._run(begin_us + (_LONGEST_US if data.until is None else data.until))
        elapsed_us = simulation.now_us - begin_us
        sent = self._performer.sent
        reports = tuple(self._reports(begin_us))
        answers = tuple(item.report for item in sent if isinstance(item, SentHttp))
        entities = tuple(self._entities())
        mismatches = tuple(self._mismatches(begin_us)) if error is None else ()
        if at_end is not None:
            at_end(simulation)
        error = self._close() or error
        return Outcome(
            runs=reports,
            answers=answers,
            entities=entities,
            mismatches=mismatches,
            findings=tuple(simulation.findings),
            error=error,
            elapsed_us=elapsed_us,
            trace=simulation.trace,
        )

    def _stub(self) -> None:
        stubs = self._scenario.data.stubs
        for name, answers in stubs.activities.items():
            try:
                self._simulation.stub_activity(name, answers=[item.answer for item in answers])
            except UsageError as error:
                raise self._scenario.error(("stubs", "activities", name), str(error)) from None
        for index, stub in enumerate(stubs.http):
            try:
                self._simulation.stub_http(stub.method, stub.url, answers=stub.every_answer)
            except UsageError as error:
                raise self._scenario.error(("stubs", "http", index), str(error)) from None
        for name, turns in stubs.agents.items():
            self._script(name, turns)

    def _script(self, name: str, turns: str | list[Any]) -> None:
        from wfsim.chat import turns_of  # noqa: PLC0415 - imports Agent Framework

        scenario, at = self._scenario, ("stubs", "agents", name)
        if isinstance(turns, str):
            try:
                self._simulation.script(name, scenario.path.parent / turns)
            except UsageError as error:
                raise scenario.error(at, str(error)) from None
            return
        try:
            made = turns_of(turns, ".".join(at), prefix=lambda place: scenario.place((*at, *place)))
        except UsageError as error:
            raise ScenarioError(str(error)) from None  # each of its lines says where
        self._simulation.script(name, made)

    def _run(self, deadline_us: int) -> WfsimError | None:
        """Let everything happen; return what stopped it early."""
        try:
            self._simulation.move_until(lambda: self._performer.is_over, deadline_us)
        except (WorkflowError, ScriptError) as error:
            return error
        except UsageError as error:
            raise self._performer.blamed(error) from None
        return None

    def _close(self) -> WfsimError | None:
        """End the simulation; return what its scripts have left to say."""
        try:
            self._simulation.close()
        except ScriptError as error:
            return error
        return None

    # --- what came of it ------------------------------------------------------------------------

    def _reports(self, begin_us: int) -> Iterator[RunReport]:
        performer = self._performer
        for start, run in zip(self._scenario.data.start, performer.runs, strict=True):
            if run is not None:
                yield report_of(run, start.orchestrator, begin_us)
        for run in (*performer.copies, *performer.started_by_app()):
            yield report_of(run, "" if run.is_purged else run.name, begin_us)

    def _entities(self) -> Iterator[EntityReport]:
        """Yield what became of the entities that the scenario names."""
        data = self._scenario.data
        signalled = [step.signal_entity.entity for step in data.steps if step.signal_entity]
        expected = [name for expect in data.expect for name in expect.entities]
        parts = [name_and_key(entity_id) for entity_id in (*signalled, *expected)]
        for entity in dict.fromkeys(self._simulation.entity(*item) for item in parts):
            yield EntityReport(entity_id=entity.entity_id, exists=entity.exists, state=entity.state)

    def _mismatches(self, begin_us: int) -> Iterator[Mismatch]:
        for request in self._performer.sent:
            if request.mismatch is not None:
                yield request.mismatch
        yield from self._performer.refused
        for index, expect in enumerate(self._scenario.data.expect):
            yield from check_entities(expect, self._simulation)
            if not expect.is_of_run:
                continue
            run = self._expected(index, expect.instance)
            if isinstance(run, str):
                yield Mismatch(
                    key="status",
                    wanted=expect.status or "a run",
                    got=run,
                    instance_id=expect.instance or "",
                )
            else:
                yield from check(expect, run, self._simulation.trace, begin_us=begin_us)
        yield from self._unexpected_failures()

    def _expected(self, index: int, instance: str | None) -> OrchestrationRun | str:
        """Return the run that an expectation is about, or why there is none."""
        if instance is None:
            return self._performer.runs[0] or "never started"
        try:
            return self._simulation.run(instance)
        except UsageError as error:
            if self._scenario.data.has_requests:
                return str(error)  # the app should have started it, so the file may well be right
            raise self._scenario.error(("expect", index), str(error)) from None

    def _unexpected_failures(self) -> Iterator[Mismatch]:
        """Yield runs that failed without anybody saying that they would."""
        foretold = {
            item.instance
            for item in self._scenario.data.expect
            if item.status is not None or item.failure is not None
        }
        own = self._performer.runs
        for index, run in enumerate((*own, *self._performer.started_by_app())):
            if run is None or run.is_purged or run.failure is None:
                continue
            if run.instance_id in foretold or (index == 0 and own and None in foretold):
                continue
            yield Mismatch(
                key="status",
                wanted="no failure, since expect: says nothing of status or failure",
                got=f"Failed: {cause(run.failure)}",
                instance_id=run.instance_id,
            )

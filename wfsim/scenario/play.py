"""Plays a scenario: starts, steps, then what came out against what should have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from wfsim.choices import Schedule
from wfsim.clock import format_duration
from wfsim.errors import AppLoadError, ScenarioError, UsageError, WorkflowError
from wfsim.history.jsontext import JsonValue
from wfsim.hub.settings import DEFAULT_MAX_STEPS
from wfsim.report.failures import cause
from wfsim.runs import OrchestrationRun
from wfsim.scenario.expect import Mismatch, check
from wfsim.scenario.load import LoadedScenario
from wfsim.scenario.model import AnswerModel, StartModel, StepModel
from wfsim.simulation import Simulation
from wfsim.stubs import UNSET, Answer
from wfsim.trace import Finding, Trace

__all__ = ["Outcome", "RunReport", "play"]

_DAY_US = 86_400_000_000
_LONGEST_US = 366 * _DAY_US
"""Where a scenario without `until` stops: some workflows never end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """One orchestration at the end of a scenario."""

    instance_id: str
    orchestrator: str
    status: str
    output: JsonValue
    custom_status: JsonValue
    finished_us: int | None
    """When it ended, since the scenario's start."""
    waiting_for: dict[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a scenario."""

    runs: tuple[RunReport, ...]
    mismatches: tuple[Mismatch, ...]
    findings: tuple[Finding, ...]
    error: WorkflowError | None
    """What stopped the scenario early, if something did."""
    elapsed_us: int
    trace: Trace

    @property
    def is_good(self) -> bool:
        """Whether everything is as it should be; findings that are not certain do not count."""
        certain = any(finding.is_certain for finding in self.findings)
        return self.error is None and not self.mismatches and not certain


def play(
    scenario: LoadedScenario,
    *,
    seed: int = 0,
    schedule: Schedule | None = None,
    max_steps: int = DEFAULT_MAX_STEPS,
) -> Outcome:
    """Run a scenario in a simulation of its own.

    Args:
        scenario: What to run.
        seed: See `Simulation`.
        schedule: See `Simulation`.
        max_steps: See `Simulation`.

    Raises:
        ScenarioError: its app cannot be loaded, it names what the app does not have, or it asks
            for what the host refuses.
    """
    try:
        simulation = Simulation(
            scenario.app, seed=seed, schedule=schedule, findings="ignore", max_steps=max_steps
        )
    except AppLoadError as error:
        raise scenario.error(("app",), str(error)) from error
    with simulation:
        return _Player(scenario, simulation).play()


class _Player:
    def __init__(self, scenario: LoadedScenario, simulation: Simulation) -> None:
        self._scenario = scenario
        self._simulation = simulation
        self._runs: list[OrchestrationRun | None] = [None] * len(scenario.data.start)
        self._copies: list[OrchestrationRun] = []
        """What steps have restarted under a new id."""
        self._steps_left = len(scenario.data.steps)

    def play(self) -> Outcome:
        simulation, data = self._simulation, self._scenario.data
        begin_us = simulation.now_us
        for name, answers in data.stubs.activities.items():
            self._stub(name, answers)
        for index, start in enumerate(data.start):
            self._check_orchestrator(index, start)
            self._schedule(start.at, partial(self._start, index, start))
        for index, step in enumerate(data.steps):
            self._schedule(step.at, partial(self._step, index, step))
        for index, expect in enumerate(data.expect):
            for name in expect.activity_calls:
                self._check_activity(index, name)
        until_us = _LONGEST_US if data.until is None else data.until
        error: WorkflowError | None = None
        try:
            simulation.move_until(self._is_over, begin_us + until_us)
        except WorkflowError as problem:
            error = problem
        elapsed_us = simulation.now_us - begin_us
        reports = tuple(self._reports(begin_us))
        mismatches = tuple(self._mismatches(begin_us)) if error is None else ()
        simulation.close()
        return Outcome(
            runs=reports,
            mismatches=mismatches,
            findings=tuple(simulation.findings),
            error=error,
            elapsed_us=elapsed_us,
            trace=simulation.trace,
        )

    def _schedule(self, at_us: int, do: Callable[[], None]) -> None:
        if at_us == 0:
            do()  # before anything runs, as a client that starts and asks in one breath
        else:
            self._simulation.call_at(self._simulation.now_us + at_us, do)

    def _is_over(self) -> bool:
        return self._steps_left == 0 and all(
            run is not None and (run.is_purged or run.status.is_final)
            for run in (*self._runs, *self._copies)
        )

    def _stub(self, name: str, answers: list[AnswerModel]) -> None:
        try:
            self._simulation.stub_activity(name, answers=[_answer(item) for item in answers])
        except UsageError as error:
            raise self._scenario.error(("stubs", "activities", name), str(error)) from None

    def _check_orchestrator(self, index: int, start: StartModel) -> None:
        try:
            self._simulation.check_orchestrator(start.orchestrator)
        except UsageError as error:
            raise self._scenario.error(("start", index, "orchestrator"), str(error)) from None

    def _start(self, index: int, start: StartModel) -> None:
        try:
            self._runs[index] = self._simulation.start(
                start.orchestrator,
                input=start.input,
                instance_id=start.instance_id,
                version=start.version,
            )
        except UsageError as error:
            raise self._scenario.error(("start", index), str(error)) from None

    def _step(self, index: int, step: StepModel) -> None:
        self._steps_left -= 1
        try:
            self._do(self._target(index, step.instance), step)
        except ScenarioError:
            raise
        except UsageError as error:
            raise self._scenario.error(("steps", index, step.action), str(error)) from None

    def _target(self, index: int, instance: str | None) -> OrchestrationRun:
        if instance is not None:
            return self._simulation.run(instance)
        run = self._runs[0]
        if run is None:
            raise self._scenario.error(
                ("steps", index),
                "this happens before the orchestration is started; give the step a later at:.",
            )
        return run

    def _do(self, run: OrchestrationRun, step: StepModel) -> None:
        if step.raise_event is not None:
            event = step.raise_event
            run.raise_event(event.name, event.data, via=event.via)
        elif step.restart is not None:
            copy = run.restart(new_instance_id=step.restart.new_instance_id)
            if copy != run:
                self._copies.append(copy)
        elif step.purge is not None:
            run.purge()
        else:
            asks = {
                "terminate": run.terminate,
                "suspend": run.suspend,
                "resume": run.resume,
                "rewind": run.rewind,
            }
            reason = getattr(step, step.action).reason
            asks[step.action](reason)

    def _mismatches(self, begin_us: int) -> list[Mismatch]:
        found: list[Mismatch] = []
        for index, expect in enumerate(self._scenario.data.expect):
            run = self._runs[0]
            if expect.instance is not None:
                try:
                    run = self._simulation.run(expect.instance)
                except UsageError as error:
                    raise self._scenario.error(("expect", index), str(error)) from None
            if run is None:
                found.append(Mismatch(key="status", wanted="a run", got="never started"))
                continue
            found += check(expect, run, self._simulation.trace, begin_us=begin_us)
        return [*found, *self._unexpected_failures()]

    def _unexpected_failures(self) -> Iterator[Mismatch]:
        """Yield runs that failed without anybody saying that they would."""
        expectations = self._scenario.data.expect
        foretold = {
            item.instance
            for item in expectations
            if item.status is not None or item.failure is not None
        }
        for index, run in enumerate(self._runs):
            if run is None or run.is_purged or run.failure is None:
                continue
            if run.instance_id in foretold or (index == 0 and None in foretold):
                continue
            yield Mismatch(
                key="status",
                wanted="no failure, since expect: says nothing of status or failure",
                got=f"Failed: {cause(run.failure)}",
                instance_id=run.instance_id,
            )

    def _reports(self, begin_us: int) -> Iterator[RunReport]:
        for start, run in zip(self._scenario.data.start, self._runs, strict=True):
            if run is not None:
                yield _report(run, start.orchestrator, begin_us)
        for run in self._copies:
            yield _report(run, "" if run.is_purged else run.name, begin_us)

    def _check_activity(self, index: int, name: str) -> None:
        try:
            self._simulation.check_activity(name)
        except UsageError as error:
            raise self._scenario.error(
                ("expect", index, "activity_calls", name), str(error)
            ) from None


def _answer(item: AnswerModel) -> Answer:
    takes = None if item.takes is None else f"{item.takes}us"
    returns = item.returns if "returns" in item.model_fields_set else UNSET
    return Answer(returns=returns, raises=item.raises, takes=takes)


def _report(run: OrchestrationRun, orchestrator: str, begin_us: int) -> RunReport:
    if run.is_purged:
        return RunReport(
            instance_id=run.instance_id,
            orchestrator=orchestrator,
            status="Purged",
            output=None,
            custom_status=None,
            finished_us=None,
            waiting_for={},
        )
    waiting = {kind: [_words(item) for item in items] for kind, items in run.waiting_for.items()}
    return RunReport(
        instance_id=run.instance_id,
        orchestrator=run.name,
        status=str(run.status),
        output=run.output,
        custom_status=run.custom_status,
        finished_us=None if run.finished_us is None else run.finished_us - begin_us,
        waiting_for=waiting,
    )


def _words(item: object) -> str:
    if isinstance(item, timedelta):
        return format_duration(item // timedelta(microseconds=1))
    return str(item)

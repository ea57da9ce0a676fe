"""Does what a scenario says, at its time and in its order: starts, steps, requests."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

from wfsim.errors import ScenarioError, UsageError
from wfsim.runs import OrchestrationRun
from wfsim.scenario.expect import Mismatch
from wfsim.scenario.load import LoadedScenario
from wfsim.scenario.model import StartModel
from wfsim.scenario.requests import SentHttp, SentTrigger
from wfsim.scenario.steps import REQUESTS, HttpModel, SignalModel, StepModel, TriggerModel
from wfsim.scenario.values import name_and_key
from wfsim.simulation import Simulation

__all__ = ["Performer", "Refusals"]

Refusals = Literal["raise", "note", "ignore"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Action:
    do: Callable[[], None]
    is_request: bool = False


class Performer:
    """Plays the part of people and clients.

    Args:
        scenario: What they do.
        simulation: To whom.
        refusals: See `play`.
    """

    def __init__(
        self, scenario: LoadedScenario, simulation: Simulation, *, refusals: Refusals = "raise"
    ) -> None:
        self._refusals = refusals
        self._scenario = scenario
        self._simulation = simulation
        self._begin_us = simulation.now_us
        self._left = len(scenario.data.steps)
        self.runs: list[OrchestrationRun | None] = [None] * len(scenario.data.start)
        """What `start` has started, in its order."""
        self.copies: list[OrchestrationRun] = []
        """What steps have restarted under a new id."""
        self.sent: list[SentHttp | SentTrigger] = []
        self.refused: list[Mismatch] = []
        """What the host refused after some request had gone wrong."""

    def schedule(self) -> None:
        """Do what comes before anything runs, and plan the rest.

        Raises:
            ScenarioError: something that is done at once makes no sense.
        """
        instants: dict[int, deque[_Action]] = {}
        for index, start in enumerate(self._scenario.data.start):
            action = _Action(do=partial(self._start, index, start))
            instants.setdefault(start.at, deque()).append(action)
        for index, step in enumerate(self._scenario.data.steps):
            do = partial(self._step, index, step)
            action = _Action(do=do, is_request=step.action in REQUESTS)
            instants.setdefault(step.at, deque()).append(action)
        for at_us, actions in instants.items():
            # A client may start and ask in one breath, but a request runs code of the app.
            while at_us == 0 and actions and not actions[0].is_request:
                actions.popleft().do()
            if actions:
                self._simulation.call_at(self._begin_us + at_us, partial(self._perform, actions))

    @property
    def is_over(self) -> bool:
        """Whether everything is done, and everything that it led to has ended."""
        return (
            self._left == 0
            and all(run is not None and _has_ended(run) for run in (*self.runs, *self.copies))
            and all(request.is_done for request in self.sent)
            and all(_has_ended(run) for run in self.started_by_app())
            and not self._simulation.has_busy_entities
        )

    def started_by_app(self) -> Iterator[OrchestrationRun]:
        """Yield the runs that neither a start nor a step nor another run has started."""
        known = {run.instance_id for run in (*self.runs, *self.copies) if run is not None}
        for run in self._simulation.runs:
            if run.instance_id not in known and not run.is_child:
                yield run

    def blamed(self, error: UsageError) -> UsageError:
        """Return the error with the line of the step that is to blame, if one is."""
        for request in self.sent:
            if isinstance(request, SentTrigger) and request.problem is error:
                return self._scenario.error(("steps", request.index, "trigger"), str(error))
        return error

    def _perform(self, actions: deque[_Action]) -> None:
        while actions:
            action = actions.popleft()
            action.do()
            if action.is_request and actions:
                self._wait(partial(self._perform, actions))
                return

    def _wait(self, do: Callable[[], None]) -> None:
        """Go on once the app has done what it can at this instant: so what it started is there."""
        if self._simulation.is_idle:
            do()
        else:
            self._simulation.call_at(self._simulation.now_us, partial(self._wait, do))

    def _start(self, index: int, start: StartModel) -> None:
        try:
            self.runs[index] = self._simulation.start(
                start.orchestrator,
                input=start.input,
                instance_id=start.instance_id,
                version=start.version,
            )
        except UsageError as error:
            raise self._scenario.error(("start", index), str(error)) from None

    def _step(self, index: int, step: StepModel) -> None:
        self._left -= 1
        try:
            self._do(index, step)
        except ScenarioError:
            raise
        except UsageError as error:
            if self._refusals == "ignore":
                return
            if self._refusals == "raise" and not any(
                request.mismatch for request in self.sent if request.is_done
            ):
                raise self._scenario.error(("steps", index, step.action), str(error)) from None
            # The file may well be right, and what failed before is what people want to know.
            key = f"steps[{index}].{step.action}"
            self.refused.append(Mismatch(key=key, wanted="accepted", got=str(error)))

    def _do(self, index: int, step: StepModel) -> None:
        if step.http is not None:
            self.sent.append(self._request(index, step.http))
        elif step.trigger is not None:
            self.sent.append(self._trigger(index, step.trigger))
        elif step.signal_entity is not None:
            self._signal(step.signal_entity)
        else:
            self._ask(self._target(index, step.instance), step)

    def _request(self, index: int, step: HttpModel) -> SentHttp:
        response = self._simulation.http.request(
            step.method,
            step.path,
            json=step.json_,
            body=step.body,
            headers=step.headers,
            params=step.params,
        )
        at_us = self._simulation.now_us - self._begin_us
        return SentHttp(index=index, at_us=at_us, wanted=step.status, response=response)

    def _trigger(self, index: int, step: TriggerModel) -> SentTrigger:
        call = self._simulation.trigger(
            step.function,
            step.payload,
            metadata=step.metadata,
            inputs=step.inputs,
        )
        return SentTrigger(index=index, call=call)

    def _signal(self, step: SignalModel) -> None:
        entity = self._simulation.entity(*name_and_key(step.entity))
        entity.signal(step.operation, step.input, via=step.via)

    def _target(self, index: int, instance: str | None) -> OrchestrationRun:
        if instance is not None:
            return self._simulation.run(instance)
        run = self.runs[0]
        if run is None:
            raise self._scenario.error(
                ("steps", index),
                "this happens before the orchestration is started; give the step a later at:.",
            )
        return run

    def _ask(self, run: OrchestrationRun, step: StepModel) -> None:
        if step.raise_event is not None:
            event = step.raise_event
            run.raise_event(event.name, event.data, via=event.via)
        elif step.restart is not None:
            copy = run.restart(new_instance_id=step.restart.new_instance_id)
            if copy != run:
                self.copies.append(copy)
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


def _has_ended(run: OrchestrationRun) -> bool:
    return run.is_purged or run.status.is_final

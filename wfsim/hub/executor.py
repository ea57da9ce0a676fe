"""The host's machine over a history (semantics 2.2, 3.3), and one pass of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import assert_never

from wfsim.errors import InternalError
from wfsim.history import (
    EventRaised,
    EventSent,
    ExecutionCompleted,
    ExecutionResumed,
    ExecutionStarted,
    ExecutionSuspended,
    ExecutionTerminated,
    GenericEvent,
    HistoryEvent,
    OrchestratorCompleted,
    OrchestratorStarted,
    SubOrchestrationInstanceCompleted,
    SubOrchestrationInstanceCreated,
    SubOrchestrationInstanceFailed,
    TaskCompleted,
    TaskFailed,
    TaskScheduled,
    TimerCreated,
    TimerFired,
)
from wfsim.hub.context import OrchestrationFailure, ReplayContext, TaskFailure
from wfsim.hub.decisions import Decision
from wfsim.hub.nondeterminism import HostNonDeterminism
from wfsim.hub.worker import Episode, Walk, Worker
from wfsim.quick import quick

__all__ = ["Machine", "Pass", "Watch", "run_pass", "watched_pass"]

Watch = Callable[[HistoryEvent, ReplayContext, Walk | None], None]
"""Looks at the machine and at the walk, if there is one yet, right after an event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """What one pass decided, and the machine's state after it."""

    decisions: Sequence[Decision]
    """Those that the history does not hold yet, by number."""
    context: ReplayContext
    walk: Walk
    error: BaseException | None
    """The user's exception, where the orchestrator failed."""


_pass = quick(Pass)


def run_pass(
    episode: Episode, worker: Worker, machine: Machine | None = None
) -> tuple[Pass, Machine | None]:
    """Take an episode through the worker and the host's machine.

    A pass that the worker recalls is not changed any more: what follows makes passes of its own.

    Args:
        episode: The episode.
        worker: Calls the orchestrator.
        machine: The machine as the episode before has left it, if it is still there.

    Returns the pass, and the machine for the next episode, if it can be used again.
    """
    known = worker.recall(episode)
    if known is not None:
        return known, None
    if machine is None or not machine.goes_on(episode, worker):
        machine = Machine(episode, worker)
    outcome = machine.run(episode)
    worker.keep(episode, outcome)
    return outcome, machine


def watched_pass(episode: Episode, worker: Worker, watch: Watch) -> Pass:
    """Replay a whole history and let somebody look on; nothing is recalled or kept."""
    return Machine(episode, worker, watch).run(episode)


class Machine:
    """The host's machine over one generation, from its first event on.

    Args:
        episode: The first one that it runs; it begins with all of its history.
        worker: Calls the orchestrator.
        watch: Looks on.
    """

    def __init__(self, episode: Episode, worker: Worker, watch: Watch | None = None) -> None:
        self._episode = episode
        self._worker = worker
        self._watch = watch
        self._context = ReplayContext(
            instance_id=episode.instance_id, execution_id=episode.execution_id
        )
        self._walk: Walk | None = None
        self._done = 0
        """How many events it has processed."""
        self._is_open = True
        """Whether nothing has happened to it that a pass from the beginning would not know."""

    def goes_on(self, episode: Episode, worker: Worker) -> bool:
        """Whether no more than the news of an episode is needed to be where all of it leads."""
        walk = self._walk
        return (
            self._is_open
            and walk is not None
            and self._done <= episode.new_from
            and worker.resume(episode, walk)
        )

    def run(self, episode: Episode) -> Pass:
        """Process what is new in an episode."""
        self._episode = episode
        was_open, self._is_open = self._is_open, False
        context = self._context
        error: BaseException | None = None
        try:
            watch = self._watch
            for event in episode.history[self._done :]:
                kind = type(event)  # of four events in an episode, one is left to handle
                if kind is OrchestratorStarted:
                    context.now_us = event.at_us
                elif kind is not OrchestratorCompleted:  # which says nothing
                    self._process(event)
                if watch is not None:
                    watch(event, context, self._walk)
            error = self._complete()
        except HostNonDeterminism as complaint:
            # The host fails the instance at once, whatever is open, and replaces any failure of
            # the user's own; decisions made so far are still carried out (semantics 4.3).
            context.fail(
                str(complaint), f"Unhandled exception while executing orchestration: {complaint}"
            )
            error = complaint
        if self._walk is None:
            raise InternalError(
                f"The history of {self._episode.instance_id!r} has no ExecutionStarted."
            )
        self._done = len(episode.history)
        pending = context.pending
        # Most decide one thing, or nothing.
        numbers = sorted(pending) if len(pending) > 1 else pending
        decisions = [pending[number] for number in numbers]
        # A pass from the beginning would not know yet that this one has found an end.
        self._is_open = was_open and not context.has_ended
        return _pass(decisions=decisions, context=context, walk=self._walk, error=error)

    def _complete(self) -> BaseException | None:
        if self._walk is None or not self._walk.result.done:
            return None
        failure = self._walk.result.error
        if failure is not None and not isinstance(failure, OrchestrationFailure):
            raise failure  # a limit of wfsim or a bug in it, not an outcome of the orchestrator
        if self._context.open_tasks:
            return None
        if failure is None:
            self._context.finish(self._walk.result.value)
            return None
        self._context.fail(failure.reason, failure.details)
        return failure.error

    def _process(self, event: HistoryEvent) -> None:
        if self._context.suspended and not isinstance(
            event, ExecutionResumed | ExecutionTerminated
        ):
            if not isinstance(event, ExecutionSuspended):
                self._context.hold_back(event)
        else:
            self._handle(event)

    def _handle(self, event: HistoryEvent) -> None:
        context = self._context
        match event:  # the most frequent ones first
            case TaskCompleted() | SubOrchestrationInstanceCompleted():
                context.answer(event.task_id, event.result)
            case TaskScheduled() | TimerCreated() | SubOrchestrationInstanceCreated() | EventSent():
                context.confirm(event)
            case ExecutionStarted():
                self._walk = self._worker.begin(self._episode, context)
            case TaskFailed() | SubOrchestrationInstanceFailed():
                context.answer(event.task_id, error=TaskFailure(event.reason))
            case TimerFired():
                context.answer(event.timer_id)
            case EventRaised():
                if self._walk is not None and not context.carries_over(event):
                    self._walk.raise_event(event.name, event.input)
            case ExecutionTerminated():
                context.terminate(event)
            case ExecutionSuspended():
                context.suspend()
            case ExecutionResumed():
                context.resume(self._process)
            case (
                OrchestratorStarted()
                | OrchestratorCompleted()
                | ExecutionCompleted()
                | GenericEvent()
            ):
                pass
            case _:
                assert_never(event)

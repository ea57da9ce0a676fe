"""The SDK's executor, kept between episodes.

It takes the events of a history one by one, and its state after each depends on nothing that comes
later, but for one thing: over the wire everything before the newest episode is marked as played,
and `is_replaying` shows it. So that is marked here after each episode.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from azure.durable_functions import Orchestrator
from azure.durable_functions.models.Task import TimerTask
from azure.durable_functions.models.TaskOrchestrationExecutor import TaskOrchestrationExecutor

from wfsim.workers.azure_functions.answers._sdk import (
    TellingExecutor,
    answer_of,
    new_executor,
    orchestrator_of,
)
from wfsim.workers.azure_functions.observing._sdk import Observation, prepare, watched
from wfsim.workers.azure_functions.reply import Action, Reply

__all__ = ["KeptOrchestrator", "is_plain"]

_create: Any = Orchestrator.create
_HANDLE_CODE = _create(lambda context: context).__code__  # pyright: ignore[reportUnknownLambdaType]


def is_plain(handle: Callable[..., Any]) -> bool:
    """Whether a handle is the one that the SDK makes, and no middleware of somebody else."""
    return getattr(handle, "__code__", None) is _HANDLE_CODE


class KeptOrchestrator:
    """One generation of an orchestrator between its episodes.

    Leans on `Orchestrator.handle` and the executor behind it; on its `process_event`,
    `has_execution_completed` and `set_task_value`, and the `generator` that it keeps; on the list
    of actions in the context, and its history; and on a task's `parent`, `completed_tasks` and
    `set_is_played`.

    Args:
        handle: What the app registered.
        code: The user's function behind it.
        context: An observed one, with the history up to the first episode that is kept.
        seen: Where to note what the orchestrator does.
        is_marked: Whether after each episode what is past is marked as played. It need not be
            where the orchestrator cannot ask.
    """

    def __init__(
        self,
        handle: Callable[..., Any],
        code: Callable[..., Any],
        context: Any,  # noqa: ANN401 - the SDK's context is untyped
        seen: Observation,
        *,
        is_marked: bool = True,
    ) -> None:
        self.is_marked = is_marked
        prepare(handle, context, seen)
        self._context = context
        # Only where it matters who was played.
        self._executor: Any = new_executor(_Executor if is_marked else TellingExecutor)
        self._orchestrator: Any = orchestrator_of(watched(code, seen), self._executor)
        self._seen = seen
        self._sent = 0
        """How many actions have been told."""
        self._marked = 0
        self._timers: list[Any] = []
        """Timers that have been told as open."""

    @property
    def events(self) -> list[object | None]:
        """The history so far, as the SDK's objects, or what stands for them."""
        return cast("list[object | None]", self._context._histories)

    @property
    def is_generator(self) -> bool:
        """Whether the orchestrator goes on at all: one without a yield is called anew."""
        return hasattr(self._executor, "generator")

    @property
    def must_begin_anew(self) -> bool:
        """Whether it looks at what differs where each episode begins anew.

        That is the whole history, or whether it is replayed. Asking the latter in order not to log
        a line twice is harmless, and what it decides is compared by replays; but replays do not
        compare the custom status, which then may not be set again. Nor may a generator stay that
        holds on to something until it is dropped.
        """
        seen = self._seen
        if seen.reads_history or seen.holds_on:
            return True
        return seen.asks_whether_replaying and self._context.custom_status is not None

    def open(self) -> Reply:
        """Run the first episode; return the answer, or raise as the SDK does."""
        try:
            self._orchestrator.handle(self._context)
            return answer_of(self._executor, self._context)
        finally:
            self._sent = len(self._context._action_payload_v2)
            self._note_timers()
            if self.is_marked:
                self._mark_played()

    def feed(self, events: Sequence[object | None], told: list[Action]) -> Reply:
        """Go on with further events; return the answer.

        Args:
            events: The events; None for one that the SDK does nothing with.
            told: The actions told so far. Where it is certain that none of them has changed, the
                answer may have this list, with the new ones behind; else it has the new ones.
        """
        executor, context = self._executor, self._context
        context._histories.extend(events)
        for event in events:
            if event is None:
                continue
            if executor.has_execution_completed:
                break
            executor.process_event(event)
        try:
            return answer_of(executor, context, self._sent, None if self._timers else told)
        finally:
            self._sent = len(context._action_payload_v2)
            if self.is_marked:
                self._mark_played()

    def is_rewritten(self) -> bool:
        """Whether an action has changed that was told before: a timer was cancelled."""
        before = self._timers
        is_changed = False
        if before:
            is_changed = any(timer.is_cancelled for timer in before)
            self._timers = [
                timer for timer in before if not (timer.is_completed or timer.is_cancelled)
            ]
        if self._seen.fresh_timers:
            self._note_timers()
        return is_changed

    def whole(self) -> Reply:
        """Return the answer with all actions, or raise as the SDK does."""
        return answer_of(self._executor, self._context)

    def start_marking(self, events: list[object]) -> None:
        """Mark what is past, from now on; so far nobody has asked.

        Args:
            events: The history so far, whole, each event marked as one that is past.
        """
        self.is_marked = True
        self._executor.__class__ = _Executor
        self._context._histories[:] = events
        self._mark_played()

    def close(self) -> None:
        """Let go of the generator; what its `finally` blocks do is no part of any episode."""
        self._context._wfsim_seen = Observation()

    def _note_timers(self) -> None:
        fresh, self._seen.fresh_timers = self._seen.fresh_timers, []
        # A long timer is told as its parts, and those are never cancelled.
        self._timers += [
            timer for timer in fresh if isinstance(timer, TimerTask) and not timer.is_cancelled
        ]

    def _mark_played(self) -> None:
        """Mark what happened as what the next episode sees in the past."""
        made = [entry[0] for entry in self._seen.created[self._marked :]]
        self._marked = len(self._seen.created)
        for task in (*self._executor.settled, *made):
            above = task
            while above is not None:
                if above.is_completed or getattr(above, "completed_tasks", None):
                    above.set_is_played(True)
                above = above.parent
        self._executor.settled.clear()


def _set_task_value(self: Any, event: Any, is_success: bool, id_key: str) -> None:  # noqa: ANN401, FBT001 - the SDK's
    waiting: Any = self.context.open_tasks.get(getattr(event, id_key))
    task: Any = waiting[-1] if waiting.__class__ is list and waiting else waiting
    TaskOrchestrationExecutor.set_task_value(self, event, is_success, id_key)
    if task:
        self.settled.append(task)


_Executor: Any = type(
    "TaskOrchestrationExecutor", (TellingExecutor,), {"set_task_value": _set_task_value}
)

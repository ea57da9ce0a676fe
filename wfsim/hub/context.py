"""The host's side of one pass over a history: numbers, open tasks, matching, completion.

This is the second of the two replay machines (semantics 0.3); every SDK shares it. A worker's walk
calls the `create_…` methods, the executor feeds it history events.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from wfsim.history import (
    EventRaised,
    EventSent,
    ExecutionTerminated,
    HistoryEvent,
    RuntimeStatus,
    SubOrchestrationInstanceCreated,
    TaskScheduled,
    TimerCreated,
)
from wfsim.hub.decisions import (
    Complete,
    CreateSubOrchestration,
    CreateTimer,
    Decision,
    ScheduleTask,
    SendEvent,
)
from wfsim.hub.futures import HostTask
from wfsim.hub.nondeterminism import HostNonDeterminism, mismatch
from wfsim.hub.requests import RequestWriter
from wfsim.quick import quick

__all__ = ["OpenTask", "OrchestrationFailure", "ReplayContext", "TaskFailure"]


_schedule_task, _create_timer = quick(ScheduleTask), quick(CreateTimer)


class OrchestrationFailure(Exception):
    """The orchestrator failed; `reason` becomes the output, `details` goes to a parent."""

    def __init__(self, reason: str, details: str | None, *, error: BaseException | None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = details
        self.error = error


class TaskFailure(Exception):
    """An activity or a child failed, as the host's task reports it."""


@dataclass(slots=True)
class OpenTask:
    """A decision that keeps the instance from completing until it is answered."""

    decision: ScheduleTask | CreateTimer | CreateSubOrchestration
    task: HostTask


class ReplayContext:
    """State of the host's machine during one pass."""

    def __init__(self, *, instance_id: str, execution_id: str) -> None:
        self.execution_id = execution_id
        self.now_us = 0
        self.pending: dict[int, Decision] = {}
        """Decisions that no history event has confirmed."""
        self.open_tasks: dict[int, OpenTask] = {}
        self.suspended = False
        self.carried: list[EventRaised] = []
        self.request_ids: Mapping[int, str] = {}
        """Ids that requests to entities had when they were first sent, by number of the decision.
        The host makes them anew from its clock; one that was read from a file is less exact."""
        self._next_id = 0
        self._stashed: dict[int, Decision] = {}
        self._held_back: deque[HistoryEvent] = deque()
        self._new_input: str | None = None
        self._continues = False
        self._ended = False
        self.has_ended = False
        """Whether an end of the generation has been decided."""
        self._requests = RequestWriter(instance_id=instance_id, execution_id=execution_id)

    # --- what a walk may do -----------------------------------------------------------------

    def schedule_task(self, name: str, payload: str) -> HostTask:
        """Decide to run an activity; `payload` is the host's JSON text of its input."""
        decision = _schedule_task(id=self._number(), name=name, input=payload)
        return self._open(decision)

    def create_timer(self, fire_at_us: int) -> HostTask:
        """Decide to set a timer."""
        return self._open(_create_timer(id=self._number(), fire_at_us=fire_at_us))

    def cancel_timer(self, task: HostTask) -> None:
        """Cancel a timer: it no longer keeps the instance from completing (semantics 2.9)."""
        if task.cancel():
            self.open_tasks = {
                number: entry for number, entry in self.open_tasks.items() if entry.task is not task
            }

    def create_child(
        self, name: str, payload: str | None, *, instance_id: str | None, version: str
    ) -> HostTask:
        """Decide to start a sub-orchestration; without an id the host makes one up."""
        number = self._number()
        chosen = instance_id if instance_id and instance_id.strip() else None
        decision = CreateSubOrchestration(
            id=number,
            name=name,
            version=version,
            instance_id=chosen or f"{self.execution_id}:{number}",
            input=payload,
        )
        return self._open(decision)

    def ask_entity(self, target: str, operation: str, payload: str, *, is_signal: bool) -> str:
        """Decide to send a request to an entity; return its id, the name of the answer's event.

        It is no open task: the instance may complete before the answer (semantics 7.4).
        """
        number = self._number()
        made, text = self._requests.write(
            target, operation, payload, is_signal=is_signal, now_us=self.now_us
        )
        request_id = self.request_ids.get(number, made)
        # To the host every request is an event of this one name.
        self.pending[number] = SendEvent(id=number, instance_id=target, name="op", input=text)
        return request_id

    def continue_as_new(self, payload: str | None) -> None:
        """Decide that the generation ends here; the last call counts."""
        self._continues = True
        self._new_input = payload

    @property
    def next_number(self) -> int:
        """The number that the next decision gets."""
        return self._next_id

    def made_from(self, number: int) -> list[Decision]:
        """Return what was decided so far from a number on, as long as nothing confirmed it."""
        made = (self.pending.get(n, self._stashed.get(n)) for n in range(number, self._next_id))
        return [decision for decision in made if decision is not None]

    def _number(self) -> int:
        number = self._next_id
        self._next_id += 1
        return number

    def _open(self, decision: ScheduleTask | CreateTimer | CreateSubOrchestration) -> HostTask:
        task = HostTask()
        self.pending[decision.id] = decision
        self.open_tasks[decision.id] = OpenTask(decision, task)
        return task

    # --- what the executor feeds ------------------------------------------------------------

    def confirm(
        self,
        event: TaskScheduled | TimerCreated | SubOrchestrationInstanceCreated | EventSent,
    ) -> None:
        """Match a recorded decision with this pass's.

        Raises:
            HostNonDeterminism: there is none, or one of another kind or name.
        """
        complaint = mismatch(event, self.pending.get(event.event_id))
        if complaint is not None:
            raise HostNonDeterminism(complaint)
        del self.pending[event.event_id]

    def answer(self, task_id: int, value: object = None, *, error: Exception | None = None) -> None:
        """Settle an open task; an answer to none is a duplicate, and ignored."""
        entry = self.open_tasks.get(task_id)
        if entry is not None:
            if error is None:
                entry.task.set_result(value)
            else:
                entry.task.set_error(error)
            self.open_tasks.pop(task_id, None)

    def carries_over(self, event: EventRaised) -> bool:
        """Keep an event for the next generation, if this one has been left (semantics 2.11)."""
        if self._continues:
            self.carried.append(event)
        return self._continues

    def hold_back(self, event: HistoryEvent) -> None:
        """Set an event aside until the instance is resumed."""
        self._held_back.append(event)

    def suspend(self) -> None:
        """Withhold decisions and events from now on (semantics 6.2)."""
        self.suspended = True
        self._stashed.update(self.pending)
        self.pending.clear()

    def resume(self, process: Callable[[HistoryEvent], None]) -> None:
        """Give back what was withheld, and go on with the events in their order."""
        self.suspended = False
        self.pending.update(self._stashed)
        self._stashed.clear()
        while self._held_back:
            process(self._held_back.popleft())

    def terminate(self, event: ExecutionTerminated) -> None:
        """End the instance whatever is open."""
        if not self._ended:
            self._complete(RuntimeStatus.TERMINATED, event.reason)

    def finish(self, output: str | None) -> None:
        """End the generation with the orchestrator's output, or continue as new."""
        if self._ended:
            return
        if self._continues:
            self._complete(RuntimeStatus.CONTINUED_AS_NEW, self._new_input)
        else:
            self._complete(RuntimeStatus.COMPLETED, output)

    def fail(self, reason: str, details: str | None) -> None:
        """End the instance as failed."""
        if not self._ended:
            self._complete(RuntimeStatus.FAILED, reason, details)

    def _complete(
        self, status: RuntimeStatus, result: str | None, details: str | None = None
    ) -> None:
        self._ended = status is not RuntimeStatus.CONTINUED_AS_NEW
        self.has_ended = True
        number = self._number()
        self.pending[number] = Complete(
            id=number,
            status=status,
            result=result,
            details=details,
            carried=tuple(self.carried) if status is RuntimeStatus.CONTINUED_AS_NEW else (),
        )

"""Rewind: erase what failed from a history, and let the instance decide it again.

As the Azure Storage provider does it (semantics 6.2): failed tasks, their decisions and the failed
end become generic events, failed children are rewound first, and a message wakes the instances in
which the failure began.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wfsim.history import (
    ExecutionCompleted,
    GenericEvent,
    HistoryEvent,
    RuntimeStatus,
    SubOrchestrationInstanceCreated,
    SubOrchestrationInstanceFailed,
    TaskFailed,
    TaskScheduled,
    TimerFired,
)
from wfsim.hub.instance import Instance, Message

if TYPE_CHECKING:
    from wfsim.hub.hub import Hub

__all__ = ["rewind_instance"]


def rewind_instance(hub: Hub, instance: Instance, reason: str) -> None:
    """Erase the failed parts of `instance` and of its failed children, and wake the leaves."""
    failed_tasks = {event.task_id for event in instance.history if isinstance(event, TaskFailed)}
    failed_children = {
        event.task_id
        for event in instance.history
        if isinstance(event, SubOrchestrationInstanceFailed)
    }
    children = [
        event.instance_id
        for event in instance.history
        if isinstance(event, SubOrchestrationInstanceCreated) and event.event_id in failed_children
    ]
    instance.history = [_erased(event, failed_tasks, reason) for event in instance.history]
    instance.timers_fired = sum(isinstance(event, TimerFired) for event in instance.history)
    instance.machine = instance.last_waiting = None
    hub.worker.forget(instance.execution_id)
    instance.status = RuntimeStatus.PENDING
    instance.result = instance.details = instance.error = instance.finished_us = None
    instance.updated_us = hub.clock.now_us
    rewound = False
    for child_id in children:
        child = hub.instances.get(child_id)
        if child is not None and child.status is RuntimeStatus.FAILED:
            rewind_instance(hub, child, reason)
            rewound = True
    if not rewound:
        wake = GenericEvent(at_us=hub.clock.now_us, data=f"Rewind: {reason}")
        hub.deliver(Message(instance_id=instance.instance_id, event=wake))


def _erased(event: HistoryEvent, failed_tasks: set[int], reason: str) -> HistoryEvent:
    match event:
        case TaskFailed() | SubOrchestrationInstanceFailed():
            erased = True
        case TaskScheduled():
            erased = event.event_id in failed_tasks
        case ExecutionCompleted():
            erased = True
        case _:
            erased = False
    if not erased:
        return event
    return GenericEvent(at_us=event.at_us, data=f"Rewound: {reason}")

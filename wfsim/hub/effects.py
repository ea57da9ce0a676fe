"""What an instance's decisions set going in the rest of the hub."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wfsim.history import (
    ExecutionStarted,
    ParentInstance,
    RuntimeStatus,
    SubOrchestrationInstanceCompleted,
    SubOrchestrationInstanceFailed,
    TaskCompleted,
    TaskFailed,
    TimerFired,
)
from wfsim.hub.decisions import CreateSubOrchestration, CreateTimer, ScheduleTask
from wfsim.hub.instance import Instance, Message
from wfsim.hub.touches import APP
from wfsim.hub.worker import ActivityCall, ActivityOutcome
from wfsim.quick import quick
from wfsim.trace import ActivityFinished, ActivityStarted, Finding

if TYPE_CHECKING:
    from wfsim.hub.faults import FaultChoices
    from wfsim.hub.hub import Hub

__all__ = [
    "add_instance",
    "schedule_activity",
    "set_timer",
    "start_child",
    "tell_parent",
    "warn_of_growth",
]

_call, _message = quick(ActivityCall), quick(Message)
_completed, _fired = quick(TaskCompleted), quick(TimerFired)

_PAUSE_US = 3_600_000_000
"""How long an instance stays suspended in a what-if, after the next thing has happened."""
_MANY_TIMERS = 50
"""Durable timers in one generation, from which on its history counts as growing."""


def schedule_activity(hub: Hub, instance: Instance, decision: ScheduleTask) -> None:
    """Queue one execution of an activity."""
    started = instance.started
    call = _call(
        instance_id=started.instance_id,
        execution_id=started.execution_id,
        orchestrator=started.name,
        task_id=decision.id,
        name=decision.name,
        input=decision.input,
    )
    hub.enqueue(
        f"activity {call.name} of {call.instance_id}#{call.task_id}",
        lambda: _start_activity(hub, call),
    )


def _start_activity(hub: Hub, call: ActivityCall) -> None:
    hub.touch(call.instance_id)
    if hub.shares_state:
        hub.touch(APP)
    hub.trace.add_later(_begin, hub.clock.now_us, call)

    def finish(outcome: ActivityOutcome) -> None:
        took_us = outcome.took_us or _slowness_us(hub, call)
        if took_us == 0:
            _finish_activity(hub, call, outcome)
        else:
            hub.agenda.add(
                hub.clock.now_us + took_us,
                f"{call.name} of {call.instance_id}#{call.task_id} ends",
                lambda: _finish_activity(hub, call, outcome),
            )

    hub.activities.start(call, finish)


def _begin(at_us: int, call: ActivityCall) -> tuple[ActivityStarted]:
    record = ActivityStarted(
        at_us=at_us,
        instance_id=call.instance_id,
        task_id=call.task_id,
        name=call.name,
        input=call.input,
    )
    return (record,)


def _end(
    at_us: int, call: ActivityCall, result: str | None, failure: str | None
) -> tuple[ActivityFinished]:
    record = ActivityFinished(
        at_us=at_us,
        instance_id=call.instance_id,
        task_id=call.task_id,
        name=call.name,
        result=result,
        failure=failure,
    )
    return (record,)


def _slowness_us(hub: Hub, call: ActivityCall) -> int:
    """Return how much longer than at once an activity takes; it may outlast the next timer."""
    if hub.faults is None:
        return 0
    due_us = hub.agenda.next_due_us(background=False)
    if due_us is None or due_us <= hub.clock.now_us or not hub.faults.is_slow(call):
        return 0
    hub.look()  # how long it takes depends on whoever has the next timer
    return due_us - hub.clock.now_us + 1_000_000


def _finish_activity(hub: Hub, call: ActivityCall, outcome: ActivityOutcome) -> None:
    now_us = hub.clock.now_us
    event: TaskCompleted | TaskFailed
    failure = None
    if outcome.failure is None:
        event = _completed(at_us=now_us, task_id=call.task_id, result=outcome.result)
    else:
        failure, details = outcome.failure
        event = TaskFailed(at_us=now_us, task_id=call.task_id, reason=failure, details=details)
        if outcome.error is not None:
            hub.remember_error(f"{failure} \n {details}", outcome.error)
    hub.trace.add_later(_end, now_us, call, outcome.result, failure)
    if hub.faults is not None and hub.faults.repeats(call):
        # Nobody heard of the result, so the host hands the work out again.
        hub.enqueue(
            f"activity {call.name} of {call.instance_id}#{call.task_id}, again",
            lambda: _start_activity(hub, call),
        )
        return
    hub.deliver(_message(instance_id=call.instance_id, execution_id=call.execution_id, event=event))


def set_timer(hub: Hub, instance: Instance, decision: CreateTimer) -> None:
    """Arrange for the timer's message; a time in the past is due at once (semantics 2.9)."""
    execution_id = instance.execution_id
    due_us = max(decision.fire_at_us, hub.clock.now_us)

    def fire() -> None:
        event = _fired(at_us=hub.clock.now_us, timer_id=decision.id, fire_at_us=decision.fire_at_us)
        hub.deliver(
            _message(instance_id=instance.instance_id, execution_id=execution_id, event=event)
        )

    def is_stale() -> bool:
        # The host delivers such a message and discards it: nobody could see it, so the clock
        # need not stop for it.
        return instance.status.is_final or instance.execution_id != execution_id

    label = f"timer {decision.id} of {instance.instance_id}"
    instance.timers += 1
    hub.agenda.add(due_us, label, fire, is_stale=is_stale)


def add_instance(hub: Hub, started: ExecutionStarted) -> Instance:
    """Register an instance and queue its start; an earlier one of that id is overwritten."""
    old = hub.instances.pop(started.instance_id, None)
    if old is not None:
        old.status = RuntimeStatus.TERMINATED
        hub.guard.forget(started.instance_id)
        hub.forget_generation(old, old.execution_id)
    instance = Instance(started=started, created_us=started.at_us, updated_us=started.at_us)
    hub.instances[started.instance_id] = instance
    hub.touch(started.instance_id)
    hub.deliver(
        _message(instance_id=started.instance_id, execution_id=started.execution_id, event=started)
    )
    return instance


def start_child(hub: Hub, instance: Instance, decision: CreateSubOrchestration) -> None:
    """Start a sub-orchestration (semantics 2.6)."""
    other = hub.instances.get(decision.instance_id)
    if other is not None and not other.status.is_final:
        hub.report(
            Finding(
                code="WF114",
                message=f"{instance.name} {instance.instance_id!r} starts a child "
                f"{decision.instance_id!r}, but an instance of that id is still "
                f"{other.status}. The host overwrites it.",
                way_out="Give each child an id of its own, or none.",
                instance_id=instance.instance_id,
            )
        )
    started = ExecutionStarted(
        at_us=hub.clock.now_us,
        instance_id=decision.instance_id,
        execution_id=hub.new_guid(),
        name=decision.name,
        version=decision.version,
        input=decision.input,
        parent=ParentInstance(
            name=instance.name,
            instance_id=instance.instance_id,
            execution_id=instance.execution_id,
            task_id=decision.id,
            version=instance.started.version,
        ),
    )
    instance.children.append(decision.instance_id)
    add_instance(hub, started)


def tell_parent(hub: Hub, instance: Instance) -> None:
    """Send the outcome of a child to the generation that started it."""
    parent = instance.started.parent
    if parent is None:
        return
    now_us = hub.clock.now_us
    event: SubOrchestrationInstanceCompleted | SubOrchestrationInstanceFailed
    if instance.status is RuntimeStatus.COMPLETED:
        event = SubOrchestrationInstanceCompleted(
            at_us=now_us, task_id=parent.task_id, result=instance.result
        )
    else:
        # A terminated child is a failed one to its parent: the reason, and no details.
        event = SubOrchestrationInstanceFailed(
            at_us=now_us,
            task_id=parent.task_id,
            reason=instance.result or "",
            details=instance.details,
        )
        if instance.error is not None:
            hub.remember_error(f"{event.reason} \n {event.details}", instance.error)
    hub.deliver(
        _message(instance_id=parent.instance_id, execution_id=parent.execution_id, event=event)
    )


def interfere(hub: Hub, faults: FaultChoices, instance: Instance) -> None:
    """Terminate or suspend an instance, where the schedule wants to know what would happen."""
    from wfsim.hub import management  # noqa: PLC0415 - it starts instances, by this module

    if instance.status is not RuntimeStatus.RUNNING:
        return
    match faults.interruption(instance.instance_id):
        case "terminate":
            management.terminate(hub, instance.instance_id, "what if")
        case "suspend":
            management.suspend(hub, instance.instance_id, "what if")

            def resume() -> None:
                if str(instance.status) == RuntimeStatus.SUSPENDED:
                    management.resume(hub, instance.instance_id, "what if")

            hub.agenda.add(_after_next(hub), f"resume {instance.instance_id}", resume)
        case _:
            pass


def _after_next(hub: Hub) -> int:
    """Return an instant at which the next thing has happened that is to happen by itself."""
    hub.look()
    due_us = hub.agenda.next_due_us(background=False)
    return (hub.clock.now_us if due_us is None else due_us) + _PAUSE_US


def warn_of_growth(hub: Hub, instance: Instance) -> None:
    """Report a history that has waited on very many timers in one generation."""
    if instance.is_known_to_grow or instance.last_episode is None:
        return
    timers = instance.timers_fired
    if timers < _MANY_TIMERS:
        return
    instance.is_known_to_grow = True
    hub.report(
        Finding(
            code="WF108",
            message=f"{instance.name} {instance.instance_id!r} has waited on {timers} timers in "
            "one generation, and every episode replays all of its history.",
            way_out="Call context.continue_as_new at the end of the loop's body.",
            instance_id=instance.instance_id,
            place=hub.worker.waiting(instance.last_episode).place,
        )
    )

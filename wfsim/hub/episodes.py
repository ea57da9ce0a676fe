"""One episode of an instance: take messages, replay, carry out what was decided.

The order of events follows the host's dispatcher (semantics 3.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, assert_never

from wfsim.history import (
    EventRaised,
    ExecutionResumed,
    ExecutionStarted,
    ExecutionSuspended,
    HistoryEvent,
    OrchestratorCompleted,
    OrchestratorStarted,
    RuntimeStatus,
    TimerFired,
)
from wfsim.hub import entities, versions
from wfsim.hub.decisions import (
    Complete,
    CreateSubOrchestration,
    CreateTimer,
    Decision,
    ScheduleTask,
    SendEvent,
    stored,
)
from wfsim.hub.effects import (
    interfere,
    schedule_activity,
    set_timer,
    start_child,
    tell_parent,
    warn_of_growth,
)
from wfsim.hub.executor import Pass, run_pass
from wfsim.hub.instance import Instance, Message
from wfsim.hub.joined import Joined
from wfsim.hub.worker import Episode
from wfsim.quick import quick
from wfsim.trace import MessageDiscarded, StatusChanged

if TYPE_CHECKING:
    from wfsim.hub.hub import Hub

__all__ = ["run_episode"]


_PAUSES = (ExecutionSuspended, ExecutionResumed)
# Looking them up on their class takes as long as a small function.
_RUNNING, _SUSPENDED = RuntimeStatus.RUNNING, RuntimeStatus.SUSPENDED
_episode, _changed = quick(Episode), quick(StatusChanged)


@lru_cache(maxsize=64)
def _bounds(at_us: int) -> tuple[OrchestratorStarted, OrchestratorCompleted]:
    """Return the events at begin and end of an episode: those of one instant are all alike."""
    return OrchestratorStarted(at_us=at_us), OrchestratorCompleted(at_us=at_us)


def run_episode(hub: Hub, instance: Instance, messages: Sequence[Message]) -> None:
    """Run one episode with `messages`, and as many generations as it continues into."""
    new = _accept(hub, instance, messages)
    if not new:
        return
    if hub.settings.default_version and versions.refusal(hub.settings, instance.started.version):
        versions.fail(hub, instance, new)  # one that is rejected instead never gets here
        return
    events: list[HistoryEvent] = [_bounds(hub.clock.now_us)[0], *new]
    while True:
        outcome = _generation(hub, instance, events)
        end = _end_of(outcome.decisions)
        if end is None or end.status is not RuntimeStatus.CONTINUED_AS_NEW:
            break
        events = _next_generation(hub, instance, end)
    _settle(hub, instance, events, outcome, end)


def _end_of(decisions: Sequence[Decision]) -> Complete | None:
    for decision in reversed(decisions):  # it is among the last
        if isinstance(decision, Complete):
            return decision
    return None


def _accept(hub: Hub, instance: Instance, messages: Sequence[Message]) -> list[HistoryEvent]:
    """Return the events of the messages that the instance takes; the rest is discarded."""
    accepted: list[HistoryEvent] = []
    if len(messages) > 1:
        # A start goes first, even when an event overtook it in the queue.
        messages = sorted(messages, key=lambda item: not isinstance(item.event, ExecutionStarted))
    for message in messages:
        why = _refusal(instance, message, accepted)
        if why is None:
            accepted.append(message.event)
        else:
            hub.trace.add(
                MessageDiscarded(
                    at_us=hub.clock.now_us,
                    instance_id=instance.instance_id,
                    event=message.event,
                    why=why,
                )
            )
    return accepted


def _refusal(instance: Instance, message: Message, accepted: list[HistoryEvent]) -> str | None:
    if instance.status.is_final:
        return "the instance has ended"
    if message.execution_id not in {None, instance.started.execution_id}:
        return "it is for an earlier generation"
    is_start = isinstance(message.event, ExecutionStarted)
    if is_start and (instance.history or accepted):
        return "the instance has started already"
    if not is_start and not instance.history and not accepted:
        return "the instance has not started"
    return None


def _generation(hub: Hub, instance: Instance, new: list[HistoryEvent]) -> Pass:
    """Replay past and `new` events once, write them and what was decided."""
    past = instance.history
    episode = _episode(started=instance.started, history=Joined(past, new), new_from=len(past))
    name, instance_id = instance.started.name, instance.started.instance_id
    machine, instance.machine = instance.machine, None
    outer = hub.findings.hold()
    try:
        if hub.faults is not None and hub.faults.runs_again(name, instance_id):
            run_pass(episode, hub.worker, machine)  # the worker dies with what it decided
            hub.worker.lose(episode.execution_id)
            machine = None
        outcome, machine = run_pass(episode, hub.worker, machine)
    finally:
        findings = hub.findings.let_go(outer)
    now_us, decisions = hub.clock.now_us, outcome.decisions
    hub.guard.step(name, instance_id, now_us, decisions)
    written = [event for item in decisions if (event := stored(item, now_us)) is not None]
    if written or not isinstance(new[-1], OrchestratorCompleted):
        written.append(_bounds(now_us)[1])
    _record(hub, instance, [*new, *written])
    if findings:
        hub.findings.release(findings)
    for event in new:
        if isinstance(event, TimerFired):
            instance.timers_fired += 1
        elif isinstance(event, EventRaised) and event.name not in instance.requests:
            instance.events_raised.append((event.name, event.at_us))
    instance.last_pass, instance.machine = outcome, machine
    instance.last_episode = episode
    if decisions:
        _carry_out(hub, instance, decisions)
    hub.verify(episode, outcome.walk)
    return outcome


def _record(hub: Hub, instance: Instance, events: list[HistoryEvent]) -> None:
    """Write events into a history, and that they were."""
    instance.history.extend(events)
    started = instance.started
    hub.trace.add_history(hub.clock.now_us, started.instance_id, started.execution_id, events)


def _carry_out(hub: Hub, instance: Instance, decisions: Sequence[Decision]) -> None:
    for decision in decisions:
        match decision:
            case ScheduleTask():
                schedule_activity(hub, instance, decision)
            case CreateTimer():
                set_timer(hub, instance, decision)
            case CreateSubOrchestration():
                start_child(hub, instance, decision)
            case SendEvent():
                entities.receive(hub, instance, decision)
            case Complete():
                pass  # the episode's end, in `_settle`
            case _:
                assert_never(decision)


def _next_generation(hub: Hub, instance: Instance, end: Complete) -> list[HistoryEvent]:
    """Begin the next generation in the same work item (semantics 2.11)."""
    now_us, over = hub.clock.now_us, instance.execution_id
    instance.started = replace(
        instance.started, at_us=now_us, execution_id=hub.new_guid(), input=end.result
    )
    hub.forget_generation(instance, over)
    instance.history = []
    instance.created_us = now_us
    instance.timers_fired = 0
    instance.machine = None
    instance.generation += 1
    instance.is_known_to_grow = False
    instance.children = []
    instance.events_raised = []
    carried = {event.name for event in end.carried}
    instance.requests &= carried  # answers that came after the call of continue_as_new
    first, last = _bounds(now_us)
    return [first, instance.started, *end.carried, last]


def _settle(
    hub: Hub,
    instance: Instance,
    events: Sequence[HistoryEvent],
    outcome: Pass,
    end: Complete | None,
) -> None:
    """Save status and custom status, and tell a parent about the end."""
    status, custom_status, now_us = instance.status, instance.custom_status, hub.clock.now_us
    # The previous generation's custom status outlives it by one episode, if the new one sets none.
    told = outcome.walk.custom_status
    if told is not None or not (instance.generation and _has_start(events)):
        instance.custom_status = told
    instance.updated_us = now_us
    if end is None:
        for event in events:
            if isinstance(event, _PAUSES):
                instance.result = event.reason
        is_suspended = outcome.context.suspended
        instance.status = _SUSPENDED if is_suspended else _RUNNING
    else:
        instance.status = end.status
        instance.result = end.result
        instance.details = end.details
        instance.error = outcome.error
        instance.finished_us = now_us
    if instance.status is not status or instance.custom_status != custom_status:
        hub.trace.add(
            _changed(
                at_us=now_us,
                instance_id=instance.instance_id,
                name=instance.name,
                status=instance.status,
                custom_status=instance.custom_status,
            )
        )
    if end is None:
        warn_of_growth(hub, instance)
        if hub.faults is not None:
            interfere(hub, hub.faults, instance)
    else:
        if instance.events_raised and instance.last_episode is not None:
            # Asked for when the simulation ends; now the worker need not look again.
            instance.last_waiting = hub.worker.waiting(instance.last_episode)
        instance.machine = None
        hub.guard.forget(instance.instance_id)
        hub.forget_generation(instance, instance.execution_id)
        tell_parent(hub, instance)


def _has_start(events: Sequence[HistoryEvent]) -> bool:
    return any(isinstance(item, ExecutionStarted) for item in events)

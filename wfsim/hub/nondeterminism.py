"""How the host itself words a replay that does not match its history (semantics 4.2).

The texts, with their odd spaces and brackets, are those of the host: people search for them.
"""

from __future__ import annotations

from wfsim.history import (
    EventSent,
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

__all__ = ["HostNonDeterminism", "mismatch"]

_PREFIX = "Non-Deterministic workflow detected: "
_TAIL = (
    "Was a change made to the orchestrator code after this instance had already started running?"
)
_NOTHING = "but the current replay execution hasn't (yet?) scheduled this task."

Recorded = TaskScheduled | TimerCreated | SubOrchestrationInstanceCreated | EventSent


class HostNonDeterminism(Exception):
    """The history holds a decision that this pass did not make."""


def mismatch(recorded: Recorded, decided: Decision | None) -> str | None:
    """Return the host's complaint about one recorded decision, or None when it matches.

    Ids are equal by construction; kind and name are compared, the name ignoring case, nothing
    else (semantics 4.1).
    """
    match recorded:
        case TaskScheduled():
            text = _task(recorded, decided)
        case TimerCreated():
            text = _timer(recorded, decided)
        case SubOrchestrationInstanceCreated():
            text = _child(recorded, decided)
        case EventSent():
            text = _send(recorded, decided)
    return None if text is None else f"{_PREFIX}{text} {_TAIL}"


def _same(one: str, other: str) -> bool:
    return one == other or one.casefold() == other.casefold()


def _task(recorded: TaskScheduled, decided: Decision | None) -> str | None:
    start = "A previous execution of this orchestration scheduled an activity task with sequence"
    number, name = recorded.event_id, recorded.name
    match decided:
        case None | Complete():
            return f"{start} ID {number} and name '{name}' (version ''), {_NOTHING}"
        case ScheduleTask():
            if _same(decided.name, name):
                return None
            return (
                f"{start} number {number} named '{name}', but the current orchestration replay "
                f"instead scheduled an activity task named '{decided.name}' with this sequence "
                "number. "
            )
        case _:
            return (
                f"{start} number {number} named '{name}', but the current orchestration replay "
                f"instead produced a {decided.host_class} action with this sequence number."
            )


def _timer(recorded: TimerCreated, decided: Decision | None) -> str | None:
    start = (
        "A previous execution of this orchestration scheduled a timer task with sequence number "
        f"{recorded.event_id}"
    )
    match decided:
        case None | Complete():
            return f"{start} {_NOTHING}"
        case CreateTimer():
            return None
        case _:
            return (
                f"{start} named but the current orchestration replay instead produced a "
                f"{decided.host_class} action with this sequence number."
            )


def _child(recorded: SubOrchestrationInstanceCreated, decided: Decision | None) -> str | None:
    start = (
        "A previous execution of this orchestration scheduled a sub-orchestration task with "
        f"sequence ID {recorded.event_id} and name '{recorded.name}' (version "
        f"'{recorded.version}', instance ID '{recorded.instance_id}'), "
    )
    match decided:
        case None | Complete():
            return start + _NOTHING
        case CreateSubOrchestration():
            if _same(decided.name, recorded.name):
                return None
            return (
                f"{start}but the current orchestration replay instead scheduled a "
                f"sub-orchestration task with name {decided.name} at this sequence number."
            )
        case _:
            return (
                f"{start}but the current orchestration replay instead produced a "
                f"{decided.host_class} action at this sequence number."
            )


def _send(recorded: EventSent, decided: Decision | None) -> str | None:
    start = (
        "A previous execution of this orchestration scheduled a send event task with sequence ID "
        f"{recorded.event_id}, type 'EventSent'"
    )
    names = f"name '{recorded.name}', instance ID '{recorded.instance_id}'"
    match decided:
        case None | Complete():
            return f"{start} {names}, {_NOTHING}"
        case SendEvent():
            if _same(decided.name, recorded.name):
                return None
            return (
                f"{start} {names}), but the current orchestration replay instead scheduled a send "
                f"event task with name {decided.name}at this sequence number."
            )
        case _:
            return (
                f"{start}, {names}, but the current orchestration replay instead scheduled a "
                f"{decided.host_class} task at this sequence number."
            )

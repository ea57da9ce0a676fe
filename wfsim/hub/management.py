"""What clients may ask of the hub, and how the host answers by state (semantics 6.2)."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from wfsim.errors import InstanceError, nearest
from wfsim.history import (
    EventRaised,
    ExecutionResumed,
    ExecutionStarted,
    ExecutionSuspended,
    ExecutionTerminated,
    HistoryEvent,
    RuntimeStatus,
)
from wfsim.hub.effects import add_instance
from wfsim.hub.instance import Instance, Message
from wfsim.hub.rewinding import rewind_instance
from wfsim.quick import quick
from wfsim.trace import ClientCalled, StatusChanged

if TYPE_CHECKING:
    from wfsim.hub.hub import Hub

__all__ = [
    "find",
    "purge",
    "raise_event",
    "restart",
    "resume",
    "rewind",
    "start",
    "suspend",
    "terminate",
]

_started, _called, _changed = quick(ExecutionStarted), quick(ClientCalled), quick(StatusChanged)

_ACCEPTED, _BAD_REQUEST, _NOT_FOUND, _GONE, _SERVER_ERROR = 202, 400, 404, 410, 500
_LONGEST_ID = 256
_REWIND_REFUSED = "The rewind operation is only supported on failed orchestration instances"


def start(
    hub: Hub,
    name: str,
    payload: str | None,
    *,
    instance_id: str | None,
    version: str | None = None,
) -> Instance:
    """Schedule a new instance; nothing runs yet.

    Args:
        hub: The task hub.
        name: The orchestrator; whether there is one is the caller's to check.
        payload: JSON text of the input, as the host stores it.
        instance_id: Its id; without one the host makes one up.
        version: Its version; without one, or with an empty one, the host's default.

    Raises:
        InstanceError: the id is not legal, or an instance of that id is still running and the
            settings do not let it be started over.
    """
    chosen = instance_id if instance_id is not None else hub.new_guid()
    _check_id(hub, chosen)
    _check_state(hub, chosen)
    _log(hub, chosen, "start", payload, _ACCEPTED)
    started = _started(
        at_us=hub.clock.now_us,
        instance_id=chosen,
        execution_id=hub.new_guid(),
        name=name,
        version=version or hub.settings.default_version,
        input=payload,
    )
    instance = add_instance(hub, started)
    _log_status(hub, instance)
    return instance


def _check_id(hub: Hub, instance_id: str) -> None:
    why = text = ""
    if not instance_id:
        why = "is empty; leave it out for one that the host makes up"
    elif instance_id.startswith("@"):
        why = "starts with '@', which is kept for entities"
        text = _argument("Orchestration instance ids must not start with @.")
    elif instance_id.isalnum() and len(instance_id) <= _LONGEST_ID:
        return  # as those are that the host makes up
    elif any(char in "/\\#?" or unicodedata.category(char) == "Cc" for char in instance_id):
        why = "contains one of / \\ # ? or a control character"
        text = _argument(
            "Orchestration instance ids must not contain /, \\, #, ?, or control characters."
        )
    elif len(instance_id) > _LONGEST_ID:
        why = f"has {len(instance_id)} characters; the host allows {_LONGEST_ID}"
        text = f"Instance ID lengths must not exceed {_LONGEST_ID} characters."
    if why:
        shown = instance_id if len(instance_id) <= 40 else instance_id[:39] + "…"
        why = f"The instance id {shown!r} {why}."
        _refuse(hub, shown, "start", _BAD_REQUEST, why, host_text=text)


def _argument(text: str) -> str:
    # The host passes name and message of this exception in the wrong order (semantics 6.2).
    return f"instanceId (Parameter '{text}')"


def _check_state(hub: Hub, instance_id: str) -> None:
    old = hub.instances.get(instance_id)
    if old is None or old.status.is_final or hub.settings.overridable_states == "AnyState":
        return
    text = f"An Orchestration instance with the status {old.status} already exists"
    _refuse(
        hub,
        instance_id,
        "start",
        hub.settings.duplicate_start_status,
        f"{text}: {instance_id!r}. Choose another instance_id, or end that one first.",
        host_text=f"{text}.",
    )


def find(hub: Hub, instance_id: str) -> Instance:
    """Return an instance.

    Raises:
        InstanceError: there is none of that id (404).
    """
    hub.look(instance_id)
    instance = hub.instances.get(instance_id)
    if instance is None:
        raise _missing(hub, instance_id, _NOT_FOUND)
    return instance


def _missing(hub: Hub, instance_id: str, code: int, *, host_text: str = "") -> InstanceError:
    error = InstanceError(
        f"No instance with ID {instance_id!r} found.{nearest(instance_id, hub.instances)}"
    )
    error.status_code = code
    error.host_text = host_text
    return error


def raise_event(hub: Hub, instance_id: str, name: str, payload: str | None) -> None:
    """Send an external event.

    Args:
        hub: The task hub.
        instance_id: To whom.
        name: The event's name; the SDK matches it exactly, the host ignores case.
        payload: JSON text, as the body of the HTTP request.

    Raises:
        InstanceError: there is no such instance (404), or it has ended (410).
    """
    instance = find(hub, instance_id)
    if instance.status.is_final:
        _refuse(
            hub,
            instance_id,
            "raise_event",
            _GONE,
            f"Cannot raise {name!r}: instance {instance_id!r} is gone, it is "
            f"{instance.status}. Raise the event before the run ends.",
        )
    _log(hub, instance_id, f"raise_event {name}", payload, _ACCEPTED)
    _send(hub, instance, EventRaised(at_us=hub.clock.now_us, name=name, input=payload))


def terminate(hub: Hub, instance_id: str, reason: str | None) -> bool:
    """Ask an instance to end; return False if it has ended already, as clients are told nothing.

    A pending instance ends without running the user's code.
    """
    instance = find(hub, instance_id)
    if _is_gone(hub, instance, "terminate"):
        return False
    _log(hub, instance_id, "terminate", reason, _ACCEPTED)
    if instance.status is RuntimeStatus.PENDING and not instance.history:
        instance.inbox.clear()
        instance.status = RuntimeStatus.TERMINATED
        instance.result = reason
        instance.finished_us = instance.updated_us = hub.clock.now_us
        _log_status(hub, instance)
        return True
    _send(hub, instance, ExecutionTerminated(at_us=hub.clock.now_us, reason=reason))
    return True


def suspend(hub: Hub, instance_id: str, reason: str | None) -> bool:
    """Ask an instance to pause; return False if it has ended already.

    Raises:
        InstanceError: it is suspended (500).
    """
    instance = find(hub, instance_id)
    if _is_gone(hub, instance, "suspend"):
        return False
    if instance.status is RuntimeStatus.SUSPENDED:
        _refuse_state(hub, instance, "suspend")
    _log(hub, instance_id, "suspend", reason, _ACCEPTED)
    _send(hub, instance, ExecutionSuspended(at_us=hub.clock.now_us, reason=reason))
    return True


def resume(hub: Hub, instance_id: str, reason: str | None) -> bool:
    """Ask a suspended instance to go on; return False if it has ended already.

    Raises:
        InstanceError: it is not suspended (500).
    """
    instance = find(hub, instance_id)
    if _is_gone(hub, instance, "resume"):
        return False
    if instance.status is not RuntimeStatus.SUSPENDED:
        _refuse_state(hub, instance, "resume")
    _log(hub, instance_id, "resume", reason, _ACCEPTED)
    _send(hub, instance, ExecutionResumed(at_us=hub.clock.now_us, reason=reason))
    return True


def rewind(hub: Hub, instance_id: str, reason: str | None) -> None:
    """Run the failed parts of a failed instance again.

    Raises:
        InstanceError: it is not Failed: 410 if it ended otherwise, else 500.
    """
    instance = find(hub, instance_id)
    if instance.status is not RuntimeStatus.FAILED:
        code = _GONE if instance.status.is_final else _SERVER_ERROR
        _refuse(
            hub,
            instance_id,
            "rewind",
            code,
            f"{_REWIND_REFUSED}: {instance_id!r} is {instance.status}.",
            host_text=f"{_REWIND_REFUSED}.",
        )
    _log(hub, instance_id, "rewind", reason, _ACCEPTED)
    rewind_instance(hub, instance, reason or "")
    _log_status(hub, instance)


def restart(hub: Hub, instance_id: str, *, new_id: bool) -> Instance:
    """Start an instance again with its name and input, in the default version of today.

    Args:
        hub: The task hub.
        instance_id: Which one.
        new_id: Whether the copy gets an id of its own.

    Raises:
        InstanceError: there is no such instance, or its id is to be kept and it is running.
    """
    instance = hub.instances.get(instance_id)
    if instance is None:
        text = f"An orchestrastion with the instanceId {instance_id} was not found."  # sic
        raise _missing(hub, instance_id, _BAD_REQUEST, host_text=text)
    return start(
        hub,
        instance.name,
        instance.started.input,
        instance_id=None if new_id else instance_id,
    )


def purge(hub: Hub, instance_id: str) -> None:
    """Delete an instance with its history, whatever its state; children stay."""
    find(hub, instance_id)
    _log(hub, instance_id, "purge", None, 200)
    gone = hub.instances.pop(instance_id)
    gone.inbox.clear()
    hub.guard.forget(instance_id)
    if not gone.status.is_final:
        gone.status = RuntimeStatus.TERMINATED
    execution_id, gone.started = gone.execution_id, replace(gone.started, execution_id="")
    hub.forget_generation(gone, execution_id)


def _send(hub: Hub, instance: Instance, event: HistoryEvent) -> None:
    hub.deliver(Message(instance_id=instance.instance_id, event=event))


def _is_gone(hub: Hub, instance: Instance, operation: str) -> bool:
    if instance.status.is_final:
        _log(hub, instance.instance_id, operation, None, _GONE)
    return instance.status.is_final


def _refuse_state(hub: Hub, instance: Instance, operation: str) -> NoReturn:
    name, state = instance.instance_id, f"because instance is in the {instance.status} state."
    _refuse(
        hub,
        name,
        operation,
        _SERVER_ERROR,
        f"Cannot {operation} the orchestration instance {name!r} {state}",
        host_text=f"Cannot {operation} the orchestration instance {name} {state}",
    )


def _refuse(
    hub: Hub, instance_id: str, operation: str, code: int, why: str, *, host_text: str = ""
) -> NoReturn:
    _log(hub, instance_id, operation, None, code)
    error = InstanceError(why)
    error.status_code = code
    error.host_text = host_text
    raise error


def _log(hub: Hub, instance_id: str, operation: str, data: str | None, answer: int) -> None:
    hub.trace.add(
        _called(
            at_us=hub.clock.now_us,
            instance_id=instance_id,
            operation=operation,
            data=data,
            answer=answer,
        )
    )


def _log_status(hub: Hub, instance: Instance) -> None:
    hub.trace.add(
        _changed(
            at_us=hub.clock.now_us,
            instance_id=instance.instance_id,
            name=instance.name,
            status=instance.status,
            custom_status=instance.custom_status,
        )
    )

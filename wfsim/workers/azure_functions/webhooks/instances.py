"""Routes of one orchestration: start it, look at it, and everything one may ask of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from wfsim.errors import InstanceError
from wfsim.hub import management
from wfsim.hub.entities import purge_entity
from wfsim.hub.hub import Hub
from wfsim.web import Response
from wfsim.workers.azure_functions.webhooks import bodies
from wfsim.workers.azure_functions.webhooks.answers import (
    ARGUMENT_EXCEPTION,
    bad_argument,
    failure,
    invalid_json,
    message,
    plain,
    refusal,
    reply,
    unknown_function,
)
from wfsim.workers.azure_functions.webhooks.call import Call, Desk
from wfsim.workers.azure_functions.webhooks.history_events import history_events
from wfsim.workers.azure_functions.webhooks.status import View, body_of, view_of

__all__ = [
    "Started",
    "check_status",
    "purge",
    "raise_event",
    "restart",
    "resume",
    "rewind",
    "show",
    "start",
    "status_of",
    "suspend",
    "terminate",
]

_EXISTS = "DurableTask.Core.Exceptions.OrchestrationAlreadyExistsException"
_NOT_RESTARTED = "InstanceId does not match a valid orchestration instance."
_ALREADY_THERE = "A non-terminal instance with this instance ID already exists."
_RPC_BASE = "/durabletask/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """An instance has been started; whether the client waits for its end is in the query."""

    instance_id: str


def start(desk: Desk, call: Call) -> Response | Started:
    """Start an orchestration; the checks are in the host's order (semantics 6.2)."""
    text = bodies.decode(call.request.body)
    try:
        payload = bodies.normalised(text) if text.strip() else None
    except ValueError as error:
        return invalid_json(error)
    name = call.parts["function"]
    unknown = unknown_function(name, desk.orchestrators(), kind="orchestrator")
    if unknown is not None:
        return bad_argument(unknown)
    try:
        instance = management.start(
            desk.hub,
            name,
            None if payload == "null" else payload,
            instance_id=call.parts.get("instance"),
            version=call.text("version"),
        )
    except InstanceError as error:
        return refusal(error, kind=_EXISTS)
    return Started(instance_id=instance.instance_id)


def check_status(desk: Desk, call: Call, instance_id: str) -> Response:
    """Return the answer that tells where to look after an instance."""
    # Python's client asks at an address of its own, where nobody else can.
    is_rpc = call.request.path.casefold().startswith(_RPC_BASE)
    links = desk.links.management(
        instance_id,
        origin=None if is_rpc else call.request.origin,
        task_hub=call.text("taskHub"),
        connection=call.text("connection"),
    )
    del links["rewindPostUri"]  # the host forgets it here
    headers = (("Location", links["statusQueryGetUri"]), ("Retry-After", "10"))
    return reply(links, status=202, headers=headers)


def show(desk: Desk, call: Call) -> Response:
    """Return the status of an instance."""
    return status_of(
        desk.hub,
        call,
        call.instance_id,
        fails=call.flag("returnInternalServerErrorOnFailure", default=False),
    )


def status_of(hub: Hub, call: Call, instance_id: str, *, fails: bool) -> Response:
    """Return the status of an instance as its query asks for it.

    Args:
        hub: The task hub.
        call: The request.
        instance_id: Which one.
        fails: Whether a failed instance is a server error.
    """
    view = view_of(hub, instance_id)
    if view is None:
        return plain(404)
    show_input = call.flag("showInput", default=True)
    history = None
    if call.flag("showHistory", default=False) and view.status != "Pending":
        history = history_events(
            view.history,
            show_input=show_input,
            show_output=call.flag("showHistoryOutput", default=False),
            store_inputs=hub.settings.store_inputs,
        )
    body = body_of(view, show_input=show_input, history=history)
    if not view.status.is_final:
        headers = (("Location", call.request.url), ("Retry-After", "5"))
        return reply(body, status=202, headers=headers)
    return reply(body, status=500 if fails and view.status == "Failed" else 200)


def raise_event(desk: Desk, call: Call) -> Response:
    """Send an external event; the state of the instance is looked at before the body."""
    view = view_of(desk.hub, call.instance_id)
    if view is None:
        return plain(404)
    payload = "null"
    if not view.status.is_final:
        kind = (call.request.header("Content-Type") or "").partition(";")[0].strip()
        if kind.casefold() != "application/json":
            return message(400, "Only application/json request content is supported")
        try:
            payload = bodies.normalised(bodies.decode(call.request.body))
        except ValueError as error:
            return invalid_json(error)
    event = call.parts["event"]
    return _ask(
        desk, call, lambda: management.raise_event(desk.hub, call.instance_id, event, payload)
    )


def terminate(desk: Desk, call: Call) -> Response:
    """Ask an instance to end."""
    reason = call.text("reason")
    return _ask(desk, call, lambda: management.terminate(desk.hub, call.instance_id, reason))


def suspend(desk: Desk, call: Call) -> Response:
    """Ask an instance to pause."""
    reason = call.text("reason")
    return _ask(desk, call, lambda: management.suspend(desk.hub, call.instance_id, reason))


def resume(desk: Desk, call: Call) -> Response:
    """Ask a suspended instance to go on."""
    reason = call.text("reason")
    return _ask(desk, call, lambda: management.resume(desk.hub, call.instance_id, reason))


def rewind(desk: Desk, call: Call) -> Response:
    """Ask for the failed parts of an instance again."""
    reason = call.text("reason")
    return _ask(desk, call, lambda: management.rewind(desk.hub, call.instance_id, reason))


def _ask(desk: Desk, call: Call, operation: Callable[[], bool | None]) -> Response:
    """Return the answer to something asked of an instance; False stands for one that has ended."""
    if call.instance_id not in desk.hub.instances:
        # What is not meant for an entity its orchestration takes and ignores.
        return plain(202 if call.instance_id in desk.hub.entities else 404)
    try:
        return plain(410 if operation() is False else 202)
    except InstanceError as error:
        return refusal(error)


def restart(desk: Desk, call: Call) -> Response | Started:
    """Start an instance again with its name and input."""
    view = view_of(desk.hub, call.instance_id)
    if view is not None:
        unknown = unknown_function(view.name, desk.orchestrators(), kind="orchestrator")
        if unknown is not None:
            return failure(400, _NOT_RESTARTED, text=unknown, kind=ARGUMENT_EXCEPTION)
    new_id = call.flag("restartWithNewInstanceId", default=True)
    try:
        copy = management.restart(desk.hub, call.instance_id, new_id=new_id)
    except InstanceError as error:
        if error.status_code == 400:
            return failure(400, _NOT_RESTARTED, text=error.host_text, kind=ARGUMENT_EXCEPTION)
        if error.status_code == 409:
            return failure(409, _ALREADY_THERE, text=error.host_text, kind=_EXISTS)
        return refusal(error, kind=_EXISTS)
    return Started(instance_id=copy.instance_id)


def purge(desk: Desk, call: Call) -> Response:
    """Delete an instance, whatever its state."""
    view = view_of(desk.hub, call.instance_id)
    if view is None:
        return plain(404)
    forget(desk.hub, view)
    return reply({"instancesDeleted": 1})


def forget(hub: Hub, view: View) -> None:
    """Delete what a view shows."""
    if view.instance_id in hub.instances:
        management.purge(hub, view.instance_id)
    else:
        purge_entity(hub, view.instance_id)

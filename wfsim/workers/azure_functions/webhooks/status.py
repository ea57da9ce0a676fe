"""What the extension shows of an instance: its status body (semantics 6.3).

Entities are instances to it, too (semantics 7.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wfsim.clock import iso
from wfsim.history import ExecutionStarted, HistoryEvent, RuntimeStatus
from wfsim.history.jsontext import write
from wfsim.hub.entities import Entity
from wfsim.hub.hub import Hub
from wfsim.hub.instance import Instance
from wfsim.workers.azure_functions.webhooks.bodies import forgiving

__all__ = ["View", "body_of", "view_of", "views"]

_SECOND_US = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """An instance or an entity, as the extension's tables hold it."""

    name: str
    instance_id: str
    status: RuntimeStatus
    input: str | None
    custom_status: str | None
    output: str | None
    created_us: int
    updated_us: int
    history: tuple[HistoryEvent, ...] | list[HistoryEvent]
    """The current generation's events."""


def view_of(hub: Hub, instance_id: str) -> View | None:
    """Return what there is under an id."""
    hub.look(instance_id)
    instance = hub.instances.get(instance_id)
    if instance is not None:
        return _of_instance(instance)
    entity = hub.entities.get(instance_id)
    return None if entity is None else _of_entity(entity)


def views(hub: Hub) -> Iterator[View]:
    """Yield every instance and entity, in the order of the host's tables: by id."""
    hub.look()
    for instance_id in sorted({*hub.instances, *hub.entities}):
        instance = hub.instances.get(instance_id)
        if instance is None:
            yield _of_entity(hub.entities[instance_id])
        else:
            yield _of_instance(instance)


def body_of(
    view: View, *, show_input: bool, history: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Return the status body.

    Args:
        view: Of whom.
        show_input: Whether to show the input.
        history: The items of `historyEvents`; None for none.
    """
    body: dict[str, Any] = {
        "name": view.name,
        "instanceId": view.instance_id,
        "runtimeStatus": str(view.status),
        "input": forgiving(view.input) if show_input else None,
        "customStatus": forgiving(view.custom_status),
        "output": forgiving(view.output),
        "createdTime": _whole_seconds(view.created_us),
        "lastUpdatedTime": _whole_seconds(view.updated_us),
    }
    if history is not None:
        body["historyEvents"] = history
    return body


def _whole_seconds(us: int) -> str:
    return iso(us - us % _SECOND_US)


def _of_instance(instance: Instance) -> View:
    return View(
        name=instance.name,
        instance_id=instance.instance_id,
        status=instance.status,
        input=instance.started.input,
        custom_status=instance.custom_status,
        output=instance.result,
        created_us=instance.created_us,
        updated_us=instance.updated_us,
        history=instance.history,
    )


def _of_entity(entity: Entity) -> View:
    state = _scheduler_state(entity)
    started = ExecutionStarted(
        at_us=entity.created_us,
        instance_id=entity.entity_id,
        execution_id="",
        name=entity.entity_id,
        input=state,
    )
    return View(
        name=entity.entity_id,
        instance_id=entity.entity_id,
        status=RuntimeStatus.RUNNING,
        input=state,
        custom_status=_entity_status(entity),
        output=None,
        created_us=entity.created_us,
        updated_us=entity.updated_us,
        history=(started,),
    )


def _entity_status(entity: Entity) -> str:
    """Return an entity's custom status, which leaves out what is false, empty or zero."""
    status: dict[str, Any] = {}
    if entity.exists:
        status["entityExists"] = True
    if entity.queue:
        status["queueSize"] = len(entity.queue)
    return write(status)


def _scheduler_state(entity: Entity) -> str:
    """Return the input of the orchestration that the entity is."""
    state: dict[str, Any] = {}
    if entity.exists:
        state["exists"] = True
    if entity.state is not None:
        state["state"] = entity.state
    if entity.queue:
        state["queue"] = [{"op": item.operation, "input": item.input} for item in entity.queue]
    state["sorter"] = {}
    return write(state)

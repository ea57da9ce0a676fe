"""Routes of entities: read them, list them, signal them (semantics 7.5)."""

from __future__ import annotations

import unicodedata

from wfsim.clock import iso
from wfsim.history.jsontext import write
from wfsim.hub.entities import Entity, entity_id, find_entity, signal
from wfsim.web import Response
from wfsim.workers.azure_functions.webhooks import bodies
from wfsim.workers.azure_functions.webhooks.answers import message, plain, reply, unknown_function
from wfsim.workers.azure_functions.webhooks.call import Call, Desk
from wfsim.workers.azure_functions.webhooks.lists import page_of
from wfsim.workers.azure_functions.webhooks.status import views

__all__ = ["listed", "operate", "read"]

_EMPTY_KEY = "$"
"""How a route writes the key that is empty."""
_NAMELESS = (
    "Invalid entity id: entity name must not be a null or empty string. (Parameter 'entityName')"
)
_BAD_KEY = (
    "entityKey (Parameter 'Entity keys must not contain /, \\, #, ?, or control characters.')"
)


def read(desk: Desk, call: Call) -> Response:
    """Return the last committed state of an entity."""
    key = call.parts["key"]
    entity = find_entity(desk.hub, call.parts["name"], "" if key == _EMPTY_KEY else key)
    if entity is None or not entity.exists:
        return plain(404)
    return reply(bodies.forgiving(entity.state))


def listed(desk: Desk, call: Call) -> Response:
    """List the entities that exist, all or those of one name."""
    name = call.parts.get("name")
    prefix = "@" if name is None else entity_id(name, "")
    start_us, end_us = (
        call.moment_us("lastOperationTimeFrom"),
        call.moment_us("lastOperationTimeTo"),
    )
    found = (
        view
        for view in views(desk.hub)
        if view.instance_id.startswith(prefix)
        and desk.hub.entities[view.instance_id].exists
        and (start_us is None or view.updated_us >= start_us)
        and (end_us is None or view.updated_us <= end_us)
    )
    paged = page_of(call, found)
    if isinstance(paged, Response):
        return paged
    page, headers = paged
    fetch = call.flag("fetchState", default=False)
    items = [_item(desk.hub.entities[view.instance_id], fetch=fetch) for view in page]
    return reply(items, headers=headers)


def _item(entity: Entity, *, fetch: bool) -> dict[str, object]:
    return {
        "entityId": {"name": entity.name, "key": entity.key},
        "lastOperationTime": iso(entity.updated_us),
        "state": bodies.forgiving(entity.state) if fetch else None,
    }


def operate(desk: Desk, call: Call) -> Response:
    """Signal an entity; DELETE is the operation "delete", which the app has to write."""
    name, key = call.parts.get("name"), call.parts.get("key", "")
    if name is None:
        return message(400, _NAMELESS)
    try:
        payload = _payload(call)
    except ValueError as error:
        return message(400, f"Could not parse JSON content: {error}")
    if any(char in "/\\#?" or unicodedata.category(char) == "Cc" for char in key):
        return message(400, _BAD_KEY)
    unknown = unknown_function(name.lower(), desk.entities(), kind="entity")
    if unknown is not None:
        return message(400, unknown)
    operation = "delete" if call.request.method == "DELETE" else call.text("op") or ""
    signal(desk.hub, name, key, operation, payload)
    return plain(202)


def _payload(call: Call) -> str | None:
    """Return a signal's input as the host stores it; what is not said to be JSON is a text."""
    if not call.request.body:
        return None
    text = bodies.decode(call.request.body)
    kind = (call.request.header("Content-Type") or "").partition(";")[0].strip()
    if kind.casefold() == "application/json":
        return bodies.normalised(text)
    return write(text)

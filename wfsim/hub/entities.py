"""Entities: their queues, their batches, and the answers they send (semantics chapter 7)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from wfsim.history import EventRaised
from wfsim.history.jsontext import parse, write
from wfsim.hub.decisions import SendEvent
from wfsim.hub.instance import Instance, Message
from wfsim.hub.worker import EntityBatch, EntityOperation, EntityReply, EntityResult
from wfsim.trace import ClientCalled, EntityChanged, EntityOperated, EntityRequested

if TYPE_CHECKING:
    from wfsim.hub.hub import Hub

__all__ = [
    "Entity",
    "EntityRequest",
    "call",
    "entity_id",
    "find_entity",
    "owes_answer",
    "parts_of",
    "purge_entity",
    "receive",
    "signal",
]

_ACCEPTED = 202


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityRequest:
    """One operation that somebody asked of an entity."""

    operation: str
    input: str | None
    """JSON text as the host stores it: for Python callers a string that holds JSON."""
    is_signal: bool
    request_id: str = ""
    caller: str = ""
    """Instance id of the orchestration; empty for a client."""
    caller_execution: str = ""
    answer: Callable[[EntityResult], None] | None = None
    """Takes the outcome, where a test called."""


@dataclass(slots=True, kw_only=True)
class Entity:
    """One entity, as the hub stores it; the hub is the only one to change it."""

    name: str
    """In lower case, as the host keeps it."""
    key: str
    created_us: int
    exists: bool = False
    state: str | None = None
    """JSON text as of the last batch that was saved."""
    updated_us: int = 0
    """When the last operation ended."""
    queue: deque[EntityRequest] = field(default_factory=deque[EntityRequest])
    running: tuple[EntityRequest, ...] = ()
    """The batch in progress."""
    is_queued: bool = False

    @property
    def entity_id(self) -> str:
        """The id of the orchestration that the entity is, such as "@counter@a"."""
        return entity_id(self.name, self.key)


def entity_id(name: str, key: str) -> str:
    """Return an entity's id; names are lower-cased, keys are not (semantics 7.1)."""
    return f"@{name.lower()}@{key}"


def parts_of(text: str) -> tuple[str, str] | None:
    """Return name and key of an id such as "@counter@a", or None if it is none."""
    if not text.startswith("@"):
        return None
    name, at, key = text[1:].partition("@")
    return (name.lower(), key) if at and name else None


def find_entity(hub: Hub, name: str, key: str) -> Entity | None:
    """Return an entity that has been asked something; it need not exist by its own account."""
    target = entity_id(name, key)
    hub.look(target)
    return hub.entities.get(target)


def signal(hub: Hub, name: str, key: str, operation: str, payload: str | None) -> None:
    """Send a client's signal.

    Args:
        hub: The task hub.
        name: The entity's name, in any case.
        key: Its key.
        operation: What it shall do.
        payload: JSON text as the host stores it; None stands for no body.
    """
    target = entity_id(name, key)
    hub.trace.add(
        ClientCalled(
            at_us=hub.clock.now_us,
            instance_id=target,
            operation=f"signal {operation}",
            data=payload,
            answer=_ACCEPTED,
        )
    )
    _enqueue(hub, target, EntityRequest(operation=operation, input=payload, is_signal=True))


def call(
    hub: Hub,
    name: str,
    key: str,
    operation: str,
    payload: str,
    answer: Callable[[EntityResult], None],
) -> None:
    """Call an entity from a test, as no client of the real host can; see `signal`."""
    request = EntityRequest(operation=operation, input=payload, is_signal=False, answer=answer)
    _enqueue(hub, entity_id(name, key), request)


def receive(hub: Hub, instance: Instance, decision: SendEvent) -> None:
    """Take a call or a signal of an orchestration."""
    message = cast("dict[str, Any]", parse(decision.input))
    request = EntityRequest(
        operation=message["op"],
        input=message.get("input"),
        is_signal=bool(message.get("signal")),
        request_id=message["id"],
        caller=instance.instance_id,
        caller_execution=instance.execution_id,
    )
    if not request.is_signal:
        instance.requests.add(request.request_id)
    _enqueue(hub, decision.instance_id, request)


def purge_entity(hub: Hub, target: str) -> None:
    """Delete an entity with its queue; an answer that it owes never comes."""
    entity = hub.entities.pop(target, None)
    if entity is not None:
        entity.queue.clear()


def owes_answer(hub: Hub, instance_id: str) -> bool:
    """Whether some entity has still to answer an orchestration."""
    return any(
        request.caller == instance_id and not request.is_signal
        for entity in hub.entities.values()
        for request in (*entity.running, *entity.queue)
    )


def _enqueue(hub: Hub, target: str, request: EntityRequest) -> None:
    parts = parts_of(target) or (target, "")
    now_us = hub.clock.now_us
    entity = hub.entities.get(target)
    if entity is None:
        entity = Entity(name=parts[0], key=parts[1], created_us=now_us, updated_us=now_us)
        hub.entities[target] = entity
    hub.trace.add(
        EntityRequested(
            at_us=now_us,
            instance_id=target,
            operation=request.operation,
            input=request.input,
            caller=request.caller,
            is_signal=request.is_signal,
        )
    )
    hub.touch(target)
    entity.queue.append(request)
    _queue(hub, entity)
    if (
        request.is_signal
        and not request.caller  # of what orchestrations send, the host drops copies (7.3)
        and hub.faults is not None
        and hub.faults.is_signalled_twice(target, request.operation)
    ):
        entity.queue.append(request)


def _queue(hub: Hub, entity: Entity) -> None:
    # One batch at a time; other entities run on meanwhile (semantics 7.3).
    if entity.queue and not entity.running and not entity.is_queued:
        entity.is_queued = True
        hub.enqueue(f"batch of {entity.entity_id}", lambda: _run_batch(hub, entity))


def _run_batch(hub: Hub, entity: Entity) -> None:
    hub.touch(entity.entity_id)
    entity.is_queued = False
    if hub.entities.get(entity.entity_id) is not entity:
        return  # purged while its requests waited
    total = min(len(entity.queue), hub.settings.max_entity_batch)
    take = total
    if total > 1:
        index = hub.choices.pick(
            f"operations in one batch of {entity.entity_id}",
            lambda: [f"all {total}", *(f"the first {count}" for count in range(1, total))],
        )
        take = total if index == 0 else index
    entity.running = tuple(entity.queue.popleft() for _ in range(take))
    batch = EntityBatch(
        name=entity.name,
        key=entity.key,
        exists=entity.exists,
        state=entity.state,
        operations=tuple(
            EntityOperation(name=item.operation, input=item.input, is_signal=item.is_signal)
            for item in entity.running
        ),
    )
    # Where the call fails as a whole, the host gives the batch back and tries for ever; the worker
    # has reported it, and time must not stand still over it. `finish` is not called, the batch
    # stays in progress, and so the entity does nothing.
    hub.entity_runner.start(batch, lambda reply: _finish(hub, entity, reply))


def _finish(hub: Hub, entity: Entity, reply: EntityReply) -> None:
    """Save a batch once its time is over."""

    def is_stale() -> bool:
        return hub.entities.get(entity.entity_id) is not entity

    if reply.took_us:
        hub.agenda.add(
            hub.clock.now_us + reply.took_us,
            f"batch of {entity.entity_id} ends",
            lambda: _save(hub, entity, reply),
            is_stale=is_stale,
        )
    elif not is_stale():
        _save(hub, entity, reply)


def _save(hub: Hub, entity: Entity, reply: EntityReply) -> None:
    """Commit a batch: answers first in the trace, then the state that they led to."""
    now_us = hub.clock.now_us
    batch, entity.running = entity.running, ()
    before = (entity.exists, entity.state if entity.exists else None)
    entity.exists, entity.state = reply.exists, reply.state
    entity.updated_us = now_us
    for request, result in zip(batch, reply.results, strict=True):
        hub.trace.add(
            EntityOperated(
                at_us=now_us,
                instance_id=entity.entity_id,
                operation=request.operation,
                caller=request.caller,
                is_signal=request.is_signal,
                result=None if result.is_error else result.text,
                failure=str(parse(result.text)) if result.is_error else None,
            )
        )
    after = (entity.exists, entity.state if entity.exists else None)
    if after != before:
        hub.trace.add(EntityChanged(at_us=now_us, instance_id=entity.entity_id, state=after[1]))
    for request, result in zip(batch, reply.results, strict=True):
        if not request.is_signal:
            _answer(hub, request, result)
    if entity.queue:
        _queue(hub, entity)
    elif not entity.exists:
        # The host drops the orchestration of an entity that is no more (semantics 7.3).
        hub.entities.pop(entity.entity_id, None)


def _answer(hub: Hub, request: EntityRequest, result: EntityResult) -> None:
    if request.answer is not None:
        request.answer(result)
        return
    body: dict[str, str] = {"result": result.text}
    if result.is_error:
        body["exceptionType"] = "Error"
        if result.error is not None:
            hub.remember_error(str(parse(result.text)), result.error)
    event = EventRaised(at_us=hub.clock.now_us, name=request.request_id, input=write(body))
    hub.deliver(
        Message(instance_id=request.caller, execution_id=request.caller_execution, event=event)
    )

"""What checkpoints hold, each as the difference to the one before it.

Left out are ids, hashes, timestamps and the checkpoint's own version; steps whose results are
cached are called by their names. Where the checkpoint that one was made after is not shown, as
where a function was run anew, it is held against the one shown last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from agent_framework import Message, WorkflowCheckpoint, WorkflowEvent, WorkflowMessage

from wfsim.chat.readers import MESSAGES, same
from wfsim.snapshot.naming import Naming, Reader, Verbatim
from wfsim.snapshot.view import Fact, labelled
from wfsim.workflows.arranged import wanted_by
from wfsim.workflows.data import CACHES, readable_state

__all__ = ["READERS", "Told", "checkpoint_fact"]

_GONE: Final = Verbatim("<gone>")
_COUNTS: Final = CACHES[1]
_REST: Final = (*CACHES, "_original_message")
"""What the events of the run have told."""


@dataclass(slots=True)
class Told:
    """The checkpoints that have been shown."""

    places: dict[str, int] = field(default_factory=dict[str, int])
    contents: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    shown: Mapping[str, Any] = field(default_factory=dict[str, Any])
    state: object = None

    def before(self, checkpoint: WorkflowCheckpoint) -> Mapping[str, Any]:
        """Return what a checkpoint is held against."""
        return self.contents.get(checkpoint.previous_checkpoint_id or "", self.shown)

    def after(self, checkpoint: WorkflowCheckpoint) -> str:
        """Return in words what a checkpoint was made after."""
        previous = checkpoint.previous_checkpoint_id
        if previous is None:
            return " anew" if self.places else ""
        return f" after {self.places.get(previous, 'one elsewhere')}"

    def add(self, checkpoint: WorkflowCheckpoint, content: dict[str, Any]) -> int:
        """Note a checkpoint, and return its place."""
        place = len(self.places) + 1
        self.places[checkpoint.checkpoint_id] = place
        self.shown = self.contents[checkpoint.checkpoint_id] = content
        return place

    def state_of(self, checkpoint: WorkflowCheckpoint) -> object:
        """Return what is new in a checkpoint's state, besides what is empty or told by events."""
        state = {key: value for key, value in _state(checkpoint).items() if key not in _REST}
        before, self.state = self.state, _filled(state)
        return _difference(before or {}, self.state)


def checkpoint_fact(
    checkpoint: WorkflowCheckpoint, told: Told, above: tuple[str | int, ...]
) -> Fact:
    """Return what a checkpoint holds that the one before it did not.

    Args:
        checkpoint: The checkpoint.
        told: Those that have been shown; it grows.
        above: What the fact stands below.
    """
    content = {
        "messages": _revived(checkpoint.messages),
        "state": _state(checkpoint),
        "pending": dict(checkpoint.pending_request_info_events),
        "metadata": _revived(checkpoint.metadata),
    }
    before, after = told.before(checkpoint), told.after(checkpoint)
    place = told.add(checkpoint, content)
    superstep = f", superstep {checkpoint.iteration_count}" if checkpoint.iteration_count else ""
    details = [
        (label, _difference(before.get(label, {}), value))
        for label, value in content.items()
        if label != "messages"
    ]
    details.insert(0, ("messages", content["messages"]))
    return Fact(
        headings=above,
        what="checkpoint",
        number=str(place),
        said=f"{checkpoint.workflow_name}{after}{superstep}",
        details=labelled(*(detail for detail in details if detail[1])),
    )


def _state(checkpoint: WorkflowCheckpoint) -> dict[str, Any]:
    """Return a checkpoint's state without what only some releases of the framework put there."""
    state = readable_state(checkpoint.state)
    if _COUNTS in state:
        state[_COUNTS] = {key: count for key, count in state[_COUNTS].items() if count}
    return {
        key: _revived(value)
        for key, value in state.items()
        if not (key.startswith("_") and value in ({}, None))
    }


def _revived(value: object) -> Any:  # noqa: ANN401
    """Return data in which messages and nested checkpoints are told as such."""
    if isinstance(value, WorkflowCheckpoint):
        return {
            "workflow": value.workflow_name,
            "superstep": value.iteration_count,
            "messages": _revived(value.messages),
            "state": _state(value),
            "pending": dict(value.pending_request_info_events),
        }
    if isinstance(value, Mapping):
        fields = cast("Mapping[object, object]", value)
        if fields.get("type") == "message" and {"role", "contents"} <= fields.keys():
            return _message(cast("dict[str, Any]", dict(fields)))
        return {key: _revived(item) for key, item in fields.items()}
    if isinstance(value, list):
        return [_revived(item) for item in cast("list[object]", value)]
    return value


def _message(fields: dict[str, Any]) -> object:
    try:
        return Message.from_dict(fields)
    except (TypeError, ValueError, KeyError):
        return fields


def _filled(value: object) -> object:
    """Return data without mappings and lists that are empty, and without what is not there."""
    if not isinstance(value, Mapping):
        return value
    fields = cast("Mapping[object, object]", value)
    found = {key: _filled(item) for key, item in fields.items()}
    return {key: item for key, item in found.items() if item not in (None, {}, [])}


def _difference(before: object, after: object) -> object:
    """Return what is new in a mapping, at any depth; nothing where nothing is."""
    if not (isinstance(before, Mapping) and isinstance(after, Mapping)):
        return after
    old = cast("Mapping[object, object]", before)
    new = cast("Mapping[object, object]", after)
    found: dict[object, object] = {}
    for key, value in new.items():
        if key not in old:
            found[key] = value
        elif same(old[key]) != same(value):
            found[key] = _difference(old[key], value)
    gone = [key for key in old if key not in new]
    return {**found, _GONE: gone} if gone else found


# --- readers ------------------------------------------------------------------------------------


def _event(event: WorkflowEvent[Any], naming: Naming) -> object:  # noqa: ARG001 - a reader
    if event.type != "request_info":
        return {"event": event.type, "by": event.executor_id, "data": event.data}
    return {
        "asks": event.data,
        "by": event.source_executor_id,
        "as": event.request_id,
        "wants": wanted_by(event),
    }


def _sent(message: WorkflowMessage, naming: Naming) -> object:  # noqa: ARG001 - a reader
    found: dict[str, object] = {"data": message.data, "from": message.source_id}
    if message.target_id is not None:
        found["to"] = message.target_id
    if message.original_request_info_event is not None:
        found["answers"] = message.original_request_info_event.request_id
    return found


def _checkpoint(checkpoint: WorkflowCheckpoint, naming: Naming) -> object:  # noqa: ARG001 - a reader
    return _revived(checkpoint)


READERS: Final[Mapping[type, Reader]] = {
    **MESSAGES,
    WorkflowCheckpoint: _checkpoint,
    WorkflowEvent: _event,
    WorkflowMessage: _sent,
}
"""Readers for what workflows keep."""

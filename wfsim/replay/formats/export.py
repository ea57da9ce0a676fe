"""Whole histories as JSON: exports of `durabletask`, and what the host sends to a worker.

`durabletask` writes a line or an item for each event, in Python with a head that names the instance
(`schema_version`, `instance_id`), in .NET without. The host's own message to a worker has the same
events under `history`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from wfsim.history import HistoryEvent
from wfsim.replay.formats.build import built
from wfsim.replay.formats.events import event_of
from wfsim.replay.formats.fields import Damaged, Fields, as_object, pascal
from wfsim.replay.records import RecordedHistory, Source

__all__ = ["export_history", "is_event", "is_export", "is_head", "whole_export"]


def is_event(values: Mapping[str, object]) -> bool:
    """Whether an object is an event of a history."""
    names = {pascal(name) for name in values}
    return "EventType" in names and "Timestamp" in names and "PartitionKey" not in names


def is_head(values: Mapping[str, object]) -> bool:
    """Whether an object is the first line of an export."""
    return "schema_version" in values and "instance_id" in values


def is_export(values: Mapping[str, object]) -> bool:
    """Whether an object holds a whole history."""
    return any(isinstance(values.get(name), list) for name in ("events", "history"))


def whole_export(values: Mapping[str, object], source: Source) -> RecordedHistory:
    """Return the history in an object.

    Raises:
        Damaged: an event is damaged, or the history is not whole.
    """
    name = "events" if isinstance(values.get("events"), list) else "history"
    items = cast("list[object]", values[name])
    named = ((f"{name}[{number}]", item) for number, item in enumerate(items))
    head = values.get("instance_id") or values.get("instanceId")
    return export_history(named, source, instance_id=str(head or ""))


def export_history(
    items: Iterable[tuple[str, object]], source: Source, *, instance_id: str = ""
) -> RecordedHistory:
    """Return the history that some events make.

    Args:
        items: Where each one stands, and what it is.
        source: Where they were read.
        instance_id: Whose they are, where that is known.

    Raises:
        Damaged: an event is damaged, or the history is not whole.
    """
    events: list[HistoryEvent] = []
    for where, item in items:
        event = event_of(Fields(as_object(item, where), where))
        if event is not None:
            events.append(event)
    if not events:
        raise Damaged("it holds no event")
    return built(events, source=source, instance_id=instance_id)

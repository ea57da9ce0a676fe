"""What happened to each part of a world: all of it, and what of it others could still see later.

Two ways of a part that end alike cannot be told apart by who looks when all is over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from hashlib import blake2b

from wfsim.explore.oracles import nameless
from wfsim.history import ExecutionCompleted, RuntimeStatus
from wfsim.trace import (
    ChoiceMade,
    EntityChanged,
    FindingMade,
    HistoryAppended,
    MessageDiscarded,
    Record,
    StatusChanged,
    Trace,
)

__all__ = ["Ending", "endings"]


@dataclass(frozen=True, slots=True)
class Ending:
    """What one part did in a run, as digests that are equal for the same."""

    way: bytes
    """Every record, in order, with its time."""
    end: bytes
    """What ran and what came of it, whatever the order; how everybody ended, and when."""


def endings(trace: Trace, part_of: Callable[[str], str]) -> dict[str, Ending]:
    """Return what happened to each part.

    Args:
        trace: Of a run.
        part_of: The part of an instance or an entity, by its id.
    """
    records = defaultdict[str, list[Record]](list)
    for record in trace:
        if not isinstance(record, ChoiceMade):
            about = record.finding if isinstance(record, FindingMade) else record
            records[part_of(about.instance_id or "")].append(record)
    return {part: _ending(items) for part, items in records.items()}


def _ending(records: list[Record]) -> Ending:
    states = {item.instance_id: item for item in records if isinstance(item, EntityChanged)}
    facts = sorted(fact for record in records if (fact := _fact(record)))
    return Ending(
        way=_digest(map(repr, records)),
        end=_digest([*facts, *sorted(f"{key} ends as {states[key].state}" for key in states)]),
    )


def _digest(lines: Iterable[str]) -> bytes:
    text = nameless("\n".join(lines))
    return blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()


def _fact(record: Record) -> str:
    """Return what is left of a record when time and order are forgotten; "" for nothing."""
    match record:
        case HistoryAppended(event=ExecutionCompleted() as event):
            return f"{record.instance_id} {event.status} {event.result}"
        case HistoryAppended():
            return ""  # the history tells how it went, and episodes are part of that
        case StatusChanged(status=status) if RuntimeStatus(status).is_final:
            return repr(record)
        case MessageDiscarded():
            return f"{record.instance_id} {type(record.event).__name__} {record.why}"
        case FindingMade():
            return f"{record.finding.code} {record.finding.message}"
        case _:
            values = (getattr(record, item.name) for item in fields(record))
            return repr((type(record).__name__, *list(values)[1:]))

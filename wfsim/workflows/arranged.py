"""What happened in a workflow, put in an order that no schedule changes.

In a graph, what happens inside a superstep stands executor by executor, by their names; each
executor's own doings keep their order, and what is nobody's comes last. Supersteps are counted from
where the record begins, without those in which nothing happens: releases of the framework differ
in whether the first executor runs in one.

In a functional workflow the steps that ran in tasks of their own at one instant, one right after
the other, stand by name; of one name the calls come before the results, and both by what they say.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

from wfsim.chat.readers import MESSAGES
from wfsim.snapshot.naming import Naming
from wfsim.snapshot.plain import plain
from wfsim.workflows.log import Entry, Happened
from wfsim.workflows.source import Kind

__all__ = ["NOBODY", "Item", "arranged", "executor_of", "wanted_by"]

NOBODY: Final = ""
_ENDS: Final = ("IDLE", "IDLE_WITH_PENDING_REQUESTS", "FAILED", "CANCELLED")
_RANKS: Final = {"executor_invoked": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that happened, and where it stands."""

    entry: Entry | None
    """None where a superstep was not completed."""
    superstep: int = 0
    """Counts from 1; 0 outside of them."""
    began_us: int = 0
    """When the superstep began, or when this happened."""


@dataclass(slots=True)
class _Step:
    """A superstep as it is read."""

    number: int
    began_us: int
    is_told: bool
    """Whether the framework told of its beginning."""
    entries: list[Entry] = field(default_factory=list[Entry])
    is_complete: bool = False


def executor_of(event: Any) -> str:  # noqa: ANN401
    """Return the name of whoever an event is about, empty where it is nobody."""
    if event.type == "request_info":
        return str(event.source_executor_id)
    return event.executor_id or NOBODY


def wanted_by(event: Any) -> object:  # noqa: ANN401
    """Return the type that an answer to a request must have: a class, or how it is written."""
    wanted = event.response_type
    return wanted if isinstance(wanted, type) else str(wanted)


def arranged(entries: Iterable[Entry], *, kind: Kind, exact: bool) -> Iterator[Item]:
    """Yield entries in the order in which they are shown.

    Args:
        entries: What happened, in order of time.
        kind: A graph has supersteps.
        exact: Whether to keep the recorded order.
    """
    if kind == "graph":
        for part in _parts(entries):
            yield from [part] if isinstance(part, Item) else _inside(part, exact=exact)
        return
    for entry in _functional(entries, exact=exact):
        yield Item(entry=entry, began_us=entry.at_us)


# --- graphs -------------------------------------------------------------------------------------


def _parts(entries: Iterable[Entry]) -> Iterator[Item | _Step]:
    """Yield supersteps, and what happens between them."""
    step: _Step | None = None
    count = 0
    for entry in entries:
        event = entry.event if isinstance(entry, Happened) else None
        kind = "" if event is None else event.type
        if kind == "superstep_completed" and step is not None:
            step.is_complete = True
            # Releases differ in how often they look once more and find nothing to do.
            if step.entries:
                yield step
            else:
                count -= 1
            step = None
            continue
        if step is not None and _is_outside(event):
            yield step
            step = None
        begins = kind == "superstep_started"
        if begins or (step is None and event is not None and executor_of(event)):
            count += 1
            step = _Step(number=count, began_us=entry.at_us, is_told=begins)
        if step is None:
            yield Item(entry=entry, began_us=entry.at_us)
        elif not begins:
            step.entries.append(entry)
    if step is not None:
        yield step


def _is_outside(event: Any) -> bool:  # noqa: ANN401
    """Return whether an event ends the superstep before it, if none did."""
    if event is None:
        return False
    if event.type == "status":
        return event.state.name in _ENDS
    return event.type in {"started", "failed", "superstep_started"}


def _inside(step: _Step, *, exact: bool) -> Iterator[Item]:
    items = [
        Item(entry=entry, superstep=step.number, began_us=step.began_us) for entry in step.entries
    ]
    if not exact:
        items.sort(key=_by_executor)
    yield from items
    if not step.is_complete and _should_be_complete(step):
        yield Item(entry=None, superstep=step.number, began_us=step.began_us)


def _by_executor(item: Item) -> tuple[bool, str]:
    entry = item.entry
    name = executor_of(entry.event) if isinstance(entry, Happened) else NOBODY
    return name == NOBODY, Naming(blank=True).text(name)


def _should_be_complete(step: _Step) -> bool:
    # Where nobody tells of the beginning of a superstep, nobody tells of its end.
    fails = any(
        isinstance(entry, Happened) and entry.event.type == "executor_failed"
        for entry in step.entries
    )
    return step.is_told and not fails


# --- functional workflows -----------------------------------------------------------------------


def _functional(entries: Iterable[Entry], *, exact: bool) -> Iterator[Entry]:
    for (_, is_beside), group in groupby(entries, key=_moment):
        found = list(group)
        if is_beside and not exact:
            found.sort(key=_by_step)
        yield from found


def _moment(entry: Entry) -> tuple[int, bool]:
    return entry.at_us, isinstance(entry, Happened) and entry.aside


def _by_step(entry: Entry) -> tuple[str, int, str]:
    if not isinstance(entry, Happened):  # pragma: no cover - only events happen beside
        raise TypeError(entry)
    event, blank = entry.event, Naming(blank=True, readers=MESSAGES)
    said = json.dumps(plain(event.data, blank), sort_keys=True)
    return blank.text(executor_of(event)), _RANKS.get(event.type, 1), said

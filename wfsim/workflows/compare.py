"""Holds a run that was resumed against the uninterrupted one.

What may differ: ids, times, and the order in which things happen that have no order. A functional
workflow is run again from the top, so its last leg is compared as a whole, and steps whose results
came from the checkpoint count like steps that ran. A graph goes on, so what is left of it is
compared superstep by superstep.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from agent_framework import WorkflowCheckpoint

from wfsim.snapshot.naming import Naming
from wfsim.snapshot.plain import plain
from wfsim.workflows.checkpoints import Saved
from wfsim.workflows.data import checkpoint_data
from wfsim.workflows.legs import Player
from wfsim.workflows.log import Happened

__all__ = ["Difference", "compare", "unlike"]

_SILENT: Final = ("started", "status", "superstep_started", "superstep_completed")
_RESULTS: Final = ("executor_completed", "executor_bypassed")
_LONGEST: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The first thing that a resumed run did differently."""

    what: str
    """In words."""
    step: str = ""
    """The step or executor it is about, empty if it is about none in particular."""
    recorded: str = ""
    """What the uninterrupted run did."""
    resumed: str = ""


@dataclass(frozen=True, slots=True)
class _Item:
    kind: str
    who: str
    text: str

    def __str__(self) -> str:
        who = f"{self.who} " if self.who else ""
        return f"{who}{self.kind} {self.text}".rstrip()


_Batch = Counter[_Item]


def compare(whole: Player, saved: Saved, resumed: Player) -> Difference | None:
    """Return the first difference, or None.

    Args:
        whole: The uninterrupted run.
        saved: The checkpoint of it that was restored.
        resumed: What became of it.
    """
    if whole.kind == "functional":
        return _functional(whole, saved, resumed)
    return _graph(whole, saved, resumed)


# --- both ---------------------------------------------------------------------------------------


def _ending(whole: Player, resumed: Player) -> Difference | None:
    recorded, got = _end_of(whole), _end_of(resumed)
    if recorded == got:
        return None
    return Difference(what="it ends differently", recorded=recorded, resumed=got)


def _end_of(player: Player) -> str:
    if player.failure is not None:
        return f"{type(player.failure).__name__}: {_text(str(player.failure))}"
    return player.status


def _outputs(recorded: Sequence[str], got: Sequence[str]) -> Difference | None:
    if Counter(recorded) == Counter(got):
        return None
    return Difference(what="the outputs differ", recorded=_listed(recorded), resumed=_listed(got))


def unlike(recorded: WorkflowCheckpoint, again: WorkflowCheckpoint) -> Difference | None:
    """Return how a checkpoint differs from that of another run without interruption, or None."""
    before, after = (_flat(checkpoint) for checkpoint in (recorded, again))
    if before == after:
        return None
    keys = sorted({*before, *after}, key=lambda key: (before.get(key) == after.get(key), key))
    return Difference(
        what=f"it does not run twice in the same way: {keys[0]} differs in the checkpoint",
        recorded=before.get(keys[0], "nothing"),
        resumed=after.get(keys[0], "nothing"),
    )


def _flat(checkpoint: WorkflowCheckpoint) -> dict[str, str]:
    (data,) = checkpoint_data([checkpoint], Naming(blank=True))
    found = {**data, **data.pop("state")}
    return {key: json.dumps(value, sort_keys=True) for key, value in found.items()}


def _batches(recorded: Sequence[_Batch], got: Sequence[_Batch], order: str) -> Difference | None:
    for before, after in zip(recorded, got, strict=False):
        if before != after:
            return _first(before - after, after - before, order)
    if len(recorded) > len(got):
        return _first(recorded[len(got)], Counter(), order)
    if len(got) > len(recorded):
        return _first(Counter(), got[len(recorded)], order)
    return None


def _first(lost: _Batch, more: _Batch, order: str) -> Difference:
    if any(item.kind == "output" for item in (*lost, *more)):
        # What ended with it differs as well, but the output is what somebody misses.
        lost, more = _only_outputs(lost), _only_outputs(more)
    pairs = [
        (item, other)
        for item in lost
        for other in more
        if (item.who, item.kind) == (other.who, other.kind)
    ]
    before, after = pairs[0] if pairs else (next(iter(lost), None), next(iter(more), None))
    item = before or after or _Item("", "", "")
    who = f"an output of {item.who}" if item.kind == "output" else item.who or "something"
    if pairs:
        what = f"{who} comes to something else" if item.kind != "output" else f"{who} differs"
    elif before is None:
        what = f"{who} comes once more than it should"
    elif after is None:
        what = f"{who} is missing"
    else:
        what = f"{order} differs"
    return Difference(
        what=what,
        step=item.who,
        recorded=str(before or "nothing"),
        resumed=str(after or "nothing"),
    )


def _only_outputs(batch: _Batch) -> _Batch:
    return Counter({item: count for item, count in batch.items() if item.kind == "output"})


def _item(event: Any) -> _Item:  # noqa: ANN401
    kind, who = event.type, event.executor_id or ""
    if kind in _RESULTS:
        return _Item("ends with", who, _json(event.data))
    if kind == "executor_invoked":
        return _Item("begins with", who, _json(event.data))
    if kind == "request_info":
        return _Item("asks", event.source_executor_id, _json(event.data))
    if event.details is not None:
        return _Item(f"{kind.removeprefix('executor_')}:", who, event.details.error_type)
    return _Item(kind, who, _json(event.data))


def _json(value: object) -> str:
    return json.dumps(plain(value, Naming(blank=True)), sort_keys=True, ensure_ascii=False)


def _text(text: str) -> str:
    return Naming(blank=True).text(text)


def _listed(texts: Sequence[str]) -> str:
    shown = ", ".join(texts) or "none"
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"


def _told(player: Player) -> list[Happened]:
    found = [entry for entry in player.entries if isinstance(entry, Happened)]
    return sorted(found, key=lambda entry: entry.order)


# --- functional workflows -----------------------------------------------------------------------


def _functional(whole: Player, saved: Saved, resumed: Player) -> Difference | None:
    problem = _ran_again(whole, saved, resumed) or _requests(whole, saved, resumed)
    if problem is None and whole.failure is None and not whole.pending:
        problem = _last_legs(whole, resumed)
    return (
        problem or _ending(whole, resumed) or _outputs(_own_outputs(whole), _own_outputs(resumed))
    )


def _own_outputs(player: Player) -> list[str]:
    last = [entry for entry in _told(player) if entry.leg == player.leg]
    return [_json(entry.event.data) for entry in last if entry.event.type == "output"]


def _ran_again(whole: Player, saved: Saved, resumed: Player) -> Difference | None:
    """Look for steps that ran although the checkpoint has their results."""
    before = [entry for entry in _told(whole) if entry.order < saved.order]
    leg = max((entry.leg for entry in before), default=1)
    done = Counter(
        _item(entry.event) for entry in before if entry.leg == leg and entry.event.type in _RESULTS
    )
    first = [entry.event for entry in _told(resumed) if entry.leg == 1]
    known = Counter(_item(event) for event in first if event.type == "executor_bypassed")
    ran = Counter(_item(event) for event in first if event.type == "executor_completed")
    for item in (done - known) & ran:
        return Difference(
            what=f"{item.who} runs again, although the checkpoint has its result",
            step=item.who,
            recorded=f"{item}, before the checkpoint",
            resumed=f"{item}, again",
        )
    return None


def _requests(whole: Player, saved: Saved, resumed: Player) -> Difference | None:
    """Compare what was asked from the checkpoint on."""
    told = [entry for entry in _told(whole) if entry.event.type == "request_info"]
    open_then = set(saved.checkpoint.pending_request_info_events)
    expected = {
        entry.event.request_id: entry.event
        for entry in told
        if entry.event.request_id not in saved.answers
        and (entry.order > saved.order or entry.event.request_id in open_then)
    }
    asked = {
        entry.event.request_id: entry.event
        for entry in _told(resumed)
        if entry.event.type == "request_info"
    }
    recorded = Counter(_item(event) for event in expected.values())
    got = Counter(_item(event) for event in asked.values())
    return None if recorded == got else _first(recorded - got, got - recorded, "what it asks")


def _last_legs(whole: Player, resumed: Player) -> Difference | None:
    """Compare the last legs: a functional workflow has run from the top to its end there.

    What the workflow's own task did has an order. What it left to other tasks has none that could
    be relied on: a result that is known comes at once, and the task that waits for it goes on.
    """
    own, beside = _last_leg(whole)
    own_again, beside_again = _last_leg(resumed)
    if beside != beside_again:
        return _first(beside - beside_again, beside_again - beside, "what happens at once")
    return _batches(
        [Counter((item,)) for item in own], [Counter((item,)) for item in own_again], "the order"
    )


def _last_leg(player: Player) -> tuple[list[_Item], _Batch]:
    own: list[_Item] = []
    beside: _Batch = Counter()
    for entry in _told(player):
        kind = entry.event.type
        if entry.leg != player.leg or kind in _SILENT or kind == "executor_invoked":
            continue
        item = _item(entry.event)
        if entry.aside:
            beside[item] += 1
        else:
            own.append(item)
    return own, beside


# --- graphs -------------------------------------------------------------------------------------


def _graph(whole: Player, saved: Saved, resumed: Player) -> Difference | None:
    rest = [entry for entry in _told(whole) if entry.order > saved.order]
    again = set(saved.checkpoint.pending_request_info_events)
    events = [entry.event for entry in rest]
    got = _without_known_requests([entry.event for entry in _told(resumed)], again)
    if whole.failure is None:
        problem = _batches(_supersteps(events), _supersteps(got), "what happens in a superstep")
        if problem is not None:
            return problem
    return _ending(whole, resumed) or _outputs(
        [_json(event.data) for event in events if event.type == "output"],
        [_json(event.data) for event in got if event.type == "output"],
    )


def _without_known_requests(events: Sequence[Any], known: set[str]) -> list[Any]:
    """Leave out what is told again of requests that the checkpoint holds."""
    left = set(known)
    found: list[Any] = []
    for event in events:
        if event.type == "request_info" and event.request_id in left:
            left.discard(event.request_id)
        else:
            found.append(event)
    return found


def _supersteps(events: Iterable[Any]) -> list[_Batch]:
    found: list[_Batch] = [Counter()]
    for event in events:
        if event.type in {"superstep_started", "superstep_completed", "started"}:
            found.append(Counter())
        elif event.type not in _SILENT:
            found[-1][_item(event)] += 1
    return [batch for batch in found if batch]

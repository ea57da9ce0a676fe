"""Settles what a format leaves open, in favour of today's code.

The status of the HTTP API drops turns and the numbers of decisions. What was decided when is put
together from times; where these leave several answers, such as for calls of one instant, that of
today's code is as good as any, and the only one that raises no false alarm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from wfsim.history import HistoryEvent
from wfsim.replay.compare import recorded_steps
from wfsim.replay.formats.laying import answered, parts_of, renumbered, turn_events
from wfsim.replay.passes import Passes
from wfsim.replay.records import Gap, RecordedHistory
from wfsim.replay.steps import Step
from wfsim.replay.turns import Recorded, turns_of
from wfsim.workers.azure_functions.rehearsal import Rehearsal

__all__ = ["settled"]


def settled(history: RecordedHistory, rehearsal: Rehearsal) -> RecordedHistory:
    """Return a history whose turns are those of today's code, as far as the times allow.

    Args:
        history: The history; one that has its turns is returned as it is.
        rehearsal: The worker that has today's code.
    """
    if Gap.TURNS not in history.gaps:
        return history
    parts = parts_of(history.events)
    left = list(parts.decisions)
    numbers: dict[int, int] = {}
    events: list[HistoryEvent] = []
    now_us = 0
    for index, arrival in enumerate(parts.arrivals):
        later = parts.arrivals[index + 1 :]
        now_us = max(now_us, arrival.at_us)
        opening = turn_events(renumbered(arrival, numbers), (), now_us=now_us)[:-1]
        today = _today(history, rehearsal, [*events, *opening])
        mine = _chosen(history, left, today, later, now_us)
        left = [item for item in left if item not in mine]
        for item in mine:
            numbers[item.event_id] = len(numbers)
        decided: list[HistoryEvent] = [renumbered(item, numbers) for item in mine]
        if not later and parts.completed is not None:
            decided.append(replace(parts.completed, event_id=len(numbers)))
        events += turn_events(opening[-1], decided, now_us=now_us)
    return replace(history, events=tuple(events))


def _today(
    history: RecordedHistory, rehearsal: Rehearsal, events: Sequence[HistoryEvent]
) -> Sequence[Step]:
    """Return what today's code decides after some events."""
    so_far = replace(history, events=tuple(events))
    look = Passes(so_far, rehearsal).turn(turns_of(events)[-1])
    return () if look.complaint else look.steps


def _chosen(
    history: RecordedHistory,
    left: Sequence[Recorded],
    today: Sequence[Step],
    later: Sequence[HistoryEvent],
    now_us: int,
) -> list[Recorded]:
    """Return what was decided in a turn: what today's code decides in it, then what has to be."""
    due = _due(left, later)
    may = [item for item in left if item in due or item.at_us <= later[0].at_us]
    steps = {item.event_id: _step(history, item, now_us) for item in may}
    mine: list[Recorded] = []
    for new in today:
        same = [item for item in may if item not in mine and _is_same(steps[item.event_id], new)]
        mine += same[:1]
    # A step that today's code takes and nobody recorded stands in for one that it has lost.
    lost = [item for item in may if item not in mine and item not in due]
    instead = lost[: len(today) - len(mine)]
    return [*mine, *(item for item in due if item not in mine), *instead]


def _due(left: Sequence[Recorded], later: Sequence[HistoryEvent]) -> list[Recorded]:
    """Return the decisions that cannot have been made in a later turn."""
    if not later:
        return list(left)
    return [
        item for item in left if item.at_us < later[0].at_us or answered(later[0]) == item.event_id
    ]


def _step(history: RecordedHistory, decision: Recorded, now_us: int) -> Step:
    alone = turn_events(history.started, [decision], now_us=now_us)
    return recorded_steps(history, turns_of(alone)[0])[0]


def _is_same(old: Step, new: Step) -> bool:
    if old.signature != new.signature:
        return False
    if old.kind == "timer":
        return abs(old.due_us - new.due_us) <= old.slack_us
    return old.input is None or old.payload == new.payload

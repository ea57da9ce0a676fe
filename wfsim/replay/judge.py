"""The verdict on one history: taken over by today's code at every turn border."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from wfsim.replay.compare import all_equal, compare_turn, recorded_steps, what_it_does
from wfsim.replay.passes import Look, Passes
from wfsim.replay.records import RecordedHistory
from wfsim.replay.results import Difference, Kind, Row, Verdict
from wfsim.replay.turns import Turn, open_numbers, turns_of

__all__ = ["Judged", "judge"]

_AROUND = 2
"""Equal steps shown before and after the first that differs."""
_HOSTS_OWN = "Non-Deterministic workflow detected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A verdict, and what it rests on."""

    verdict: Verdict
    turns: tuple[Turn, ...]
    difference: Difference | None = None
    look: Look | None = None
    """What today's code does where the difference is."""
    warnings: tuple[Difference, ...] = ()


def judge(history: RecordedHistory, passes: Passes) -> Judged:
    """Replay a history from every turn border.

    Where one pass over everything shows that every turn agrees, that is all it takes; where it
    does not, each turn is looked at by itself, and the first difference is the answer.
    """
    turns = turns_of(history.events)
    is_hosts = _ended_by_host(turns[-1])
    quick = None if is_hosts or history.waits is not None else _at_once(history, turns, passes)
    if quick is not None:
        return quick
    turns = turns[:-1] if is_hosts else turns
    warnings: list[Difference] = []
    for turn in turns:
        look = passes.turn(turn)
        is_last = turn is turns[-1]
        found = _disowned(turn, look) if look.complaint else None
        if found is None:
            compared = compare_turn(history, turn, look, is_last=is_last)
            found, warnings = compared.difference, [*warnings, *compared.warnings]
        if found is not None:
            is_stuck = is_last and _is_stuck(history, turn, look)
            full = replace(
                found,
                rows=_rows(history, turns, turn, look, found),
                host=found.host or passes.host(turn),
            )
            return Judged(
                verdict=Verdict.STUCK if is_stuck else Verdict.INCOMPATIBLE,
                turns=tuple(turns),
                difference=full,
                look=look,
                warnings=tuple(warnings),
            )
    return _agreed(history, turns, passes.end(), warnings)


def _ended_by_host(turn: Turn) -> bool:
    """Whether the host itself ended the instance because it parted: no code decided that turn."""
    end = turn.completed
    return end is not None and (end.result or "").startswith(_HOSTS_OWN)


def _at_once(history: RecordedHistory, turns: Sequence[Turn], passes: Passes) -> Judged | None:
    """Return the verdict of a single pass, if it shows enough."""
    whole = passes.whole()
    look = whole.look
    if not whole.is_exact or look.complaint or len(whole.turns) != len(turns):
        return None
    warnings: list[Difference] = []
    for turn, steps in zip(turns, whole.turns, strict=True):
        is_last = turn is turns[-1]
        if not is_last and all_equal(recorded_steps(history, turn), steps):
            continue  # most turns, and there is nothing to tell of them
        here = replace(look, steps=steps, end=look.end if is_last else None)
        compared = compare_turn(history, turn, here, is_last=is_last)
        if compared.difference is not None:
            return None
        warnings += compared.warnings
    return _agreed(history, turns, look, warnings)


def _agreed(
    history: RecordedHistory, turns: Sequence[Turn], look: Look, warnings: Sequence[Difference]
) -> Judged:
    verdict, difference = Verdict.COMPATIBLE, None
    if _is_stuck(history, turns[-1], look):
        verdict = Verdict.STUCK
        difference = Difference(
            kind=Kind.STUCK,
            turn=len(turns),
            step=look.number,
            recorded="waits",
            replayed=what_it_does(look),
            place=look.place,
        )
    elif warnings:
        verdict = Verdict.WARNING
    return Judged(
        verdict=verdict,
        turns=tuple(turns),
        difference=difference,
        look=look,
        warnings=tuple(warnings),
    )


def _is_stuck(history: RecordedHistory, last: Turn, look: Look) -> bool:
    """Whether nothing that is under way, and no event, will ever run the instance again."""
    if history.is_over or look.is_suspended or not last.is_whole:
        return False
    waits = (*look.waiting.events, *look.host_waits)
    return not open_numbers(history.events) and not waits


def _disowned(turn: Turn, look: Look) -> Difference:
    """Return the difference where code takes back what it had decided in an earlier turn."""
    return Difference(
        kind=Kind.MISSING,
        turn=turn.index + 1,
        step=look.number,
        recorded="steps of earlier turns",
        replayed=what_it_does(look),
        place=look.place,
        host=look.complaint,
    )


def _rows(
    history: RecordedHistory,
    turns: Sequence[Turn],
    turn: Turn,
    look: Look,
    found: Difference,
) -> tuple[Row, ...]:
    past = [step for item in turns[: turn.index] for step in recorded_steps(history, item)]
    before = [step.words for step in past]
    left = [*before, *(step.words for step in recorded_steps(history, turn))]
    right = [*before, *(step.words for step in look.steps)]
    at = min(max(found.step, len(before)), max(len(left), len(right)))
    if at >= len(left):
        left.append(found.recorded if at == len(left) else "")
    if at >= len(right):
        right.append(found.replayed if at == len(right) else "")
    first, last = max(0, at - _AROUND), min(max(len(left), len(right)), at + _AROUND + 1)
    return tuple(
        Row(
            step=number,
            recorded=left[number] if number < len(left) else "",
            replayed=right[number] if number < len(right) else "",
            differs=number == at,
        )
        for number in range(first, last)
    )

"""Holds what today's code decides in one turn against what was recorded in it.

The host compares kinds and names of what its history holds (semantics 4.1). Here all is compared
that is known, and a step too many counts as well: the host would take it, in an instance that had
passed that point without it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wfsim.history import EventRaised, HistoryEvent, RuntimeStatus
from wfsim.history.jsontext import shown
from wfsim.history.messages import answer_of
from wfsim.hub.decisions import Complete
from wfsim.replay.passes import Look
from wfsim.replay.records import Gap, RecordedHistory
from wfsim.replay.results import Difference, Kind
from wfsim.replay.steps import Step, recorded_step
from wfsim.replay.turns import Turn

__all__ = ["Compared", "all_equal", "compare_turn", "recorded_steps", "untaken", "what_it_does"]

_MS_US = 1_000
"""Clocks of the host have seven digits, those of the SDK six, and retries add them up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What a comparison of one turn gave."""

    difference: Difference | None
    warnings: tuple[Difference, ...] = ()


def recorded_steps(history: RecordedHistory, turn: Turn) -> list[Step]:
    """Return what was decided in a recorded turn."""
    return [
        recorded_step(
            event,
            at_us=turn.now_us,
            slack_us=max(0, event.at_us - turn.now_us) if Gap.TURNS in history.gaps else 0,
            retry=None if history.retries is None else history.retries.get(event.event_id, ""),
        )
        for event in turn.decisions
    ]


def compare_turn(history: RecordedHistory, turn: Turn, look: Look, *, is_last: bool) -> Compared:
    """Compare one turn.

    Args:
        history: The history.
        turn: One of its turns, all before which agree.
        look: What today's code decides in it.
        is_last: Whether no other turn was recorded after it.
    """
    recorded = recorded_steps(history, turn)
    found = _steps(history, turn, look, recorded, is_last=is_last)
    if found is None:
        found = _ending(history, turn, look, is_last=is_last)
    if found is None and history.waits is not None and turn.index in history.waits:
        found = _waits(turn, look, history.waits[turn.index], len(recorded))
    warnings = tuple(tolerated(turn, recorded, look.steps, look)) if found is None else ()
    return Compared(difference=found, warnings=warnings)


def all_equal(recorded: Sequence[Step], today: Sequence[Step]) -> bool:
    """Whether two sides decided the same to the letter, as far as that is known."""
    return len(recorded) == len(today) and all(
        old.signature == new.signature
        and old.target == new.target
        and old.due_us == new.due_us
        and old.input in {None, new.input}
        and old.retry in {None, new.retry}
        for old, new in zip(recorded, today, strict=True)
    )


# --- steps ---------------------------------------------------------------------------------------


def _steps(
    history: RecordedHistory, turn: Turn, look: Look, recorded: Sequence[Step], *, is_last: bool
) -> Difference | None:
    today = look.steps
    for old, new in zip(recorded, today, strict=False):
        kind = _contrast(old, new)
        if kind is not None:
            if _is_elsewhere(old, today) and _is_elsewhere(new, recorded):
                kind = Kind.ORDER
            return _difference(kind, turn, old.words, new.words, look, new.number)
    if len(today) < len(recorded):
        old = recorded[len(today)]
        return _missing(turn, look, old)
    swapped = _swapped(recorded, today)
    if swapped is not None:
        old, new = swapped
        return _difference(Kind.ORDER, turn, old.words, new.words, look, new.number)
    if len(today) > len(recorded) and not _may_go_on(history, turn, is_last=is_last):
        new = today[len(recorded)]
        return _difference(Kind.EXTRA, turn, _recorded_end(turn), new.words, look, new.number)
    return None


def _contrast(old: Step, new: Step) -> Kind | None:
    if old.kind != new.kind:
        return Kind.KIND
    if old.signature != new.signature and not old.kind.startswith("entity"):
        return Kind.NAME
    if old.signature != new.signature or (
        old.target.casefold() != new.target.casefold() and old.target and new.target
    ):
        return Kind.TARGET
    return None


def _is_elsewhere(step: Step, others: Sequence[Step]) -> bool:
    return any(
        other.signature == step.signature and other.number != step.number for other in others
    )


def _swapped(recorded: Sequence[Step], today: Sequence[Step]) -> tuple[Step, Step] | None:
    """Return the first steps of one name whose inputs changed places: results would go astray."""
    pairs = list(zip(recorded, today, strict=False))
    for signature in dict.fromkeys(old.signature for old, _ in pairs):
        group = [(old, new) for old, new in pairs if old.signature == signature]
        if len(group) < 2 or any(old.input is None for old, _ in group):
            continue
        before = [_key(old) for old, _ in group]
        after = [_key(new) for _, new in group]
        if before != after and Counter(before) == Counter(after):
            return next(pair for pair, a, b in zip(group, before, after, strict=True) if a != b)
    return None


def _key(step: Step) -> str:
    return json.dumps(step.payload, sort_keys=True)


def _may_go_on(history: RecordedHistory, turn: Turn, *, is_last: bool) -> bool:
    """Whether steps beyond the recorded ones are new business, not a change of the old."""
    return is_last and (history.is_over or not turn.is_whole)


def _missing(turn: Turn, look: Look, old: Step) -> Difference:
    kind = Kind.MISSING
    if look.end is not None and look.end.status is RuntimeStatus.FAILED:
        kind = Kind.FAILS
    elif look.end is None and untaken(turn.arrivals, look):
        kind = Kind.EVENT
    return _difference(kind, turn, old.words, what_it_does(look), look, old.number)


# --- ends and waits ------------------------------------------------------------------------------


def _ending(
    history: RecordedHistory, turn: Turn, look: Look, *, is_last: bool
) -> Difference | None:
    end, number = look.end, look.number
    goes_on = not is_last or not history.is_over
    if end is not None and goes_on and (turn.is_whole or not is_last):
        kind = Kind.FAILS if end.status is RuntimeStatus.FAILED else Kind.ENDS
        return _difference(kind, turn, _recorded_end(turn), what_it_does(look), look, number)
    if not is_last or history.status is not RuntimeStatus.COMPLETED:
        return None
    if end is not None and end.status is RuntimeStatus.FAILED:
        return _difference(Kind.FAILS, turn, _recorded_end(turn), what_it_does(look), look, number)
    came = history.events[: turn.decided]
    if end is None and len(look.steps) == len(turn.decisions) and untaken(came, look):
        return _difference(Kind.EVENT, turn, _recorded_end(turn), what_it_does(look), look, number)
    return None


def _waits(turn: Turn, look: Look, recorded: tuple[str, ...], number: int) -> Difference | None:
    """Compare the events that are waited for, where no decision shows them."""
    before = Counter(name.casefold() for name in recorded)
    after = Counter(name.casefold() for name in look.waiting.events)
    if before == after or look.end is not None or len(look.steps) > len(turn.decisions):
        return None
    return _difference(Kind.EVENT, turn, _waiting_words(recorded), what_it_does(look), look, number)


def untaken(came: Sequence[HistoryEvent], look: Look) -> list[str]:
    """Return the names of external events that came and that today's code leaves lying."""
    names = [
        event.name for event in came if isinstance(event, EventRaised) and answer_of(event) is None
    ]
    taken = Counter(name.casefold() for name in look.waiting.events_taken)
    return [name for name in names if taken[name.casefold()] == 0]


def _recorded_end(turn: Turn) -> str:
    if turn.completed is None:
        return "waits"
    return f"ends as {turn.completed.status}"


def what_it_does(look: Look) -> str:
    """Return what today's code does after its steps in a turn, for people."""
    if look.end is not None:
        return _end_words(look.end, look)
    waiting = look.waiting
    words = [
        *_waiting_of("event", waiting.events),
        *_waiting_of("activity", waiting.activities),
        *_waiting_of("sub-orchestration", waiting.children),
        *_waiting_of("entity", waiting.entities),
        *(["a timer"] if waiting.timers_us else []),
    ]
    return f"waits for {' and '.join(words)}" if words else "waits"


def _waiting_of(what: str, names: Sequence[str]) -> Iterator[str]:
    return (f"{what} {name!r}" for name in dict.fromkeys(names))


def _waiting_words(names: Sequence[str]) -> str:
    words = " and ".join(_waiting_of("event", names))
    return f"waits for {words}" if words else "waits for no event"


def _end_words(end: Complete, look: Look) -> str:
    if end.status is RuntimeStatus.FAILED:
        error = look.error
        return f"raises {type(error).__name__}: {error}" if error is not None else "fails"
    if end.status is RuntimeStatus.CONTINUED_AS_NEW:
        return "continues as new"
    return f"returns {shown(end.result, width=60) or 'nothing'}"


# --- what the host tolerates ---------------------------------------------------------------------


def tolerated(
    turn: Turn, recorded: Sequence[Step], today: Sequence[Step], look: Look
) -> Iterator[Difference]:
    """Yield what differs in steps that are the same otherwise."""
    for old, new in zip(recorded, today, strict=False):
        kind = _tolerated(old, new)
        if kind is not None:
            yield _difference(kind, turn, old.words, new.words, look, new.number)


def _tolerated(old: Step, new: Step) -> Kind | None:
    if old.kind == "timer":
        early = new.due_us - _MS_US
        late = new.due_us + old.slack_us + _MS_US
        return None if early <= old.due_us <= late else Kind.TIMER
    if old.input is not None and old.payload != new.payload:
        return Kind.INPUT
    if old.retry is not None and old.retry != new.retry:
        return Kind.RETRY
    return None


def _difference(
    kind: Kind, turn: Turn, recorded: str, replayed: str, look: Look, number: int
) -> Difference:
    return Difference(
        kind=kind,
        turn=turn.index + 1,
        step=number,
        recorded=recorded,
        replayed=replayed,
        place=look.places.get(number, look.place),
    )

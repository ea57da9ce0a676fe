"""Replay determinism: an episode, replayed, must decide what it decided (semantics 4).

The host itself compares only numbers, kinds and names, and only what its history holds. Here
everything that the orchestrator asks for is compared, inputs and timer lengths included, in three
ways: with the answer of the episode before; with a replay in a fresh generator, at another wall
time, with other randomness and everything marked as replayed; and, where the code makes sets, with
a replay in which sets of text iterate in another order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from wfsim.errors import NonDeterminismError
from wfsim.trace import Place
from wfsim.workers.azure_functions._sdk import Observation
from wfsim.workers.azure_functions.blame import suspicious_calls
from wfsim.workers.azure_functions.describe import describe, normalised
from wfsim.workers.azure_functions.reply import Action, Reply

__all__ = ["Difference", "Replayer", "cause_of", "difference", "error_of", "place_of"]

_BEFORE, _AFTER = 2, 2
"""Equal steps shown around the first that differs."""
_CELL = 44
"""Columns of a step in the table; what is longer stands below it in full."""
_VARIANTS = 12
"""Replays that must agree before chance is ruled out: a coin shows one side more than once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Where two answers part."""

    step: int
    recorded: str
    replayed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayer:
    """The ways in which one episode can be replayed; each returns the answer."""

    same: Callable[[Observation], Reply]
    """Another wall time and other randomness, the flags of the episode itself."""
    later: Callable[[Observation], Reply]
    """The same, with everything marked as replayed."""


def difference(recorded: Reply, replayed: Reply, *, is_whole: bool = True) -> Difference | None:
    """Return where two answers part, or None.

    Args:
        recorded: The earlier answer.
        replayed: The later one.
        is_whole: Whether both are to the same history; otherwise the later may ask for more.
    """
    for step, (old, new) in enumerate(zip(recorded.actions, replayed.actions, strict=False)):
        if old != new and normalised(old) != normalised(new):
            return Difference(step=step, recorded=describe(old), replayed=describe(new))
    done, again = len(recorded.actions), len(replayed.actions)
    if again < done or (is_whole and again > done):
        step = min(done, again)
        return Difference(
            step=step,
            recorded=_step_or_end(recorded, step),
            replayed=_step_or_end(replayed, step),
        )
    if is_whole and _end(recorded) != _end(replayed):
        return Difference(step=done, recorded=_end(recorded), replayed=_end(replayed))
    return None


def _step_or_end(reply: Reply, step: int) -> str:
    return describe(reply.actions[step]) if step < len(reply.actions) else _end(reply)


def _end(reply: Reply) -> str:
    if reply.error is not None:
        # Texts of errors hold addresses and times more often than meaning.
        return f"raise {type(reply.exception).__name__}"
    if reply.is_done:
        return f"return {reply.output}"
    return "wait"


def error_of(
    found: Difference,
    *,
    names: tuple[str, str],
    answers: tuple[Reply, Reply],
    place: Place | None,
    cause: str,
    cause_place: Place | None,
) -> NonDeterminismError:
    """Build the error: an aligned table, the yield, and the call that varied."""
    orchestrator, instance_id = names
    where = f"at {place}" if place else "where it ends"
    why = f"\nWhat varied: {cause}" + (f" at {cause_place}" if cause_place else "")
    error = NonDeterminismError(
        f"{orchestrator} {instance_id!r} decided differently when it was replayed, at step "
        f"{found.step}, {where}.\n{_table(found, *answers)}{why if cause else ''}\n"
        "An orchestrator is run again from its history at every turn: take time, ids and "
        "randomness from its context or from activities."
    )
    error.instance_id, error.orchestrator = instance_id, orchestrator
    error.step, error.recorded, error.replayed = found.step, found.recorded, found.replayed
    if place is not None:
        error.file, error.line = place.file, place.line
    error.cause = cause
    if cause_place is not None:
        error.cause_file, error.cause_line = cause_place.file, cause_place.line
    return error


def place_of(
    replayer: Replayer, found: Difference, recorded: Reply, replayed: Reply, seen: Observation
) -> Place | None:
    """Return the yield of the step that differs: the recorded one's, where a pass shows it.

    Args:
        replayer: Replays the episode.
        found: Where the answers part.
        recorded: The earlier answer.
        replayed: The later one.
        seen: What the pass that gave the later one did.
    """
    before = Observation()
    again = replayer.same(before)
    is_recorded = difference(recorded, again, is_whole=False) is None
    shows = before if is_recorded or found.step >= len(replayed.actions) else seen
    return shows.place_of_action(found.step)


def _table(found: Difference, recorded: Reply, replayed: Reply) -> str:
    def cells(actions: list[Action], end: str) -> list[str]:
        return [*map(describe, actions), end]

    left = cells(recorded.actions, _end(recorded))
    right = cells(replayed.actions, _end(replayed))
    first = max(0, found.step - _BEFORE)
    last = min(max(len(left), len(right)), found.step + 1 + _AFTER)
    rows = [(i, _cut(_at(left, i)), _cut(_at(right, i))) for i in range(first, last)]
    width = max(len("recorded"), *(len(cell) for _, cell, _ in rows))
    lines = [f"     {'recorded':<{width}}  replayed"]
    lines += [
        f"{'→' if step == found.step else ' '}{step:>3} {one:<{width}}  {other}"
        for step, one, other in rows
    ]
    if max(len(found.recorded), len(found.replayed)) > _CELL:
        lines += [f"     recorded: {found.recorded}", f"     replayed: {found.replayed}"]
    return "\n".join(lines)


def _cut(cell: str) -> str:
    return cell if len(cell) <= _CELL else cell[: _CELL - 1] + "…"


def _at(cells: list[str], index: int) -> str:
    return cells[index] if index < len(cells) else ""


def cause_of(replayer: Replayer, recorded: Reply) -> tuple[str, Place | None]:
    """Tell what a replay depends on, by varying one thing at a time."""
    if all(difference(recorded, replayer.same(Observation())) is None for _ in range(_VARIANTS)):
        return "context.is_replaying, which decides what the orchestrator does", None
    calls = suspicious_calls(lambda: replayer.same(Observation()))
    return calls[0] if calls else ("", None)

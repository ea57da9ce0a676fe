"""What was probably done to the code, in words, and what to do about instances under way."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from wfsim.replay.compare import untaken
from wfsim.replay.judge import Judged
from wfsim.replay.lookahead import Ahead
from wfsim.replay.passes import Look
from wfsim.replay.records import RecordedHistory
from wfsim.replay.results import Difference, Kind, Verdict
from wfsim.replay.steps import Step
from wfsim.replay.turns import Turn

__all__ = ["cause_of", "ways_out"]

_Opcode = tuple[str, int, int, int, int]


def cause_of(
    history: RecordedHistory,
    judged: Judged,
    recorded: Sequence[Step],
    ahead: Ahead,
) -> str:
    """Return the likely cause of a difference; empty where none stands out.

    Args:
        history: The history.
        judged: The verdict, with a difference.
        recorded: All its steps.
        ahead: What today's code would do from the start.
    """
    found, look = judged.difference, judged.look
    if found is None or look is None:
        return ""
    if look.unknown and found.kind is not Kind.STUCK:
        return look.unknown[0]
    if found.kind is Kind.FAILS:
        return f"today's code {found.replayed}"
    if found.kind is Kind.EVENT:
        return _other_event(history, judged.turns[found.turn - 1], look, found)
    if judged.verdict is Verdict.STUCK:
        return (
            f"nothing would run it again: the recorded code {found.recorded}, and today's has "
            "nothing left to wait for"
        )
    if found.kind is Kind.ORDER and len(recorded) == len(ahead.steps):
        return "order changed: the same steps are taken one for another"
    if found.kind is Kind.EXTRA and not history.is_over:
        return (
            f"{found.replayed.partition('(')[0]} comes at once now, where the recorded code waited"
        )
    return _edit(found, recorded, ahead, is_whole=history.is_over)


def _other_event(history: RecordedHistory, turn: Turn, look: Look, found: Difference) -> str:
    left = untaken(history.events[: turn.decided], look)
    waited = look.waiting.events
    if left and waited:
        return f"event {left[-1]!r} came, and today's code waits for {waited[0]!r}"
    if left:
        return f"event {left[-1]!r} came, and today's code does not wait for it"
    return f"the recorded code {found.recorded}, today's {found.replayed}"


def _edit(found: Difference, recorded: Sequence[Step], ahead: Ahead, *, is_whole: bool) -> str:
    """Return what was done to the steps; where a side broke off, nobody knows how it goes on."""
    today = ahead.steps
    old = [step.signature for step in recorded]
    new = [step.signature for step in today]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    edits = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    if len(edits) > 1 and edits[-1] == ("delete", edits[-1][1], len(old), len(new), len(new)):
        edits = edits if ahead.is_whole else edits[:-1]
    if len(edits) > 1 and edits[-1] == ("insert", len(old), len(old), edits[-1][3], len(new)):
        edits = edits if is_whole else edits[:-1]
    if not edits:
        return _same_steps(found, today)
    gone = [i for tag, a, b, _, _ in edits if tag in {"delete", "replace"} for i in range(a, b)]
    come = [i for tag, _, _, a, b in edits if tag in {"insert", "replace"} for i in range(a, b)]
    if sorted(old[i] for i in gone) == sorted(new[i] for i in come):
        return f"order changed: {_list(recorded, gone)} moved"
    if gone and not come:
        return _removed(recorded, old, gone)
    if come and not gone:
        return _inserted(recorded, today, edits[0])
    return _replaced(recorded, today, edits)


def _same_steps(found: Difference, today: Sequence[Step]) -> str:
    match found.kind:
        case Kind.EXTRA:
            return "steps that followed one another are taken at once now (made parallel)"
        case Kind.MISSING:
            return "steps that were taken at once follow one another now (made sequential)"
        case Kind.ORDER:
            return "the order of equal steps changed: each gets another one's result"
        case Kind.ENDS | Kind.STUCK:
            last = f" after {today[-1].label}" if today else ""
            return f"today's code ends{last}, where the recorded code went on to wait"
        case _:
            return ""


def _removed(recorded: Sequence[Step], old: Sequence[tuple[str, str]], gone: Sequence[int]) -> str:
    what = _list(recorded, gone)
    if len(gone) == len(recorded):
        return f"all steps were removed: {what}"
    left = [signature for index, signature in enumerate(old) if index not in gone]
    if all(old[index] in left for index in gone):
        first = recorded[gone[0]]
        times, before = left.count(first.signature), old.count(first.signature)
        return (
            f"a loop ends earlier: {first.label} comes {times} times, where it came {before} times"
        )
    steps, were = ("step", "was") if len(gone) == 1 else ("steps", "were")
    is_run = gone[-1] - gone[0] == len(gone) - 1
    if is_run and gone[0] == 0:
        return f"the first {steps} {were} removed: {what}"
    if is_run and gone[-1] == len(recorded) - 1:
        return f"the last {steps} {were} removed: {what}"
    return f"{'a ' if len(gone) == 1 else ''}{steps} {were} removed: {what}"


def _count(steps: Sequence[Step], step: Step) -> int:
    return sum(other.signature == step.signature for other in steps)


def _shorter_loop(step: Step, now: int, before: int) -> str:
    return f"a loop ends earlier: {step.label} comes {now} times, where it came {before} times"


def _inserted(recorded: Sequence[Step], today: Sequence[Step], edit: _Opcode) -> str:
    _, at, _, first, end = edit
    what = _list(today, range(first, end))
    if at < len(recorded):
        return f"{what} {_were(first, end)} inserted before {recorded[at].label}"
    return f"{what} {_were(first, end)} added"


def _replaced(recorded: Sequence[Step], today: Sequence[Step], edits: Sequence[_Opcode]) -> str:
    tag, a, b, c, d = edits[0]
    if tag == "replace":
        old, new = recorded[a], today[c]
        before, now = (_count(steps, old) for steps in (recorded, today))
        if 0 < now < before:
            return _shorter_loop(old, now, before)
        if old.kind == new.kind and old.kind != "timer":
            return (
                f"{old.kind} {old.name!r} is {new.name!r} now (renamed, or another one is called)"
            )
        return f"{old.label} is {new.label} now"
    if tag == "delete":
        return f"{_list(recorded, range(a, b))} {_were(a, b)} removed, and more changed after it"
    return f"{_list(today, range(c, d))} {_were(c, d)} inserted, and more changed after it"


def _were(first: int, end: int) -> str:
    return "was" if end - first == 1 else "were"


def _list(steps: Sequence[Step], indices: Sequence[int]) -> str:
    labels = list(dict.fromkeys(steps[index].label for index in indices))
    shown = " and ".join(labels[:2])
    return f"{shown} and {len(labels) - 2} more" if len(labels) > 2 else shown


def ways_out(history: RecordedHistory, found: Difference) -> tuple[str, ...]:
    """Return what can be done, best first."""
    if found.kind.is_tolerated:
        return ()
    guard = (
        "keep the old path for instances that began before: branch on context.version (set "
        "defaultVersion in host.json) or on a field of the input"
    )
    drain = "drain first: deploy once the instances under way have ended"
    rename = (
        f"register the changed code under another name ({history.name}_v2) and start new "
        "instances with that"
    )
    return (guard, drain, rename)

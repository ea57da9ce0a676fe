"""Checks that a workflow, restored from any of its checkpoints, ends as if nothing had happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from wfsim.choices import Chooser, seeded
from wfsim.errors import UsageError
from wfsim.workflows.answers import Answers, Plan
from wfsim.workflows.checkpoints import Saved
from wfsim.workflows.log import Answered, Began, Entry, Happened
from wfsim.workflows.rehearsal import Piece, Rehearsal, Whole
from wfsim.workflows.report import Mode, ResumeFailure, ResumeReport
from wfsim.workflows.source import source_of

if TYPE_CHECKING:
    from agent_framework import WorkflowEvent

__all__ = ["check_resume"]

_MODES: Final[tuple[Mode, ...]] = ("new process", "same process")


def check_resume(  # noqa: PLR0913 - keyword-only, each with a default
    workflow: object,
    input: object = None,  # noqa: A002 - the name the field uses
    answers: Answers | None = None,
    *,
    scripts: Mapping[str, Any] | None = None,
    schedules: int = 10,
    seed: int = 0,
    start: datetime | None = None,
    options: Mapping[str, Any] | None = None,
    check: bool = True,
) -> ResumeReport:
    """Interrupt a workflow at every checkpoint that it writes, resume it, and compare.

    For each of several orders in which concurrent steps or executors can finish, the workflow runs
    once without interruption. Then, for each checkpoint, it runs until right after that was saved,
    dies, and is restored in fresh objects, both as in a new process and as in the same one. With
    the same answers it must come to the same outputs, none lost and none doubled, and what it does
    after the checkpoint must be what the uninterrupted run did. The search ends with the first
    order that shows a difference.

    Args:
        workflow: As for `WorkflowSimulation`. A function that builds it is best.
        input: What the workflow gets.
        answers: What people answer: a mapping from requests, as `WorkflowSimulation.respond` names
            them, to answers, a list being one answer after the other; or a function of the
            `OpenRequest`. What has no answer stays open.
        scripts: Scripts of agents, by their names. Resumed, an agent that asks again what it had
            asked before hears the same again.
        schedules: How many orders to try, at most.
        seed: Decides all chance, and the orders.
        start: Where virtual time starts.
        options: More keyword arguments of the framework's `run`.
        check: Whether to raise; False returns a report of failures, too.

    Returns:
        The report.

    Raises:
        ResumeError: a resumed run ended differently; its text names the checkpoint and the first
            difference.
        ScriptError: an agent asked what its script does not answer.
        UsageError: an argument makes no sense, or no checkpoint is written.
    """
    if isinstance(schedules, bool) or schedules < 1:
        raise UsageError(f"schedules={schedules!r} must be an int of at least 1.")
    Plan(answers)  # raises what is wrong with them before anything runs
    source = source_of(workflow)
    source.spares_original = True
    piece = Piece(
        source=source,
        message=input,
        answers=answers,
        scripts=scripts or {},
        options=options or {},
        seed=seed,
        start=start,
    )
    report = _search(piece, schedules)
    return report.check() if check else report


def _search(piece: Piece, schedules: int) -> ResumeReport:
    orders: set[tuple[str, ...]] = set()
    failures: list[ResumeFailure] = []
    tries = restored = 0
    title = ""
    for chooser in _choosers(piece.seed, schedules):
        whole = Rehearsal(piece, chooser).play()
        title = whole.player.title
        if whole.order in orders:
            continue
        orders.add(whole.order)
        for mode in _MODES:
            for saved in whole.saved:
                tries += 1
                failures += _attempt(piece, whole, saved, mode, tries)
        restored += len(whole.saved)
        if failures or not whole.schedule:
            break  # without a choice there is only this order
    return ResumeReport(
        workflow=title,
        orders=len(orders),
        checkpoints=restored,
        tries=tries,
        failures=tuple(failures),
    )


def _choosers(seed: int, schedules: int) -> Iterator[Chooser]:
    """Yield ways to choose; the most telling first: everything finishes the other way round."""
    made = [_last_in_first_out, _again(())]
    made += [seeded(seed + number) for number in range(max(0, schedules - len(made)))]
    yield from made[:schedules]


def _last_in_first_out(about: str, options: Sequence[str]) -> int:  # noqa: ARG001
    return len(options) - 1


def _attempt(
    piece: Piece, whole: Whole, saved: Saved, mode: Mode, number: int
) -> list[ResumeFailure]:
    difference = Rehearsal(piece, _again(whole.schedule)).interrupt(whole, saved, mode)
    if difference is None:
        return []
    failure = ResumeFailure(
        attempt=number,
        schedule=whole.schedule,
        order=whole.order,
        checkpoint=saved.number,
        checkpoint_id=saved.checkpoint.checkpoint_id,
        after=_last_before(whole, saved),
        mode=mode,
        difference=difference,
    )
    return [failure]


def _again(schedule: Sequence[int]) -> Chooser:
    """Return a chooser that gives recorded answers; it counts as one also where there are none."""
    answers = iter(schedule)

    def choose(about: str, options: Sequence[str]) -> int:  # noqa: ARG001
        return next(answers, 0)

    return choose


def _last_before(whole: Whole, saved: Saved) -> str:
    before = sorted(
        (entry for entry in whole.player.entries if entry.order < saved.order),
        key=lambda entry: entry.order,
    )
    for entry in reversed(before):
        text = _words(entry)
        if text:
            return text
    return "before anything ran"


def _words(entry: Entry) -> str:
    match entry:
        case Answered():
            return f"after {entry.request_id!r} was answered"
        case Began():
            return "before anything ran" if entry.leg == 1 else ""
        case Happened():
            return _told(entry.event)
        case _:
            return ""


def _told(event: WorkflowEvent[Any]) -> str:
    kind, who = event.type, event.executor_id
    if kind in {"executor_completed", "executor_bypassed"}:
        return f"after {who} ended"
    if kind == "request_info":
        return f"after {event.source_executor_id} asked"
    if kind == "output":
        return f"after the output of {who}"
    return ""

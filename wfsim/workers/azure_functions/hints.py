"""Findings that one episode shows, with the user's line and the way out."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator

from wfsim.clock import format_duration
from wfsim.errors import nearest
from wfsim.hub.decisions import CreateTimer
from wfsim.hub.worker import Episode
from wfsim.trace import Finding, Place
from wfsim.workers.azure_functions import _sdk
from wfsim.workers.azure_functions._sdk import Observation
from wfsim.workers.azure_functions.app import LoadedApp
from wfsim.workers.azure_functions.walk import ClassicWalk

__all__ = ["findings", "unknown"]

_UNKNOWN = {
    "activity": ("WF105", "call_activity"),
    "orchestrator": ("WF106", "call_sub_orchestrator"),
    "entity": ("WF107", "call_entity or signal_entity"),
}

_CONSEQUENCES = {
    "entity": "the host fails a run that signals it, and leaves one that calls it Running for ever"
}


def unknown(
    app: LoadedApp, episode: Episode, kind: str, name: str, *, place: Place | None
) -> Finding:
    """Return the finding for a function that the app does not have.

    In production the call is swallowed: the instance stays Running and nothing is logged.
    """
    code, call = _UNKNOWN[kind]
    return Finding(
        code=code,
        message=f"{episode.name} calls the {kind} {name!r}, which the app does not register; "
        f"{_CONSEQUENCES.get(kind, 'the host would leave the instance Running for ever')}.",
        way_out=f"Pass {call} the name of a registered {kind}.{nearest(name, app.names(kind))}",
        instance_id=episode.instance_id,
        place=place,
    )


def findings(
    app: LoadedApp, episode: Episode, walk: ClassicWalk, seen: Observation
) -> Iterable[Finding]:
    """Return what an episode shows."""
    reply = walk.reply
    if reply.is_done or reply.error is not None or reply.exception or seen.yielded_no_task:
        return _findings(app, episode, walk, seen)
    return ()


def _findings(
    app: LoadedApp, episode: Episode, walk: ClassicWalk, seen: Observation
) -> Iterator[Finding]:
    if walk.result.done and (walk.reply.is_done or walk.reply.error is not None):
        yield from _open_timers(episode, walk, seen)
    if walk.reply.is_done:
        yield from _never_yielded(episode, seen)
    if walk.reply.exception is not None:
        yield from _not_json(app, episode, walk.reply.exception)
    # `yield context.continue_as_new(…)` yields None, and does no harm.
    if seen.yielded_no_task and not walk.reply.is_done:
        yield _not_a_task(episode, seen)


def _open_timers(episode: Episode, walk: ClassicWalk, seen: Observation) -> Iterator[Finding]:
    now_us = episode.history[-1].at_us
    timers = [(task, place) for task, place in seen.timers() if not task.is_completed]
    for index, entry in enumerate(walk.host.open_tasks.values()):
        if not isinstance(entry.decision, CreateTimer) or entry.decision.fire_at_us <= now_us:
            continue
        left = format_duration(entry.decision.fire_at_us - now_us)
        task, place = timers[min(index, len(timers) - 1)] if timers else (None, None)
        way_out = "Call timer.cancel() once the other task has won."
        if seen.is_cancelled_in_vain(task):
            way_out = (
                "It was cancelled, but the SDK splits a timer of more than 6 days, and cancelling "
                "does not reach the pieces: wait in shorter timers."
            )
        yield Finding(
            code="WF103",
            message=f"{episode.name} ended, but a timer is open for another {left}; until it "
            "fires the instance stays Running.",
            way_out=way_out,
            instance_id=episode.instance_id,
            place=place,
        )


def _never_yielded(episode: Episode, seen: Observation) -> Iterator[Finding]:
    for method, place in seen.never_yielded():
        yield Finding(
            code="WF104",
            message=f"{episode.name} made a task with {method} and never yielded it; the SDK "
            "never schedules such a task.",
            way_out="Yield it, alone or in context.task_all / task_any.",
            instance_id=episode.instance_id,
            place=place,
        )


def _not_json(app: LoadedApp, episode: Episode, error: BaseException) -> Iterator[Finding]:
    text = str(error)
    if not isinstance(error, TypeError) or "JSON serializable" not in text:
        return
    way_out = "Return plain JSON: str, numbers, bool, None, lists and dicts with text keys."
    if "type generator" in text:
        way_out = "A helper that yields tasks must be called with `yield from helper(context)`."
    elif "type coroutine" in text:
        way_out = "Write the orchestrator with `def` and `yield`: the SDK does not await it."
    function = app.find("orchestrator", episode.name)
    yield Finding(
        code="WF112",
        message=f"{episode.name} returned something that is not JSON: {text}.",
        way_out=way_out,
        instance_id=episode.instance_id,
        place=_sdk.place_of_function(function.call) if function is not None else None,
    )


def _not_a_task(episode: Episode, seen: Observation) -> Finding:
    value: object = seen.current
    way_out = "Yield the tasks that the context's methods return."
    if isinstance(value, list | tuple):
        way_out = "Yield context.task_all(tasks), or context.task_any(tasks)."
    elif isinstance(value, types.GeneratorType):
        way_out = "Call the helper with `yield from helper(context)`."
    return Finding(
        code="WF115",
        message=f"{episode.name} yielded a {type(seen.current).__name__}, which is not a task.",
        way_out=way_out,
        instance_id=episode.instance_id,
        place=seen.current_place,
    )

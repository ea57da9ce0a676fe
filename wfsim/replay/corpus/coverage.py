"""What a history shows of an orchestrator: yields reached, ways on from each, ways to end."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from wfsim.history import (
    EventRaised,
    HistoryEvent,
    OrchestratorCompleted,
    OrchestratorStarted,
    RuntimeStatus,
    SubOrchestrationInstanceCompleted,
    SubOrchestrationInstanceFailed,
    TaskCompleted,
    TaskFailed,
    TimerFired,
)
from wfsim.history.messages import answer_of
from wfsim.hub.decisions import Complete
from wfsim.replay.passes import Passes
from wfsim.replay.records import RecordedHistory
from wfsim.replay.turns import Recorded, turns_of
from wfsim.trace import Place
from wfsim.workers.azure_functions.rehearsal import Rehearsal

__all__ = ["Covered", "covered", "yields_of"]

_FRAME = OrchestratorStarted | OrchestratorCompleted


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """A history with what only its code can tell, and what it shows."""

    history: RecordedHistory
    """With retry policies and the events waited for."""
    features: tuple[str, ...]
    """Ways from one yield to the next, and what led there; in the order in which they were gone."""
    places: frozenset[Place]
    """The yields that were reached."""


def covered(history: RecordedHistory, rehearsal: Rehearsal) -> Covered:
    """Look at a history that today's code has made.

    A feature names yields by their text, not by their lines, so that edits above do not change it.
    """
    passes = Passes(history, rehearsal)
    names = {e.event_id: getattr(e, "name", "") for e in history.events if isinstance(e, Recorded)}
    features: dict[str, None] = {}
    retries: dict[int, str] = {}
    waits: dict[int, tuple[str, ...]] = {}
    reached: list[Place] = []
    for turn in turns_of(history.events):
        look = passes.turn(turn)
        retries |= {step.number: step.retry for step in look.steps if step.retry}
        waits[turn.index] = look.waiting.events
        here = [place for _, place, _ in rehearsal.seen.places]
        because = ", ".join(sorted({_came(event, names) for event in turn.arrivals} - {""}))
        before, now = here[: len(reached)], here[len(reached) :]
        for place in now:
            features[_way(before[-1] if before else None, because, _text(place))] = None
            before, because = [place], ""
        if look.end is not None:
            features[_way(before[-1] if before else None, because, _end(look.end))] = None
        reached = here
    return Covered(
        history=replace(history, retries=retries, waits=waits),
        features=tuple(f"{history.name}: {feature}" for feature in features),
        places=frozenset(reached),
    )


def _way(place: Place | None, because: str, to: str) -> str:
    start = "start" if place is None else _text(place)
    return f"{start} → {because + ' → ' if because else ''}{to}"


def _came(event: HistoryEvent, names: dict[int, str]) -> str:
    match event:
        case TaskCompleted() | SubOrchestrationInstanceCompleted():
            return f"result of {names[event.task_id]}"
        case TaskFailed() | SubOrchestrationInstanceFailed():
            return f"failure of {names[event.task_id]}"
        case TimerFired():
            return "timer"
        case EventRaised() if answer_of(event) is not None:
            return "answer of an entity"
        case EventRaised():
            return f"event {event.name}"
        case _:
            return ""


def _end(end: Complete) -> str:
    match end.status:
        case RuntimeStatus.CONTINUED_AS_NEW:
            return "continues as new"
        case status:
            return f"ends as {status}"


def _text(place: Place) -> str:
    """Return a line's text, with its ordinal where the file has several such lines."""
    lines = [line.strip() for line in linecache.getlines(place.file)]
    text = lines[place.line - 1] if place.line <= len(lines) else f"line {place.line}"
    ordinal = lines[: place.line].count(text)
    return text if ordinal <= 1 else f"{text} #{ordinal}"


def yields_of(place: Place) -> Iterator[tuple[int, int]]:
    """Yield first and last line of each `yield` of the function that begins at a place."""
    source = Path(place.file).read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and place.line in range(
            min([node.lineno, *(item.lineno for item in node.decorator_list)]), node.lineno + 1
        ):
            yield from sorted(_in_function(node.body))


def _in_function(body: Sequence[ast.AST]) -> Iterator[tuple[int, int]]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        if isinstance(node, ast.Yield):
            yield node.lineno, node.end_lineno or node.lineno
        yield from _in_function(list(ast.iter_child_nodes(node)))

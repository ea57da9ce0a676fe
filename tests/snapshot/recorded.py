"""Traces of the fixture apps, and what else the tests of views need."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from tests.apps import fixture_app
from wfsim.history import History
from wfsim.scenario import load, play
from wfsim.snapshot import View, view
from wfsim.trace import HistoryAppended, Trace, trace_of

__all__ = [
    "changed_lines",
    "edited",
    "histories_of",
    "rewritten",
    "trace_lines",
    "trace_of_scene",
    "view_of_scene",
]

_ID = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])"
)
_TIME = re.compile(r"2000-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?")


@cache
def trace_lines(scene: str) -> tuple[str, ...]:
    """Return the lines of the trace of a fixture scenario, "app/scenario"."""
    app, _, name = scene.rpartition("/")
    return tuple(play(load(fixture_app(app) / f"{name}.yaml")).trace.lines())


@cache
def view_of_scene(scene: str) -> View:
    """Return the view of the trace of a fixture scenario."""
    return view(trace_of_scene(scene))


def trace_of_scene(scene: str) -> Trace:
    """Return the trace of a fixture scenario."""
    return trace_of(trace_lines(scene), name=scene)


def histories_of(trace: Trace) -> dict[str, History]:
    """Return the histories of a trace's instances, all generations of one in a row."""
    events: dict[str, list[Any]] = {}
    for record in trace:
        if isinstance(record, HistoryAppended):
            events.setdefault(record.instance_id, []).append(record.event)
    return {instance_id: History(items) for instance_id, items in events.items()}


def rewritten(lines: tuple[str, ...], *, shift: timedelta, rename: Callable[[str], str]) -> Trace:
    """Return the same run at another time and with other ids."""

    def moved(match: re.Match[str]) -> str:
        separator = match[0][10]
        later = datetime.fromisoformat(match[0]) + shift
        text = later.isoformat(sep=separator)
        # The host trims zeros; other writers do not, so a fraction stays one.
        return text.rstrip("0") if "." in text and "." in match[0] else text

    changed = [_TIME.sub(moved, _ID.sub(lambda match: rename(match[0]), line)) for line in lines]
    return trace_of(changed)


def changed_lines(before: View, after: View) -> list[str]:
    """Return the lines of a diff without context."""
    return [
        line
        for line in difflib.unified_diff(
            str(before).split("\n"), str(after).split("\n"), lineterm="", n=0
        )
        if not line.startswith(("---", "+++", "@@"))
    ]


def edited(lines: tuple[str, ...], number: int, edit: Callable[[dict[str, Any]], None]) -> Trace:
    """Return a trace in which one record was changed."""
    body = json.loads(lines[number])
    edit(body)
    return trace_of([*lines[:number], json.dumps(body), *lines[number + 1 :]])

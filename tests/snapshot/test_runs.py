"""Views of histories and traces: equal for equal runs, different for different ones."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.scenes import SCENES
from tests.snapshot.recorded import (
    edited,
    histories_of,
    rewritten,
    trace_lines,
    trace_of_scene,
    view_of_scene,
)
from wfsim.snapshot import view

SCENE = st.sampled_from(SCENES)


@pytest.mark.parametrize("scene", SCENES)
def test_a_view_of_a_view_is_that_view(scene: str) -> None:
    """For every fixture, traces and histories: viewing twice changes nothing."""
    trace = trace_of_scene(scene)
    for recorded in (trace, *histories_of(trace).values()):
        once = view(recorded)
        assert view(once) == once
        assert str(view(view(once))) == str(once)


def _renamer(salt: int) -> Any:
    def rename(text: str) -> str:
        digest = hashlib.sha256(f"{salt} {text.replace('-', '')}".encode()).hexdigest()[:32]
        if "-" not in text:
            return digest
        return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:]))

    return rename


@given(scene=SCENE, salt=st.integers(0, 9), hours=st.integers(0, 5000))
def test_ids_and_times_do_not_matter(scene: str, salt: int, hours: int) -> None:
    """The same run with other ids and at another time has the same view, text and all."""
    lines = trace_lines(scene)
    other = rewritten(lines, shift=timedelta(hours=hours), rename=_renamer(salt))
    assert str(view(other)) == str(view_of_scene(scene))


@given(scene=SCENE, data=st.data())
def test_everything_else_matters(scene: str, data: st.DataObject) -> None:
    """Whatever is changed in one record of a run, the view is another."""
    lines = trace_lines(scene)
    number = data.draw(st.integers(1, len(lines) - 1))
    before = json.loads(lines[number])
    fields = _leaves(before)
    assume(fields)
    path = data.draw(st.sampled_from(fields))
    after = edited(lines, number, lambda body: _change(body, path))
    shown = view(after)
    assert shown != view_of_scene(scene), (path, before)
    assert str(shown) != str(view_of_scene(scene))


_SILENT = {
    "at",
    "kind",
    "type",
    "status",
    "answer",
    "execution_id",
    "is_signal",
    "is_failure",
    "code",
    "place",
}
"""What cannot be changed to just anything, or is no part of what happened."""


def _leaves(body: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the paths of texts and numbers that say what happened."""
    found: list[tuple[str, ...]] = []
    event = body.get("event")
    for holder, above in ((body, ()), (event if isinstance(event, dict) else {}, ("event",))):
        for key, value in holder.items():
            if key in _SILENT or isinstance(value, dict | list | bool) or value is None:
                continue
            if body["kind"] == "HistoryAppended" and not above:
                continue  # the instance of one event only is no run that could be
            if _is_told_elsewhere(body, key):
                continue
            found.append((*above, key))
    return found


def _is_told_elsewhere(body: dict[str, Any], key: str) -> bool:
    """Whether a view takes a thing from another record, where it is the same by construction."""
    if body["kind"] == "EntityChanged" and body["instance_id"].startswith("@dafx-"):
        return key == "state"
    if body["kind"] == "StatusChanged":
        return key == "name"
    if key == "instance_id" and body["kind"] in {"FunctionStarted", "FunctionFinished"}:
        return True  # an invocation's made-up id
    return bool(body["kind"] == "ChoiceMade")


def _change(body: dict[str, Any], path: tuple[str, ...]) -> None:
    for key in path[:-1]:
        body = body[key]
    value = body[path[-1]]
    if isinstance(value, int):
        body[path[-1]] = value + 1000
    elif path[-1] == "fire_at":
        body[path[-1]] = value.replace("2000-", "2001-")
    else:
        body[path[-1]] = _changed_text(value)


def _changed_text(text: str) -> str:
    """Return another text, which is JSON if the first was."""
    try:
        json.loads(text)
    except ValueError:
        return f"{text} changed"
    return json.dumps({"changed": text})


@given(scene=SCENE, data=st.data())
def test_nothing_may_be_lost_from_a_history(scene: str, data: st.DataObject) -> None:
    """Without one event, or with two events exchanged, the view of a history is another."""
    histories = histories_of(trace_of_scene(scene))
    assume(histories)
    history = data.draw(st.sampled_from(sorted(histories.items())))[1]
    place = data.draw(st.integers(0, len(history) - 2))
    events = list(history)
    assert view(type(history)([*events[:place], *events[place + 1 :]])) != view(history)
    assume(events[place] != events[place + 1])
    swapped = [*events[:place], events[place + 1], events[place], *events[place + 2 :]]
    assert view(type(history)(swapped)) != view(history)


@given(scene=SCENE, other=SCENE)
def test_two_scenarios_never_look_the_same(scene: str, other: str) -> None:
    """Different runs have different views."""
    same = view_of_scene(scene) == view_of_scene(other)
    assert same == (scene == other)

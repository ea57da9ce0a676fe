"""Trace files are read back as they were written, and refused with file and line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.apps import Context, Steps, app_of, fixture_app
from tests.scenes import SCENES
from wfsim import Simulation, UsageError
from wfsim.scenario import load, play
from wfsim.trace import Trace, trace_of


@pytest.mark.parametrize("scene", SCENES)
def test_every_fixture_round_trips(scene: str, tmp_path: Path) -> None:
    """Saved and loaded, the trace of each fixture scenario has the same lines."""
    app, _, name = scene.rpartition("/")
    trace = play(load(fixture_app(app) / f"{name}.yaml")).trace
    trace.save(tmp_path / "run.jsonl")
    loaded = Trace.load(tmp_path / "run.jsonl")
    assert list(loaded.lines()) == list(trace.lines())
    assert len(loaded.findings) == len(trace.findings)


def _says(context: Context) -> Steps:
    return (yield context.call_activity("say", context.get_input()))


@pytest.fixture(name="lines", scope="module")
def _lines() -> list[str]:
    with Simulation(app_of(_says), schedule=lambda _, options: len(options) - 1) as sim:
        sim.start("_says", "hello", instance_id="g").result()
        return list(sim.trace.lines())


def test_a_loaded_trace_is_equal(lines: list[str]) -> None:
    """Two traces are equal if they began at one instant and have equal records."""
    trace = trace_of(lines)
    assert trace == trace_of(lines)
    assert trace != trace_of(lines[:-1])
    assert trace != "a trace"


@given(text=st.text(st.characters()))
def test_any_payload_survives(text: str) -> None:
    """Line ends of other worlds, halves of pairs and controls in payloads come back."""
    trace = trace_of([_HEAD, _called(data=json.dumps(text))])
    assert trace_of("\n".join(trace.lines()).split("\n")) == trace


_HEAD = '{"format": "wfsim-trace", "version": 1, "start": "2000-01-01T00:00:00Z"}'


def _called(**changes: Any) -> str:
    body = {
        "at": "2000-01-01T00:00:00.5Z",
        "kind": "ClientCalled",
        "instance_id": "a",
        "operation": "start",
        "data": None,
        "answer": 202,
    }
    return json.dumps(
        {key: value for key, value in {**body, **changes}.items() if value is not ...}
    )


_EVENT = {"type": "TaskCompleted", "at": "2000-01-01T00:00:00Z", "task_id": 1, "result": None}
_APPENDED = {
    "at": "2000-01-01T00:00:00Z",
    "kind": "HistoryAppended",
    "instance_id": "a",
    "execution_id": "b",
    "event": _EVENT,
}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", r"not JSON"),
        ("[1]", r"a record is a JSON object"),
        (_called(kind="ClientCaled"), r"no record 'ClientCaled'\..*'ClientCalled'"),
        (_called(kind=7), r"no record 7\."),
        (_called(kind=...), r"no record None\."),
        (_called(answer="202"), r"ClientCalled\.answer must be int, not '202'"),
        (_called(answer=True), r"ClientCalled\.answer must be int, not True"),
        (_called(answr=1), r"ClientCalled has no 'answr'\..*'answer'"),
        (_called(answer=...), r"ClientCalled lacks 'answer'"),
        (_called(at=...), r"ClientCalled lacks 'at'"),
        (_called(at="noon"), r"ClientCalled\.at must be an instant"),
        (_called(at=5), r"ClientCalled\.at must be an instant"),
        (json.dumps({**_APPENDED, "event": None}), r"HistoryAppended\.event must be an object"),
        (
            json.dumps({**_APPENDED, "event": {**_EVENT, "type": "Done"}}),
            r"no history event 'Done'",
        ),
        (json.dumps({**_APPENDED, "event": {**_EVENT, "task_id": 1.5}}), r"task_id must be int"),
        (
            _called(
                kind="StatusChanged", operation=..., data=..., answer=..., name="n", status="Ok"
            ),
            r"StatusChanged\.status has no value 'Ok'",
        ),
        (
            json.dumps(
                {"at": "2000-01-01T00:00:00Z", "kind": "ChoiceMade", "choice": {"options": 3}}
            ),
            r"Choice\.options must be a list, not 3",
        ),
    ],
)
def test_broken_lines_are_named(line: str, says: str) -> None:
    """A line that is no record is refused with its number and what is wrong."""
    with pytest.raises(UsageError, match=rf"^run\.jsonl, line 3: .*{says}"):
        trace_of([_HEAD, "", line], name="run.jsonl")


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ('{"format": "wfsim-trace", "version": 2}', "format version 2, and this wfsim reads 1"),
        ('{"name": "x"}', "no trace of wfsim"),
        ('{"format": "wfsim-trace", "version": 1}', "start must be an instant"),
    ],
)
def test_other_files_are_refused(head: str, says: str) -> None:
    """The first line says whether it is a trace, and of which version."""
    with pytest.raises(UsageError, match=rf"^run\.jsonl, line 1: .*{says}"):
        trace_of([head], name="run.jsonl")


def test_missing_empty_and_binary_files_are_refused(tmp_path: Path) -> None:
    """A file that is not there, empty or no text is refused by name."""
    with pytest.raises(UsageError, match=r"^The trace '.*run\.jsonl' cannot be read: No such file"):
        Trace.load(tmp_path / "run.jsonl")
    (tmp_path / "empty.jsonl").write_text("\n")
    with pytest.raises(UsageError, match=r"empty\.jsonl is empty"):
        Trace.load(tmp_path / "empty.jsonl")
    (tmp_path / "zip.jsonl").write_bytes(b"PK\xff")
    with pytest.raises(UsageError, match=r"is no trace: byte 2 is not UTF-8"):
        Trace.load(tmp_path / "zip.jsonl")

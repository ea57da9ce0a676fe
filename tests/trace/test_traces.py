"""The trace of a simulation, and its file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.apps import Context, Steps, app_of
from wfsim import Simulation
from wfsim.history import RuntimeStatus
from wfsim.trace import (
    ActivityFinished,
    ActivityStarted,
    ChoiceMade,
    ClientCalled,
    HistoryAppended,
    StatusChanged,
    Trace,
)


def _greets(context: Context) -> Steps:
    context.set_custom_status("greeting")
    return (yield context.call_activity("say", "hello"))


@pytest.fixture(name="trace")
def _trace() -> Trace:
    with Simulation(app_of(_greets)) as sim:
        sim.start("_greets", instance_id="g").result()
        return sim.trace


def test_a_trace_is_a_sequence(trace: Trace) -> None:
    """A trace has a length, items, slices and an order of time."""
    assert len(trace) == len(list(trace)) > 0
    assert trace[:2] == [trace[0], trace[1]]
    assert isinstance(trace[0], ClientCalled)
    assert repr(trace) == f"<Trace of {len(trace)} records>"
    times = [record.at_us for record in trace]
    assert times == sorted(times)


def test_everything_is_recorded(trace: Trace) -> None:
    """Calls of clients, events, executions and statuses are all in the trace."""
    kinds = {type(record) for record in trace}
    assert {ClientCalled, HistoryAppended, ActivityStarted, ActivityFinished} <= kinds
    statuses = [item for item in trace if isinstance(item, StatusChanged)]
    assert statuses[-1].status == "Completed"
    assert statuses[-1].custom_status == '"greeting"'


def test_records_become_json_lines(trace: Trace) -> None:
    """Each record is one JSON object whose times are ISO text and whose events name their type."""
    first, *lines = map(json.loads, trace.lines())
    assert first == {"format": "wfsim-trace", "version": 1, "start": "2000-01-01T00:00:00Z"}
    assert [line["kind"] for line in lines] == [type(record).__name__ for record in trace]
    assert not any(key.endswith("_us") for line in lines for key in line)
    events = [line["event"]["type"] for line in lines if line["kind"] == "HistoryAppended"]
    assert events[:2] == ["OrchestratorStarted", "ExecutionStarted"]


def test_choices_are_recorded_with_their_options() -> None:
    """A choice stands in the trace with what it was about, its options and the answer."""

    def fans_out(context: Context) -> Steps:
        return (yield context.task_all([context.call_activity("say", n) for n in range(3)]))

    with Simulation(app_of(fans_out), schedule=lambda _, options: len(options) - 1) as sim:
        sim.start("fans_out", instance_id="f").result()
        made = [item.choice for item in sim.trace if isinstance(item, ChoiceMade)]
        lines = [json.loads(line) for line in sim.trace.lines()][1:]
    assert made
    written = [line["choice"] for line in lines if line["kind"] == "ChoiceMade"]
    assert [item["picked"] for item in written] == [choice.picked for choice in made]
    assert [item["options"] for item in written] == [list(choice.options) for choice in made]


def test_a_saved_trace_ends_with_a_line_end(trace: Trace, tmp_path: Path) -> None:
    """The file holds the lines in UTF-8, each with a plain line end, and nothing lies beside it."""
    trace.save(tmp_path / "t.jsonl")
    text = (tmp_path / "t.jsonl").read_bytes().decode("utf-8")
    assert text == "".join(f"{line}\n" for line in trace.lines())
    assert [path.name for path in tmp_path.iterdir()] == ["t.jsonl"]


def test_a_trace_that_cannot_be_saved_leaves_the_old_one(trace: Trace, tmp_path: Path) -> None:
    """Where writing fails the file before stays as it was, and no half of one lies about."""
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        trace.save(tmp_path / "taken")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_only_the_latest_records_are_kept() -> None:
    """A trace that is told how many to keep has at most an eighth more, and counts the others."""
    trace = Trace(start_us=0, keep=80)
    for number in range(1_000):
        trace.add(
            StatusChanged(
                at_us=number,
                instance_id="i",
                name="n",
                status=RuntimeStatus.PENDING,
                custom_status=None,
            )
        )
        assert len(trace) <= 90
        assert trace.dropped + len(trace) == number + 1
        assert trace[-1].at_us == number
        assert trace[0].at_us == trace.dropped

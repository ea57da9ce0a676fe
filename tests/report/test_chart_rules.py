"""What holds for the chart of every run."""

from __future__ import annotations

import gc
import time
from dataclasses import replace

import pytest

from tests.report.played import charted, played
from tests.scenes import SCENES
from wfsim.history import ExecutionCompleted, ExecutionStarted, OrchestratorStarted
from wfsim.report.charts import chart
from wfsim.report.mermaid import mermaid
from wfsim.report.perfetto import perfetto
from wfsim.report.rows import rows
from wfsim.report.timeline import render_timeline
from wfsim.trace import HistoryAppended, Trace


def lives(trace: Trace) -> dict[str, list[tuple[int, int]]]:
    """Return from when to when each orchestration lived, if that took any time."""
    born: dict[str, int] = {}
    found: dict[str, list[tuple[int, int]]] = {}
    for record in trace:
        if not isinstance(record, HistoryAppended):
            continue
        if isinstance(record.event, OrchestratorStarted):
            born.setdefault(record.instance_id, record.at_us)
        elif isinstance(record.event, ExecutionCompleted):
            life = born.pop(record.instance_id), record.at_us
            if life[0] < life[1]:
                found.setdefault(record.instance_id, []).append(life)
    for instance_id, at_us in born.items():
        found.setdefault(instance_id, []).append((at_us, trace[-1].at_us))
    return found


@pytest.mark.parametrize("scene", SCENES)
def test_bars_cover_each_life_exactly(scene: str) -> None:
    """A lane's bars follow each other without gap or overlap, from its start to its end."""
    drawn = charted(scene)
    joined: dict[str, list[tuple[int, int]]] = {}
    for bar in drawn.bars:
        assert bar.start_us < bar.end_us or (bar.is_open and bar.end_us == drawn.end_us)
        of_lane = joined.setdefault(bar.lane, [])
        if of_lane and of_lane[-1][1] == bar.start_us:
            of_lane[-1] = of_lane[-1][0], bar.end_us
        else:
            assert not of_lane or of_lane[-1][1] < bar.start_us
            of_lane.append((bar.start_us, bar.end_us))
    kinds = {lane.key: lane.kind for lane in drawn.lanes}
    of_runs = {key: spans for key, spans in joined.items() if kinds[key] == "orchestration"}
    assert of_runs == lives(played(scene))


@pytest.mark.parametrize("scene", SCENES)
def test_everything_has_its_lane_and_time(scene: str) -> None:
    """Marks, bars and arrows are in lanes of the chart, within its time, and in order."""
    drawn = charted(scene)
    keys = [lane.key for lane in drawn.lanes]
    assert len(set(keys)) == len(keys)
    for lane in drawn.lanes:
        assert not lane.parent or keys.index(lane.parent) < keys.index(lane.key)
    assert {bar.lane for bar in drawn.bars} <= set(keys)
    assert {end for arrow in drawn.arrows for end in (arrow.source, arrow.target)} <= set(keys)
    times = [mark.at_us for mark in drawn.marks]
    assert times == sorted(times)
    for arrow in drawn.arrows:
        assert drawn.start_us <= arrow.sent_us <= arrow.received_us <= drawn.end_us
        assert 0 <= arrow.sent_before <= arrow.received_before <= len(drawn.marks)
        for place, at_us in (
            (arrow.sent_before, arrow.sent_us),
            (arrow.received_before, arrow.received_us),
        ):
            assert all(time <= at_us for time in times[max(0, place - 1) : place])
            assert all(time >= at_us for time in times[place : place + 1])


@pytest.mark.parametrize("scene", SCENES)
def test_marks_are_the_timelines_rows(scene: str) -> None:
    """Terminal and pictures tell the same story, row by row."""
    trace = played(scene)
    listed = rows(trace, start_us=trace.start_us)
    assert [(mark.number, mark.lane, mark.at_us, mark.text) for mark in charted(scene).marks] == [
        (number, row.lane, row.at_us, row.text) for number, row in enumerate(listed)
    ]


@pytest.mark.parametrize("scene", SCENES)
def test_runs_may_begin_in_the_middle(scene: str) -> None:
    """Where older records are forgotten, the rest is drawn all the same, by the same rules."""
    whole = played(scene)
    for first in range(1, len(whole), max(1, len(whole) // 5)):
        rest = Trace(start_us=whole.start_us)
        for record in whole[first:]:
            rest.add(record)
        drawn = chart(rest)
        keys = {lane.key for lane in drawn.lanes}
        assert {end for arrow in drawn.arrows for end in (arrow.source, arrow.target)} <= keys
        busy: dict[str, int] = {}
        for bar in drawn.bars:
            assert busy.get(bar.lane, 0) <= bar.start_us <= bar.end_us
            busy[bar.lane] = bar.end_us
        assert bool(render_timeline(rest)) == bool(drawn.marks)
        assert mermaid(drawn).startswith("sequenceDiagram\n")
        assert perfetto(drawn).endswith("]}\n")


def copies(scene: str, count: int) -> Trace:
    """Return a trace of so many runs at once, each under an id of its own."""
    one = played(scene)
    many = Trace(start_us=one.start_us)
    for record in one:
        for number in range(count):
            changes: dict[str, object] = {}
            if hasattr(record, "instance_id"):
                changes["instance_id"] = f"{record.instance_id}-{number}"
            if isinstance(record, HistoryAppended) and isinstance(record.event, ExecutionStarted):
                instance_id = f"{record.event.instance_id}-{number}"
                changes["event"] = replace(record.event, instance_id=instance_id)
            many.add(replace(record, **changes))  # type: ignore[arg-type]
    return many


def cost(trace: Trace) -> float:
    """Return the processor's time for a chart: the best of three, and no other test's garbage."""
    took = []
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            began = time.process_time()
            chart(trace)
            took.append(time.process_time() - began)
    finally:
        gc.enable()
    return min(took)


@pytest.mark.slow
def test_charts_of_ten_thousand_records_take_linear_time() -> None:
    """Eight times as many runs at once take about eight times as long, and not 64 times."""
    few, many = copies("fan_out/all_accounts", 40), copies("fan_out/all_accounts", 320)
    assert len(many) > 10_000
    assert len(chart(many).lanes) == 320 + 1
    assert cost(many) < 24 * cost(few)

"""Chrome traces, as ui.perfetto.dev reads them."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest

from tests.report.hand_made import EVIL
from tests.report.played import charted
from tests.report.test_mermaid import drawn_with
from tests.scenes import SCENES
from wfsim.report.chart import Chart
from wfsim.report.perfetto import perfetto


def events(chart: Chart) -> list[dict[str, Any]]:
    """Return the trace's events."""
    document = json.loads(perfetto(chart))
    assert set(document) == {"displayTimeUnit", "otherData", "traceEvents"}
    found: list[dict[str, Any]] = document["traceEvents"]
    return found


def test_an_approval() -> None:
    """Threads have the lanes' names, slices the bars' times in microseconds, instants payloads."""
    found = events(charted("approval/approved"))
    names = [event["args"]["name"] for event in found if event["name"] == "thread_name"]
    assert names == ["clients", "post-1 (approval)"]
    (wait,) = [event for event in found if event["ph"] == "X" and event["cat"] == "waits"]
    assert (wait["ts"], wait["dur"]) == (0, 2 * 3_600_000_000)
    assert wait["name"] == "waits for event approval, timer of 3d"
    start, *_ = [event for event in found if event["ph"] == "i"]
    assert start["name"] == "approval"
    assert start["args"] == {"input": '{\n  "topic": "AI"\n}'}


@pytest.mark.parametrize("scene", SCENES)
def test_traces_are_complete(scene: str) -> None:
    """Every lane is a thread, and every bar, mark and arrow is there once."""
    chart = charted(scene)
    found = events(chart)
    phases = Counter(event["ph"] for event in found)
    assert phases["i"] == len(chart.marks)
    assert phases["s"] == phases["f"] == len(chart.arrows)
    slices = [event for event in found if event["ph"] == "X" and event["cat"] != "message"]
    assert len(slices) == len(chart.bars)
    named = {(event["pid"], event["tid"]) for event in found if event["name"] == "thread_name"}
    assert len(named) == len(chart.lanes)
    used = {(event["pid"], event["tid"]) for event in found if event["ph"] != "M"}
    assert used <= named


@pytest.mark.parametrize("scene", SCENES)
def test_flows_hang_on_slices(scene: str) -> None:
    """Both ends of a flow lie in a slice of their thread, else the viewer drops the flow."""
    found = events(charted(scene))
    slices: dict[int, list[tuple[int, int]]] = {}
    for event in found:
        if event["ph"] == "X":
            slices.setdefault(event["tid"], []).append((event["ts"], event["ts"] + event["dur"]))
    ids = Counter[int]()
    for event in found:
        if event["ph"] in {"s", "f"}:
            ids[event["id"]] += 1
            assert any(start <= event["ts"] < end for start, end in slices[event["tid"]])
    assert set(ids.values()) <= {2}


@pytest.mark.parametrize("text", EVIL)
def test_texts_are_only_texts(text: str) -> None:
    """Names and payloads of somebody else are JSON strings without steering characters."""
    written = perfetto(drawn_with(text))
    assert written.isascii()
    read = json.dumps(json.loads(written), ensure_ascii=False)
    assert not re.search("[\u202e\u2028\ud800\x1b\x00]", read)
    assert len(events(drawn_with(text))) == len(events(drawn_with("harmless")))


def test_nothing_happened() -> None:
    """An empty chart is an empty trace."""
    assert events(Chart(title="", start_us=0, end_us=0, lanes=())) == []

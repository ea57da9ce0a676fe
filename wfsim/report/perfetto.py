"""A run as a Chrome trace, which ui.perfetto.dev and chrome://tracing open."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Any, Final

from wfsim.history.printable import printable
from wfsim.report.chart import Arrow, Bar, Chart, Mark
from wfsim.report.lanes import LaneKind

__all__ = ["perfetto"]

_PROCESSES: Final[dict[LaneKind, tuple[int, str]]] = {
    "client": (1, "clients"),
    "function": (2, "functions"),
    "orchestration": (3, "orchestrations"),
    "entity": (4, "entities"),
    "agent": (5, "agents"),
    "executor": (6, "executors"),
}
"""Number and name of the process of each kind of lane, from top to bottom."""

_Event = dict[str, Any]


def perfetto(chart: Chart) -> str:
    """Return a chart as JSON of the Trace Event Format; the same bytes for the same chart.

    Args:
        chart: What to draw.

    Returns:
        A process for each kind of lane and a thread for each lane; bars as slices, marks as
        instants with their payloads, arrows as flows. Times are microseconds since the chart's
        start.
    """
    head = json.dumps({"title": _shown(chart.title)}) if chart.title else "{}"
    events = ",\n".join(json.dumps(event) for event in _events(chart))
    return f'{{"displayTimeUnit":"ms","otherData":{head},"traceEvents":[\n{events}\n]}}\n'


def _events(chart: Chart) -> Iterator[_Event]:
    threads = {
        lane.key: {"pid": _PROCESSES[lane.kind][0], "tid": tid}
        for tid, lane in enumerate(chart.lanes, 1)
    }
    kinds = {lane.kind for lane in chart.lanes}
    for kind, (pid, name) in _PROCESSES.items():
        if kind in kinds:
            process = {"pid": pid, "tid": 0}
            yield _metadata(process, "process_name", name=name)
            yield _metadata(process, "process_sort_index", sort_index=pid)
    for lane in chart.lanes:
        thread = threads[lane.key]
        name = f"{lane.label} ({lane.name})" if lane.name not in {"", lane.label} else lane.label
        yield _metadata(thread, "thread_name", name=_shown(name))
        yield _metadata(thread, "thread_sort_index", sort_index=thread["tid"])
    for bar in chart.bars:
        yield threads[bar.lane] | _slice(bar, chart.start_us)
    for lane_key, at_us in _anchors(chart):
        yield threads[lane_key] | {
            "ph": "X",
            "ts": at_us - chart.start_us,
            "dur": 1,
            "name": "·",
            "cat": "message",
        }
    for mark in chart.marks:
        yield threads[mark.lane] | _instant(mark, chart.start_us)
    for number, arrow in enumerate(chart.arrows, 1):
        common = {"name": _shown(arrow.label or arrow.kind), "cat": arrow.kind, "id": number}
        sent, received = arrow.sent_us - chart.start_us, arrow.received_us - chart.start_us
        yield threads[arrow.source] | common | {"ph": "s", "ts": sent}
        yield threads[arrow.target] | common | {"ph": "f", "bp": "e", "ts": received}


def _metadata(of: dict[str, int], what: str, **args: object) -> _Event:
    return of | {"ph": "M", "name": what, "args": args}


def _slice(bar: Bar, start_us: int) -> _Event:
    return {
        "ph": "X",
        "ts": bar.start_us - start_us,
        "dur": bar.end_us - bar.start_us,
        "name": _shown(bar.label if bar.kind != "waits" else f"waits for {bar.label}"),
        "cat": bar.kind,
        "args": {"has ended": not bar.is_open},
    }


def _instant(mark: Mark, start_us: int) -> _Event:
    args: dict[str, str] = {name: printable(text, lines=True) for name, text in mark.payload}
    return {
        "ph": "i",
        "s": "t",
        "ts": mark.at_us - start_us,
        "name": _shown(mark.text),
        "cat": mark.kind,
        "args": args,
    }


def _anchors(chart: Chart) -> Iterable[tuple[str, int]]:
    """Return where arrows begin or end outside of all bars: flows hang on slices only."""
    starts: dict[str, list[int]] = {}
    ends: dict[str, list[int]] = {}
    for bar in chart.bars:  # in order of their starts
        starts.setdefault(bar.lane, []).append(bar.start_us)
        ends.setdefault(bar.lane, []).append(bar.end_us)

    def is_outside(lane: str, at_us: int) -> bool:
        place = bisect_right(starts.get(lane, []), at_us)
        return place == 0 or ends[lane][place - 1] <= at_us

    return dict.fromkeys(end for end in _ends(chart.arrows) if is_outside(*end))


def _ends(arrows: Iterable[Arrow]) -> Iterator[tuple[str, int]]:
    for arrow in arrows:
        yield arrow.source, arrow.sent_us
        yield arrow.target, arrow.received_us


def _shown(text: str) -> str:
    return printable(" ".join(text.split()))

"""A chart as the data that the page's script draws from.

Lanes are named by their place, and times count from the chart's start: a run of ten thousand events
stays a small file. What the arrays hold stands in `scale.js`, which reads them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wfsim.clock import iso
from wfsim.report.chart import Arrow, Bar, Chart, Lane
from wfsim.report.difference import Difference
from wfsim.report.html.standing import standings

__all__ = ["page_data"]


def page_data(charts: Sequence[Chart], difference: Difference | None) -> dict[str, Any]:
    """Return all that the page's script knows, ready for JSON."""
    return {
        "charts": [_chart(chart) for chart in charts],
        "difference": None if difference is None else _difference(difference),
    }


def _chart(chart: Chart) -> dict[str, Any]:
    lanes = _all_lanes(chart)
    places = {lane.key: place for place, lane in enumerate(lanes)}
    stand = {item.lane.key: item for item in standings(chart)}
    start = chart.start_us
    return {
        "title": chart.title,
        "start": iso(start),
        "end": chart.end_us - start,
        "lanes": [
            {
                "key": lane.key,
                "label": lane.label,
                "kind": lane.kind,
                "name": lane.name,
                "depth": _depth(lane, lanes, places),
                "standing": [stand[lane.key].kind, stand[lane.key].text]
                if lane.key in stand
                else None,
            }
            for lane in lanes
        ],
        "bars": [_bar(bar, places, start) for bar in chart.bars],
        "marks": [
            (places[mark.lane], mark.at_us - start, mark.kind, mark.text, mark.payload)
            for mark in chart.marks
        ],
        "arrows": [_arrow(arrow, places, start) for arrow in chart.arrows],
    }


def _bar(bar: Bar, places: Mapping[str, int], start_us: int) -> tuple[object, ...]:
    times = bar.start_us - start_us, bar.end_us - start_us
    return (places[bar.lane], bar.kind, *times, bar.label, int(bar.is_open))


def _arrow(arrow: Arrow, places: Mapping[str, int], start_us: int) -> tuple[object, ...]:
    times = arrow.sent_us - start_us, arrow.received_us - start_us
    return (arrow.kind, places[arrow.source], places[arrow.target], *times, arrow.label)


def _all_lanes(chart: Chart) -> list[Lane]:
    """Return the lanes, and one for each key that has none: drawing must not fail on it."""
    known = {lane.key: lane for lane in chart.lanes}
    used = [mark.lane for mark in chart.marks] + [bar.lane for bar in chart.bars]
    used += [key for arrow in chart.arrows for key in (arrow.source, arrow.target)]
    for key in used:
        if key not in known:
            known[key] = Lane(key=key, label=key or "app", kind="client")
    return list(known.values())


def _depth(lane: Lane, lanes: Sequence[Lane], places: Mapping[str, int]) -> int:
    """Return how many lanes stand above this one as parents."""
    depth, seen = 0, {lane.key}
    while lane.parent and lane.parent in places and lane.parent not in seen:
        lane = lanes[places[lane.parent]]
        seen.add(lane.key)
        depth += 1
    return depth


def _difference(difference: Difference) -> dict[str, Any]:
    sides = (difference.left, difference.right)
    return {
        "text": difference.text,
        "marks": [None if mark is None else mark.number for mark in sides],
    }

"""Traces and charts of the fixture apps' scenarios, each played once."""

from __future__ import annotations

from functools import cache

from tests.apps import fixture_app
from wfsim.clock import format_duration
from wfsim.report.chart import Chart
from wfsim.report.charts import chart
from wfsim.scenario import load, play
from wfsim.trace import Trace

__all__ = ["arrows", "bars", "charted", "played"]


@cache
def played(scene: str) -> Trace:
    """Return what a scenario, such as "approval/approved", leaves behind."""
    return play(load(fixture_app(f"{scene}.yaml"))).trace


@cache
def charted(scene: str) -> Chart:
    """Return its chart."""
    return chart(played(scene), title=scene)


def bars(drawn: Chart, lane: str) -> list[str]:
    """Return a lane's bars in words: "0s-2h waits: event approval, timer of 3d"."""
    return [
        f"{_since(drawn, bar.start_us)}-{'…' if bar.is_open else _since(drawn, bar.end_us)} "
        f"{bar.kind}: {bar.label}"
        for bar in drawn.bars
        if bar.lane == lane
    ]


def arrows(drawn: Chart) -> list[str]:
    """Return arrows in words, by the labels of their lanes: "clients starts post-1: approval"."""
    labels = {lane.key: lane.label for lane in drawn.lanes}
    return [
        f"{labels[arrow.source]} {arrow.kind} {labels[arrow.target]}: {arrow.label}"
        for arrow in drawn.arrows
    ]


def _since(drawn: Chart, at_us: int) -> str:
    return format_duration(at_us - drawn.start_us).replace(" ", "")

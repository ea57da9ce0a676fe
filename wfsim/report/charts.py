"""Makes the chart of a run: who took part, what they did, and what went between them."""

from __future__ import annotations

from wfsim.history import ExecutionStarted
from wfsim.report.arrows import Arrows
from wfsim.report.cast import Cast
from wfsim.report.chart import Chart, Mark
from wfsim.report.lives import Lives
from wfsim.report.row import Row
from wfsim.report.rows import Reader
from wfsim.trace import HistoryAppended, ModelAsked, Trace

__all__ = ["chart"]


def chart(trace: Trace, *, title: str = "") -> Chart:
    """Return a recorded run, or all runs of one simulation, as a picture's parts.

    Args:
        trace: What was recorded.
        title: What the picture is called.

    Returns:
        Texts in it are as recorded, neither escaped nor cut: whoever draws makes them safe.
    """
    reader, cast = Reader(trace.start_us), Cast()
    lives, arrows = Lives(reader.sessions), Arrows(cast)
    marks: list[Mark] = []
    end_us = trace.start_us
    for record in trace:
        end_us = max(end_us, record.at_us)
        arrows.marks = len(marks)
        starter = arrows.follow(record)
        for row in reader.read(record):
            marks.append(_mark(row, len(marks), cast.add(row.lane_kind, row.instance_id)))
        lives.follow(record)
        if isinstance(record, ModelAsked):
            cast.add("agent", reader.sessions.of(record))
        if isinstance(record, HistoryAppended) and isinstance(record.event, ExecutionStarted):
            parent = record.event.parent
            cast.start(record.event, starter if parent is None else parent.instance_id)
    lives.close(end_us)
    return Chart(
        title=title,
        start_us=trace.start_us,
        end_us=end_us,
        lanes=cast.lanes(),
        bars=tuple(sorted(lives.bars, key=lambda bar: bar.start_us)),
        marks=tuple(marks),
        arrows=arrows.arrows(),
    )


def _mark(row: Row, number: int, lane: str) -> Mark:
    return Mark(
        number=number,
        lane=lane,
        at_us=row.at_us,
        kind=row.kind,
        text=row.text,
        payload=tuple(
            (detail.name, detail.whole) for detail in row.details if detail.text is not None
        ),
        took_us=row.took_us,
    )

"""The timeline of a run, for terminals."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from wfsim.clock import format_duration
from wfsim.history.printable import printable
from wfsim.report.folding import Fold, folded
from wfsim.report.names import readable
from wfsim.report.row import Kind, Row
from wfsim.report.rows import rows
from wfsim.trace import Trace

__all__ = ["render_timeline", "timeline_lines"]

_WIDTH = 100
_LONGEST_NAME = 24
_GAP_US = 3_600_000_000
"""From an hour on, time that passes gets a line of its own."""

_STYLES: dict[Kind, str] = {
    "start": "bold cyan",
    "work": "",
    "time": "blue",
    "event": "magenta",
    "good": "bold green",
    "bad": "bold red",
    "note": "dim",
    "finding": "yellow",
}


def render_timeline(trace: Trace, *, width: int | None = None) -> str:
    """Return the timeline as plain text, the same for the same run everywhere."""
    return "\n".join(line.plain.rstrip() for line in timeline_lines(trace, width=width))


def timeline_lines(trace: Trace, *, width: int | None = None) -> Iterator[Text]:
    """Yield the timeline's lines, styled.

    Args:
        trace: What was recorded.
        width: Columns of the terminal; the default is 100.
    """
    columns = width or _WIDTH
    listed = rows(trace, start_us=trace.start_us)
    names = _short_names(listed)
    name_width = min(_LONGEST_NAME, max(map(cell_len, names.values()), default=0))
    stamps = {row.at_us: f"T+{format_duration(row.at_us - trace.start_us)}" for row in listed}
    stamp_width = max(map(len, stamps.values()), default=0)
    before_us: int | None = None
    stamped_us: int | None = None
    for row in folded(listed):
        if isinstance(row, Fold):
            yield _fold(row, f"{'⟳':>{stamp_width}}", stamps[row.until_us])
            before_us = row.until_us
            continue
        if before_us is not None and row.at_us - before_us >= _GAP_US:
            yield _gap(row.at_us - before_us, stamp_width)
        stamp = stamps[row.at_us] if row.at_us != stamped_us else ""
        before_us = stamped_us = row.at_us
        name = _cut(names.get(row.instance_id, ""), name_width)
        padding = " " * (name_width - cell_len(name))
        yield from _lines(row, f"{stamp:<{stamp_width}}  {name}{padding} ", columns)


def _fold(fold: Fold, mark: str, until: str) -> Text:
    what = "line" if fold.rows == 1 else f"{fold.rows} lines"
    pace = f", every {format_duration(fold.every_us)} until {until}" if fold.every_us else ""
    return Text(f"{mark}  the last {what}, {fold.times} times more{pace}", style="dim")


def _gap(us: int, indent: int) -> Text:
    return Text(f"{'⋮':>{indent}}  {format_duration(us)} later", style="dim")


def _lines(row: Row, head: str, columns: int) -> Iterator[Text]:
    """Yield a row: one line, but as many as it takes for what went wrong."""
    style = _STYLES[row.kind]
    indent = cell_len(head) + 2
    said = [printable(row.text)]
    if row.kind == "bad" and columns - indent > _SHORTEST_REASON:
        said = textwrap.wrap(said[0], columns - indent) or [""]
    line = Text(head, style="dim")
    line.append(f"{row.mark} {said[0]}", style=style)
    for more in said[1:]:
        yield line
        line = Text(" " * indent)
        line.append(more, style=style)
    room = columns - line.cell_len - 2
    if row.payload and room > _SHORTEST_PAYLOAD:
        line.append("  ")
        line.append(_cut(row.payload, room), style="dim")
    yield line


_SHORTEST_PAYLOAD = 8
_SHORTEST_REASON = 20


def _short_names(listed: list[Row]) -> dict[str, str]:
    """Return how each instance is called."""
    ids = list(dict.fromkeys(row.instance_id for row in listed if row.instance_id))
    return {instance_id: printable(readable(instance_id)) for instance_id in ids}


def _cut(text: str, cells: int) -> str:
    """Return `text` in at most so many columns; characters of East Asia take two."""
    if len(text) <= cells // 2 or cell_len(text) <= cells:
        return text
    return set_cell_size(text, max(0, cells - 1)).rstrip() + "…"

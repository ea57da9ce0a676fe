"""The timeline of a run, for terminals."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import assert_never

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.text import Text

from wfsim.choices import Choice
from wfsim.clock import format_duration
from wfsim.history.printable import printable
from wfsim.report.chart import BarKind
from wfsim.report.columns import Columns
from wfsim.report.folding import Fold, folded
from wfsim.report.lanes import label_of
from wfsim.report.lives import Lives
from wfsim.report.row import Kind, Row
from wfsim.report.rows import Reader
from wfsim.trace import Trace

__all__ = ["render_timeline", "timeline_lines"]

_WIDTH = 100
_LONGEST_NAME = 24
_GAP_US = 3_600_000_000
"""From an hour on, time that passes gets a line of its own."""

_MOST_LANES = 12
_SHORTEST_TEXT = 36
"""So many columns are left for what happened, with the spaces between."""
_SHORTEST_PAYLOAD = 8
_SHORTEST_REASON = 20

_CUT = {"start", "work", "event"}
"""Kinds of rows whose words are cut, as their payloads are; all of the others is shown."""

_BARS: dict[BarKind | None, str] = {"runs": "│", "waits": "┊", "suspended": "┊", None: " "}
_COLOURS = ("cyan", "magenta", "yellow", "green", "blue", "red")
"""Of the lanes' columns, one after the other."""

_STYLES: dict[Kind, str] = {
    "start": "bold cyan",
    "work": "",
    "time": "blue",
    "event": "magenta",
    "good": "bold green",
    "bad": "bold red",
    "note": "dim",
    "finding": "yellow",
    "choice": "bold yellow",
}


def render_timeline(trace: Trace, *, width: int | None = None) -> str:
    """Return the timeline as plain text, the same for the same run everywhere."""
    return "\n".join(line.plain.rstrip() for line in timeline_lines(trace, width=width))


def _unsaid(_: Choice) -> str:
    return ""


def timeline_lines(
    trace: Trace, *, width: int | None = None, choices: Callable[[Choice], str] = _unsaid
) -> Iterator[Text]:
    """Yield the timeline's lines, styled.

    Beside the names there is a column for each instance, entity, agent and function that is alive:
    its sign in its own lines, in the others a bar, whole while something of it takes time and
    dotted while it waits. With more of them than columns, the last column is for all the others.

    Args:
        trace: What was recorded.
        width: Columns of the terminal; the default is 100.
        choices: What is said of a choice of the schedule, at the place where it was made; nothing
            for one that is not shown.
    """
    columns = width or _WIDTH
    listed, changes = _read(trace, choices)
    names = {row.lane: printable(label_of(row.lane_kind, row.instance_id)) for row in listed}
    stamps = {row.at_us: f"T+{format_duration(row.at_us - trace.start_us)}" for row in listed}
    frame = _Frame(
        columns=columns,
        stamp_width=max(map(len, stamps.values()), default=0),
        name_width=min(
            _LONGEST_NAME, max((cell_len(name) for key, name in names.items() if key), default=0)
        ),
    )
    # All lines first: how wide the graph is shows at the end.
    drawn = list(_drawn(listed, changes, frame.lanes))
    stamped_us: int | None = None
    for item, graph in drawn:
        match item:
            case _Gap():
                yield from frame.aside("⋮", f"{format_duration(item.us)} later", graph)
            case Fold():
                yield from frame.aside("⟳", _folded(item, stamps[item.until_us]), graph)
            case Row(kind="choice"):
                yield from frame.aside(item.mark, item.text, graph, style=_STYLES["choice"])
            case Row():
                stamp = stamps[item.at_us] if item.at_us != stamped_us else ""
                stamped_us = item.at_us
                name = names[item.lane] if item.lane else ""
                yield from frame.lines(item, stamp, name, graph)
            case _:
                assert_never(item)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """A lane does something else from now on; None is its end."""

    at_us: int
    lane: str
    state: BarKind | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gap:
    """Time in which nothing happened."""

    us: int


_States = tuple[BarKind | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Graph:
    """The lanes' columns in one line, and in the lines that continue it."""

    states: _States
    mark: int | None = None
    """Column of the line's own sign."""
    is_last: bool = False
    """Whether whoever has the sign ends with it."""


def _read(trace: Trace, choices: Callable[[Choice], str]) -> tuple[list[Row], list[list[_Change]]]:
    """Return the rows, and for each of them how lanes change before it."""
    reader = Reader(trace.start_us, choices)
    lives = Lives(reader.sessions)
    rows: list[Row] = []
    changes: list[list[_Change]] = [[]]
    for record in trace:
        read = list(reader.read(record))
        lane = lives.follow(record)
        change = _Change(at_us=record.at_us, lane=lane, state=lives.state(lane))
        if lane and change.state is not None:
            changes[-1].append(change)
        for row in read:
            rows.append(row)
            changes.append([])
        if lane and change.state is None:
            changes[-1].append(change)  # whoever ends is there in its last line
    return rows, changes


def _drawn(
    rows: list[Row], changes: list[list[_Change]], lanes: Columns
) -> Iterator[tuple[Row | Fold | _Gap, _Graph]]:
    """Yield what is shown, with the lanes' columns as they are then."""
    place = 0
    before_us: int | None = None
    for item in folded(rows):
        if isinstance(item, Fold):
            count = item.rows * item.times
            for index in range(place, place + count):
                _change(lanes, changes[index])
                lanes.visit(rows[index].lane)
            place += count
            before_us = item.until_us
            yield item, _Graph(states=tuple(lanes.states()))
            continue
        due = changes[place]
        if before_us is not None and item.at_us - before_us >= _GAP_US:
            _change(lanes, [change for change in due if change.at_us < item.at_us])
            yield _Gap(us=item.at_us - before_us), _Graph(states=tuple(lanes.states()))
            due = [change for change in due if change.at_us >= item.at_us]
        _change(lanes, due)
        mark = None if item.kind == "choice" else lanes.visit(item.lane)
        place += 1
        is_last = any(
            change.lane == item.lane and change.state is None for change in changes[place]
        )
        yield item, _Graph(states=tuple(lanes.states()), mark=mark, is_last=is_last)
        before_us = item.at_us


def _change(lanes: Columns, changes: list[_Change]) -> None:
    for change in changes:
        lanes.set(change.lane, change.state)


class _Frame:
    """The layout that all lines share: time, name, lanes, text.

    Args:
        columns: Columns of the terminal.
        stamp_width: Of the longest time.
        name_width: Of the longest name.
    """

    def __init__(self, *, columns: int, stamp_width: int, name_width: int) -> None:
        self._columns = columns
        self._stamp_width = stamp_width
        self._name_width = name_width
        room = columns - stamp_width - name_width - _SHORTEST_TEXT
        self.lanes = Columns(most=max(1, min(_MOST_LANES, room // 2)))

    def aside(self, sign: str, text: str, graph: _Graph, *, style: str = "dim") -> Iterator[Text]:
        """Yield lines that are nobody's."""
        head = f"{sign:>{self._stamp_width}}  {' ' * self._name_width} "
        return self._lines(head, [printable(text)], graph, style=style, wraps=True)

    def lines(self, row: Row, stamp: str, name: str, graph: _Graph) -> Iterator[Text]:
        """Yield a row: one line, or as many as it takes to say what went wrong."""
        name = _cut(name, self._name_width)
        padding = " " * (self._name_width - cell_len(name))
        head = f"{stamp:<{self._stamp_width}}  {name}{padding} "
        said = [printable(row.text), row.payload]
        wraps = row.kind not in _CUT
        style = _STYLES[row.kind]
        return self._lines(head, said, graph, mark=row.mark, style=style, wraps=wraps)

    def _lines(
        self,
        head: str,
        said: list[str],
        graph: _Graph,
        *,
        mark: str = "",
        style: str,
        wraps: bool,
    ) -> Iterator[Text]:
        line = Text(head, style="dim")
        self._draw(line, graph, mark=mark, style=style)
        text, *payload = said
        room = self._columns - line.cell_len
        if wraps and room > _SHORTEST_REASON:
            first, *rest = _wrapped(text, room)
        else:
            first, rest = _cut(text, max(room, _SHORTEST_REASON)), []
        line.append(first, style=style)
        for more in rest:
            yield line
            line = Text(" " * cell_len(head))
            self._draw(line, graph)
            line.append(more, style=style)
        room = self._columns - line.cell_len - 2
        if any(payload) and room > _SHORTEST_PAYLOAD:
            line.append("  ")
            line.append(_cut(payload[0], room), style="dim")
        yield line

    def _draw(self, line: Text, graph: _Graph, *, mark: str = "", style: str = "") -> None:
        """Append the lanes' columns and a space."""
        for column in range(self.lanes.width):
            state = graph.states[column] if column < len(graph.states) else None
            if column == graph.mark and (mark or graph.is_last):
                line.append(mark or " ", style=style)
            else:
                colour = _COLOURS[column % len(_COLOURS)]
                line.append(_BARS[state], style=colour if state == "runs" else f"dim {colour}")
            line.append(" ")


def _folded(fold: Fold, until: str) -> str:
    what = "line" if fold.rows == 1 else f"{fold.rows} lines"
    pace = f", every {format_duration(fold.every_us)} until {until}" if fold.every_us else ""
    return f"the last {what}, {fold.times} times more{pace}"


def _wrapped(text: str, cells: int) -> list[str]:
    """Return `text` in pieces of so many columns, cut at spaces where its script has them."""
    if cell_len(text) == len(text):
        return textwrap.wrap(text, cells) or [""]
    return chop_cells(text, cells) or [""]


def _cut(text: str, cells: int) -> str:
    """Return `text` in at most so many columns; characters of East Asia take two."""
    if len(text) <= cells // 2 or cell_len(text) <= cells:
        return text
    return set_cell_size(text, max(0, cells - 1)).rstrip() + "…"

"""A run as a Mermaid sequence diagram, for Markdown pages and reviews."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from wfsim.clock import format_duration
from wfsim.history.printable import printable
from wfsim.report.chart import Arrow, ArrowKind, Bar, Chart, Lane, Mark
from wfsim.report.lanes import LaneKind

__all__ = ["mermaid"]

_MOST_STEPS: Final = 400
_MOST_CHARACTERS: Final = 45_000
"""Mermaid refuses texts of more than 50,000 characters."""
_LONGEST: Final = 80
_LONGEST_NAME: Final = 40
_GAP_US: Final = 3_600_000_000
"""From an hour on, time that passes gets a note of its own."""

_LINES: Final[dict[ArrowKind, str]] = {
    "starts": "->>",
    "calls": "->>",
    "answers": "-->>",
    "signals": "-)",
    "event": "-)",
}
_GIVEN: Final = ("message", "input", "data")
_GOT: Final = ("answer", "result", "output", "failure")
_SHOWN: Final = ("status", "state", *_GOT, *_GIVEN)
_SHOWN_BY_ARROWS: Final = {"start", "event", "work", "good"}

_ANSWER_BY_MARK: Final = {"entity", "agent"}
"""Those whose answers are marks of their callers."""
_BRACKETS: Final = re.compile(r"([\[{]) | ([\]}])")

# Whatever is not certainly plain text becomes an entity: a semicolon ends a line, a colon begins a
# message, "%%" a comment, "$$" a formula, "<br>" a line, and Mermaid's own placeholders for
# entities are letters of other scripts.
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9 .,()\[\]{}=+*@'!?/|_→-]")
_END: Final = re.compile(r"\be(?=nd\b)", re.IGNORECASE)


def mermaid(chart: Chart) -> str:
    """Return a chart as the text of a Mermaid sequence diagram.

    Args:
        chart: What to draw.

    Returns:
        Participants for the lanes, messages for arrows and for what lanes do themselves, notes for
        timers, waits and the passing of time, coloured ones for failures. Texts are cut and
        escaped; of what does not fit into a diagram, a note at the end says how much it is.
    """
    sheet = _Sheet(chart)
    sheet.draw()
    lines = ["sequenceDiagram"]
    title = _text(chart.title)
    if title:
        lines.append(f"title {title}")
    return "\n".join([*lines, *sheet.participants(), *sheet.lines, ""])


@dataclass(slots=True)
class _Sheet:
    chart: Chart
    lines: list[str] = field(default_factory=list[str], init=False)
    _places: dict[str, int] = field(default_factory=dict[str, int], init=False)
    _kinds: dict[str, LaneKind] = field(default_factory=dict[str, LaneKind], init=False)
    _used: set[int] = field(default_factory=set[int], init=False)
    """Places of the lanes that are drawn."""
    _size: int = field(default=0, init=False)
    _steps: int = field(default=0, init=False)
    _left_out: int = field(default=0, init=False)
    _now_us: int = field(default=0, init=False)

    def draw(self) -> None:
        self._places = {lane.key: place for place, lane in enumerate(self.chart.lanes)}
        self._kinds = {lane.key: lane.kind for lane in self.chart.lanes}
        self._now_us = self.chart.start_us
        waits = [bar for bar in self.chart.bars if bar.kind != "runs"][::-1]
        for at_us, step in _steps(self.chart):
            while waits and waits[-1].start_us < at_us:
                self._wait(waits.pop())
            if isinstance(step, Arrow):
                self._message(step, at_us)
            else:
                self._mark(step)
        while waits:
            self._wait(waits.pop())
        if self._left_out:
            steps = "step is" if self._left_out == 1 else "steps are"
            self.lines.append(
                f"    Note over {self._span()}: {self._left_out} more {steps} left out"
            )

    def participants(self) -> Iterator[str]:
        """Yield the declarations of the lanes that are drawn, in the chart's order."""
        for place in sorted(self._used):
            yield _declaration(place, self.chart.lanes[place])

    # --- steps ----------------------------------------------------------------------------------

    def _message(self, arrow: Arrow, at_us: int) -> None:
        payload = _carried(arrow, self.chart, self._kinds[arrow.source])
        text = f"{arrow.label or arrow.kind} {payload}".rstrip()
        between = f"{_LINES[arrow.kind]}{_alias(self._places[arrow.target])}"
        self._add(at_us, "    {}" + between + ": {}", text, arrow.source, arrow.target)

    def _mark(self, mark: Mark) -> None:
        match mark.kind:
            case "work":
                payload = _first(mark, _GOT)
                text = f"{mark.text} → {payload}" if payload else mark.text
                alias = _alias(self._places[mark.lane])
                self._add(mark.at_us, "    {}->>" + alias + ": {}", text, mark.lane)
            case "bad":
                rect = "    rect rgba(220, 60, 60, 0.2)\n        Note over {}: {}\n    end"
                self._add(mark.at_us, rect, mark.text, mark.lane)
            case _:
                payload = _first(mark, _SHOWN)
                text = f"{mark.text} {payload}" if payload else mark.text
                self._add(mark.at_us, "    Note over {}: {}", text, mark.lane)

    def _wait(self, bar: Bar) -> None:
        text = "is suspended" if bar.kind == "suspended" else f"waits for {bar.label}"
        self._add(bar.start_us, "    Note over {}: {}", text, bar.lane)

    def _add(self, at_us: int, line: str, text: str, *lanes: str) -> None:
        """Add a step, if there is room; `line` has places for the first lane and the text."""
        if self._left_out or self._steps >= _MOST_STEPS or self._size > _MOST_CHARACTERS:
            self._left_out += 1
            return
        passed_us, self._now_us = at_us - self._now_us, max(at_us, self._now_us)
        if passed_us >= _GAP_US and self._used:
            later = f"{format_duration(passed_us)} later"
            self.lines.append(f"    Note over {self._span()}: {later}")
        for place in map(self._places.__getitem__, lanes):
            if place not in self._used:
                self._used.add(place)
                self._size += len(_declaration(place, self.chart.lanes[place]))
        when = f"T+{format_duration(at_us - self.chart.start_us)} " if passed_us > 0 else ""
        self.lines.append(line.format(_alias(self._places[lanes[0]]), _text(f"{when}{text}")))
        self._size += len(self.lines[-1])
        self._steps += 1

    def _span(self) -> str:
        """Return the lanes from the first to the last that is drawn."""
        ends = dict.fromkeys((min(self._used), max(self._used)))
        return ",".join(map(_alias, ends))


def _steps(chart: Chart) -> Iterator[tuple[int, Arrow | Mark]]:
    """Yield arrows and marks in order of happening, without the marks that arrows show."""
    known = _known(chart)
    placed = sorted(((*_place(arrow), arrow) for arrow in chart.arrows), key=_order)
    arrows = placed[::-1]
    for mark in chart.marks:
        while arrows and arrows[-1][0] <= mark.number:
            yield arrows.pop()[1:]
        if mark.number not in known:
            yield mark.at_us, mark
    while arrows:
        yield arrows.pop()[1:]


def _place(arrow: Arrow) -> tuple[int, int]:
    """Return before which mark an arrow is drawn, and its time: people wait for answers only."""
    if arrow.kind == "answers":
        return arrow.received_before, arrow.received_us
    return arrow.sent_before, arrow.sent_us


def _order(item: tuple[int, int, Arrow]) -> tuple[int, int]:
    return item[:2]


def _known(chart: Chart) -> set[int]:
    """Return numbers of the marks that say what an arrow or a wait says."""
    kinds = {lane.key: lane.kind for lane in chart.lanes}
    shown: set[tuple[str, int]] = set()
    for arrow in chart.arrows:
        if arrow.kind != "answers":
            shown.add((arrow.target, arrow.received_before))
            shown.add((arrow.source, arrow.sent_before))
        else:
            shown.add((arrow.source, arrow.sent_before - 1))
            if kinds[arrow.source] in _ANSWER_BY_MARK:
                shown.add((arrow.target, arrow.received_before))
    waits = {(bar.lane, bar.start_us) for bar in chart.bars if bar.kind == "waits"}
    return {
        mark.number
        for mark in chart.marks
        if ((mark.lane, mark.number) in shown and mark.kind in _SHOWN_BY_ARROWS)
        or ((mark.lane, mark.at_us) in waits and mark.text.startswith("timer of "))
    }


def _carried(arrow: Arrow, chart: Chart, source: LaneKind) -> str:
    """Return what went with an arrow, as far as one of its ends tells."""
    if arrow.kind != "answers" or source in _ANSWER_BY_MARK:
        place, lane = arrow.received_before, arrow.target
    else:
        place, lane = arrow.sent_before - 1, arrow.source
    if not 0 <= place < len(chart.marks):
        return ""
    mark = chart.marks[place]
    if mark.lane != lane or (source == "function" and arrow.kind == "answers"):
        return ""
    payload = _first(mark, _GOT if arrow.kind == "answers" else _GIVEN)
    return f"→ {payload}" if payload and arrow.kind == "answers" else payload


def _first(mark: Mark, names: tuple[str, ...]) -> str:
    """Return the first payload of such a name, on one line and cut."""
    for name, text in mark.payload:
        if name in names:
            line = " ".join(text[: 2 * _LONGEST].split())
            return "" if line == "null" else _BRACKETS.sub(r"\1\2", line)
    return ""


def _declaration(place: int, lane: Lane) -> str:
    kind = "actor" if lane.kind == "client" else "participant"
    return f"    {kind} {_alias(place)} as {_text(lane.label, _LONGEST_NAME) or _alias(place)}"


def _alias(place: int) -> str:
    return f"P{place + 1}"


def _text(text: str, longest: int = _LONGEST) -> str:
    """Return text of somebody else on one line, cut, without any meaning to Mermaid."""
    # What is cut off needs no cleaning; spaces that run together leave enough of the rest.
    line = printable(" ".join(text[: 4 * longest].split()))
    cut = line if len(line) <= longest else f"{line[: longest - 1]}…"
    return _END.sub(_entity, _UNSAFE.sub(_entity, cut))


def _entity(found: re.Match[str]) -> str:
    return f"#{ord(found[0])};"

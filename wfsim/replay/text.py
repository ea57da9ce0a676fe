"""Verdicts as text for people."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from wfsim.history.printable import printable
from wfsim.replay.results import Difference, ReplayResult, Row, Verdict
from wfsim.replay.summary import Group, Summary

__all__ = ["difference_lines", "group_lines", "result_line", "summary_lines"]

_CELL = 46
"""Columns of a step in the table; what is longer stands below it in full."""
_WIDTH = 100
_INDENT = "  "


def result_line(result: ReplayResult) -> str:
    """Return one line on one history."""
    whose = f"{result.name} {result.instance_id!r}".strip() if result.name else ""
    events, borders = _many(result.events, "event"), _many(result.turns, "turn border")
    size = f"{events}, {borders}" if result.events else "a checkpoint"
    what = f"{whose}: {size}" if whose else result.why
    return printable(f"{result.verdict:<14} {result.source}  {what}")


def difference_lines(found: Difference) -> Iterator[str]:
    """Yield the lines that explain a difference: where, both sides, what to do."""
    place = f"{found.place}, " if found.place else ""
    yield f"{place}turn {found.turn}, step {found.step}: {found.kind}"
    if found.rows:
        yield from _table(found.rows)
    else:
        yield f"  recorded: {found.recorded}"
        yield f"  today:    {found.replayed}"
    if found.host:
        yield from _wrapped("the host would say: ", found.host)
    elif not found.kind.is_tolerated:
        yield "the host itself would notice nothing"
    for number, way in enumerate(found.ways_out):
        yield from _wrapped("ways out: - " if number == 0 else "          - ", way)


def _wrapped(head: str, text: str) -> Iterator[str]:
    lines = textwrap.wrap(text, _WIDTH - len(head)) or [""]
    yield f"{head}{lines[0]}"
    yield from (f"{' ' * len(head)}{line}" for line in lines[1:])


def _table(rows: Sequence[Row]) -> Iterator[str]:
    cells = [(row, _cut(row.recorded), _cut(row.replayed)) for row in rows]
    width = max(len("recorded"), *(len(cell) for _, cell, _ in cells))
    yield f"     {'recorded':<{width}}  today"
    for row, one, other in cells:
        mark = "→" if row.differs else " "
        yield f"{mark}{row.step:>3} {one:<{width}}  {other}".rstrip()
    for row in rows:
        if row.differs and max(len(row.recorded), len(row.replayed)) > _CELL:
            yield f"     recorded: {row.recorded}"
            yield f"     today:    {row.replayed}"


def _cut(cell: str) -> str:
    plain = printable(cell)
    return plain if len(plain) <= _CELL else f"{plain[: _CELL - 1]}…"


def group_lines(group: Group) -> Iterator[str]:
    """Yield the lines on histories with one difference; the first is the headline."""
    count = "" if group.count == 1 else f"{group.count:,} times "
    name = f"{group.name}: " if group.name else ""
    yield printable(f"{group.verdict:<14} {count}{name}{group.headline}")
    if group.difference is not None:
        for line in difference_lines(group.difference):
            yield printable(f"{_INDENT}{line}")
    if group.difference is None and group.count == 1:
        yield printable(f"{_INDENT}in {group.samples[0][0]}")
        return
    yield printable(f"{_INDENT}in {_where(group)}")


def _where(group: Group) -> str:
    named = [f"{source} ({whose})" if whose else str(source) for source, whose in group.samples]
    shown = named if group.count <= len(named) else named[:2]
    more = group.count - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")


def summary_lines(summary: Summary) -> Iterator[str]:
    """Yield the closing lines: counts, and what no history could tell."""
    counts = [
        f"{summary.counts[verdict]:,} {verdict}" for verdict in Verdict if summary.counts[verdict]
    ]
    yield f"{_many(summary.total, 'history', 'histories')}: {', '.join(counts) or 'none'}"
    for what, count in sorted(summary.not_compared.items()):
        of = "" if count == summary.total else f" (in {count:,} of them)"
        yield from _wrapped("not compared: ", f"{what}{of}")


def _many(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"

"""Traces of wfsim: everything is kept, and every orchestration of the run is a history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from wfsim.errors import UsageError
from wfsim.history import HistoryEvent, RuntimeStatus
from wfsim.replay.formats.build import built
from wfsim.replay.formats.fields import Damaged, sentence
from wfsim.replay.records import RecordedHistory, Source, Unreadable
from wfsim.trace import HistoryAppended, Trace, trace_of

__all__ = ["is_trace", "of_trace", "read_trace"]


def is_trace(first_line: str) -> bool:
    """Whether a file that begins so is a trace."""
    return '"wfsim-trace"' in first_line


def read_trace(path: Path, lines: Iterable[str]) -> Iterator[RecordedHistory | Unreadable]:
    """Yield the histories of a trace file; a damaged file is one `Unreadable`.

    Args:
        path: The file.
        lines: What it holds, whatever its encoding.
    """
    try:
        trace = trace_of((line.rstrip("\r\n") for line in lines), name=str(path))
    except UsageError as error:
        what = str(error).removeprefix(f"{path}, ")
        position, colon, why = what.partition(": ")
        if not (colon and position.startswith("line ")):
            position, why = "", what
        yield Unreadable(source=Source(path=str(path), position=position), why=sentence(why))
        return
    yield from of_trace(trace, path=str(path))


def of_trace(trace: Trace, *, path: str) -> Iterator[RecordedHistory | Unreadable]:
    """Yield one history for each generation of each orchestration.

    Args:
        trace: What happened.
        path: How it is called.
    """
    generations: dict[tuple[str, str], list[HistoryEvent]] = {}
    for record in trace:
        if isinstance(record, HistoryAppended):
            key = record.instance_id, record.execution_id
            generations.setdefault(key, []).append(record.event)
    latest = dict(generations.keys())
    for (instance_id, execution_id), events in generations.items():
        source = Source(path=path, position=f"instance {instance_id}")
        is_latest = latest[instance_id] == execution_id
        try:
            history = built(events, source=source)
        except Damaged as damage:
            yield Unreadable(source=source, why=sentence(damage.why), instance_id=instance_id)
            continue
        if not is_latest and not history.is_over:
            history = replace(history, status=RuntimeStatus.CONTINUED_AS_NEW)
        yield history

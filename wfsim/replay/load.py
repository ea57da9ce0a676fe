"""Reads recorded histories, whatever wrote them; what they are is told by their content."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

from wfsim.errors import UsageError
from wfsim.replay.corpus import is_corpus
from wfsim.replay.corpus.read import read_corpus
from wfsim.replay.formats.export import (
    export_history,
    is_event,
    is_export,
    is_head,
    whole_export,
)
from wfsim.replay.formats.fields import Damaged, as_object, sentence
from wfsim.replay.formats.status import is_status, status_history
from wfsim.replay.formats.table import Row, is_row, table_histories
from wfsim.replay.formats.traces import is_trace, of_trace, read_trace
from wfsim.replay.records import RecordedCheckpoint, RecordedHistory, Source, Unreadable
from wfsim.trace import Trace

__all__ = ["Loaded", "history_of", "load_histories", "load_history"]

Loaded = RecordedHistory | RecordedCheckpoint | Unreadable

_UNDERSTOOD: Final = (
    "Histories are read from traces of wfsim, the status JSON of the HTTP API (with "
    "showHistory=true&showHistoryOutput=true), exports of the Azure Storage history table (CSV, "
    "JSON, JSON lines), history exports of durabletask, corpus files of `wfsim record`, and the "
    "folders of Agent Framework's FileCheckpointStorage."
)
_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def load_history(path: str | Path) -> RecordedHistory:
    """Return the one history in a file.

    Args:
        path: The file; see `load_histories` for what it may be.

    Raises:
        UsageError: there is no such file, it holds no history or several, or it is damaged.
    """
    found = list(load_histories(path))
    for item in found:
        if isinstance(item, Unreadable):
            raise UsageError(f"{item.source}: {item.why}")
    histories = [item for item in found if isinstance(item, RecordedHistory)]
    if len(histories) != 1 or len(found) != 1:
        ids = ", ".join(repr(item.instance_id) for item in histories[:8])
        raise UsageError(
            f"{str(path)!r} holds {len(histories)} histories{f' ({ids})' if ids else ''}, not one. "
            "Read them with load_histories(path)."
        )
    return histories[0]


def load_histories(path: str | Path) -> Iterator[Loaded]:
    """Yield the histories in a file, or in all files in and below a folder, sorted by name.

    Of a folder, files that are something else altogether are left out.

    Files that go line by line, and exports with each instance's rows together, are read as they are
    needed, so that memory does not grow with their size.

    Args:
        path: A trace of wfsim; the status JSON of one or many instances; an export of the history
            table as CSV, JSON or JSON lines; a history export of durabletask; a corpus file. Any of
            them may be compressed with gzip.

    Yields:
        Histories, checkpoints of Agent Framework's workflows, and an `Unreadable` for each damaged
        one, with its place.

    Raises:
        UsageError: there is no such file or folder.
    """
    path = Path(path)
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
            if file.is_file() and not hidden:
                yield from (item for item in _of_file(file) if not _is_foreign(item))
    elif path.exists():
        yield from _of_file(path)
    else:
        raise UsageError(f"There is no file or folder {str(path)!r} with histories.")


def history_of(value: object) -> RecordedHistory:
    """Return the history in an object: a trace of one run, or the status of an instance.

    Args:
        value: A `Trace`; a `DurableOrchestrationStatus`, as the SDK's client returns it for
            `get_status(id, show_history=True, show_history_output=True, show_input=True)`; or the
            status as a dict.

    Raises:
        UsageError: it holds no history, or several.
    """
    source = Source(path=f"<{type(value).__name__}>")
    if isinstance(value, Trace):
        found = list(of_trace(value, path=source.path))
        if len(found) == 1 and isinstance(found[0], RecordedHistory):
            return found[0]
        raise UsageError(
            f"The trace holds {len(found)} histories, not one. Save it, and read them with "
            "load_histories(path)."
        )
    shown = _as_status(value)
    if shown is None:
        raise UsageError(f"{value!r} is no status of an instance. {_UNDERSTOOD}")
    try:
        return status_history(shown, source)
    except Damaged as damage:
        raise UsageError(f"{_placed(source, damage)}: {sentence(damage.why)}") from None


def _as_status(value: object) -> dict[str, object] | None:
    if isinstance(value, dict):
        return cast("dict[str, object]", value)
    to_json: Any = getattr(value, "to_json", None)
    if not callable(to_json):
        return None
    # The SDK keeps the history in an attribute that its JSON leaves out.
    events = getattr(value, "historyEvents", None) or getattr(value, "history", None)
    return {**cast("dict[str, object]", to_json()), "historyEvents": events}


# --- files ---------------------------------------------------------------------------------------


def _of_file(path: Path) -> Iterator[Loaded]:
    source = Source(path=str(path))
    try:
        with _open(path) as lines:
            first = _first_line(lines)
            lines.seek(0)
            yield from _recognised(path, first, lines)
    except UnicodeDecodeError as error:
        why = f"It is not {error.encoding.upper()}. Save the file as UTF-8, or export it anew."
        yield Unreadable(source=Source(path=str(path), position=_bad_byte(path)), why=why)
    except (OSError, EOFError, zlib.error) as error:
        yield Unreadable(source=source, why=f"It cannot be read: {error}.")


def _bad_byte(path: Path) -> str:
    content = path.read_bytes()
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return f"byte {error.start}"
    return ""


def _open(path: Path) -> io.TextIOWrapper:
    with path.open("rb") as raw:
        head = raw.read(4)
    if head[:2] == b"\x1f\x8b":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    encoding = next((name for bom, name in _BOMS if head.startswith(bom)), "utf-8")
    return path.open(encoding=encoding, newline="")


def _first_line(lines: io.TextIOWrapper) -> str:
    return next((line for line in lines if line.strip()), "")


def _recognised(path: Path, first: str, lines: io.TextIOWrapper) -> Iterator[Loaded]:
    start = first.lstrip()
    if not start:
        yield _foreign(path, "The file is empty.")
    elif is_trace(start):
        yield from read_trace(path, lines)
    elif start[0] in "{[":
        yield from _json(path, start, lines)
    elif is_row(next(csv.reader([start]))):
        yield from table_histories(lambda: _csv_rows(lines), path)
    elif is_corpus(start):
        yield _corpus(path)
    else:
        yield _foreign(path, "This is no history.")


def _foreign(path: Path, why: str, position: str = "") -> Unreadable:
    source = Source(path=str(path), position=position)
    return Unreadable(source=source, why=f"{why} {_UNDERSTOOD}", is_foreign=True)


def _is_foreign(item: Loaded) -> bool:
    return isinstance(item, Unreadable) and item.is_foreign


def _corpus(path: Path) -> Loaded:
    try:
        return read_corpus(path)
    except UsageError as error:
        line, _, why = str(error).removeprefix(f"{path}:").partition(": ")
        return Unreadable(source=Source(path=str(path), position=f"line {line}"), why=why)


def _csv_rows(lines: io.TextIOWrapper) -> Iterator[Row]:
    lines.seek(0)
    reader = csv.DictReader(lines)
    while True:
        try:
            values = next(reader, None)
        except csv.Error as error:
            damage = f"it is not CSV from here on: {error}"
            yield Row(position=f"line {reader.line_num}", values={}, damage=damage)
            return
        if values is None:
            return
        # With too few or too many cells, nobody knows which column is which. Nor can CSV tell an
        # empty cell from one that is not there.
        is_whole = None not in values and None not in values.values()
        damage = "" if is_whole else "it has not as many cells as the first line"
        filled = {name: value for name, value in values.items() if value} if is_whole else {}
        yield Row(position=f"line {reader.line_num}", values=filled, damage=damage)


# --- JSON ----------------------------------------------------------------------------------------


def _json(path: Path, first: str, lines: io.TextIOWrapper) -> Iterator[Loaded]:
    """Read a document, or lines of which each is one."""
    try:
        value: object = json.loads(first)
    except ValueError:
        value = None  # the document goes on in the next line
    if isinstance(value, dict):
        rest = iter(lines)
        next(line for line in rest if line.strip())
        second = _first_line(lines)
        lines.seek(0)
        if second:
            yield from _json_lines(path, cast("dict[str, object]", value), lines)
            return
    yield from _document(path, lines.read())


def _json_lines(
    path: Path, first: Mapping[str, object], lines: io.TextIOWrapper
) -> Iterator[Loaded]:
    objects = _objects(lines)
    if is_head(first) or is_event(first):
        yield _one(path, lambda source: _exported(objects, source))
    elif is_row(first):
        yield from table_histories(lambda: _rows(_objects(lines)), path)
    else:
        for position, value in objects:
            yield _of_object(path, position, value)


def _objects(lines: io.TextIOWrapper) -> Iterator[tuple[str, object]]:
    lines.seek(0)
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield f"line {number}", json.loads(line)
            except (ValueError, RecursionError) as error:
                yield f"line {number}", Damaged(f"it is not JSON ({error})", f"line {number}")


def _rows(objects: Iterator[tuple[str, object]]) -> Iterator[Row]:
    for position, value in objects:
        if isinstance(value, dict):
            yield Row(position=position, values=cast("dict[str, object]", value))
        else:
            why = value.why if isinstance(value, Damaged) else "it is no row"
            yield Row(position=position, values={}, damage=why)


def _exported(objects: Iterator[tuple[str, object]], source: Source) -> RecordedHistory:
    instance_id = ""
    items: list[tuple[str, object]] = []
    for where, value in objects:
        if isinstance(value, Damaged):
            raise value
        values = as_object(value, where)
        if is_head(values):
            instance_id = str(values["instance_id"])
        else:
            items.append((where, values))
    return export_history(items, source, instance_id=instance_id)


def _document(path: Path, text: str) -> Iterator[Loaded]:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        ends = " It ends too early." if text.rstrip()[-1:] not in {"}", "]"} else ""
        why = f"It is not JSON ({error}).{ends}"
        yield Unreadable(source=Source(path=str(path), position=where), why=why)
        return
    whole = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    inner = whole.get("items", whole.get("value"))  # of az and of the table's own API
    listed = inner if isinstance(value, dict) else value
    if isinstance(listed, list):
        yield from _of_list(path, cast("list[object]", listed))
    else:
        yield _of_object(path, "", whole)


def _of_list(path: Path, items: Sequence[object]) -> Iterator[Loaded]:
    first = cast("dict[str, object]", items[0]) if items and isinstance(items[0], dict) else {}
    named = _named(items)
    if is_row(first):
        yield from table_histories(lambda: _rows(_named(items)), path)
    elif is_event(first):
        yield _one(path, lambda source: export_history(named, source))
    elif not items:
        yield _foreign(path, "It is an empty list.")
    else:
        for position, item in named:
            yield _of_object(path, position, item)


def _named(items: Sequence[object]) -> Iterator[tuple[str, object]]:
    return ((f"item {number}", item) for number, item in enumerate(items, 1))


def _of_object(path: Path, position: str, value: object) -> Loaded:
    if isinstance(value, Damaged):
        return Unreadable(source=Source(path=str(path), position=position), why=sentence(value.why))
    values = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    if "graph_signature_hash" in values and "checkpoint_id" in values:
        return RecordedCheckpoint(
            source=Source(path=str(path), position=position),
            workflow=str(values.get("workflow_name") or ""),
            checkpoint_id=str(values["checkpoint_id"]),
        )
    if is_status(values):
        return _one(path, lambda source: status_history(values, source), position, values)
    if is_export(values):
        return _one(path, lambda source: whole_export(values, source), position, values)
    return _foreign(path, "This is no history.", position)


def _one(
    path: Path,
    read: Callable[[Source], RecordedHistory],
    position: str = "",
    values: Mapping[str, object] | None = None,
) -> Loaded:
    source = Source(path=str(path), position=position)
    try:
        return read(source)
    except Damaged as damage:
        whose = str((values or {}).get("instanceId") or "")
        return Unreadable(
            source=_placed(source, damage), why=sentence(damage.why), instance_id=whose
        )


def _placed(source: Source, damage: Damaged) -> Source:
    where = ", ".join(part for part in (source.position, damage.where) if part)
    return Source(path=source.path, position=where)

"""Exports of the Azure Storage history table: CSV, JSON or JSON lines, as the storage tools write.

A row is an event. `PartitionKey` is the instance, `RowKey` orders its rows, `ExecutionId` tells its
generations apart; the row "sentinel" names the latest one and is no event. What is too long for a
row is a blob, whose name stands in a column of its own.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from urllib.parse import quote

from wfsim.history import HistoryEvent, RuntimeStatus
from wfsim.replay.formats.build import built
from wfsim.replay.formats.events import event_of
from wfsim.replay.formats.fields import Damaged, Fields, sentence
from wfsim.replay.records import RecordedHistory, Source, Unreadable

__all__ = ["Row", "is_row", "table_histories"]

_SENTINEL: Final = "sentinel"
_BLOB: Final = "BlobName"
_STEPS: Final = ("TaskScheduled", "SubOrchestrationInstanceCreated")
_FOR_PEOPLE: Final = ("Correlation", "Details", "FailureDetails", "Tags")
_CASES: Final = {"partitionkey": "PartitionKey", "rowkey": "RowKey"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table."""

    position: str
    """Where it was read: "line 12" or "item 3"."""
    values: Mapping[str, object]
    damage: str = ""
    """Why it is no row."""


@dataclass(slots=True)
class _Instance:
    rows: list[tuple[str, str, Fields]] = field(default_factory=list[tuple[str, str, Fields]])
    """Execution, row key, and fields."""
    latest: str = ""
    damages: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


def is_row(names: Iterable[str]) -> bool:
    """Whether these are names of columns of the table."""
    return {"partitionkey", "rowkey"} <= {name.strip().casefold() for name in names}


def table_histories(
    rows: Callable[[], Iterator[Row]], path: Path
) -> Iterator[RecordedHistory | Unreadable]:
    """Yield the histories in rows, in the order in which instances appear.

    Rows are looked through once: where each instance's stand together, as in the exports of the
    storage tools, no more than one instance is kept at a time; else all are.

    Args:
        rows: Reads the rows from the first on, as often as it is called.
        path: The export; blobs are looked for beside it.
    """
    if _are_together(rows()):
        groups: Iterable[tuple[str, _Instance]] = _one_by_one(rows(), path)
    else:
        found: dict[str, _Instance] = {}
        for instance_id, instance in _one_by_one(rows(), path):
            known = found.setdefault(instance_id, _Instance())
            known.rows += instance.rows
            known.damages += instance.damages
            known.latest = instance.latest or known.latest
        groups = found.items()
    for instance_id, instance in groups:
        yield from _histories(instance, instance_id, path)


def _are_together(rows: Iterable[Row]) -> bool:
    """Whether no instance's rows begin again after those of another one."""
    seen: set[str] = set()
    latest = ""
    for row in rows:
        instance_id = _owner(row)
        if instance_id is not None and instance_id != latest:
            if instance_id in seen:
                return False
            seen.add(instance_id)
            latest = instance_id
    return True


def _owner(row: Row) -> str | None:
    """Return the instance that a row belongs to, if that can be told."""
    for name, value in row.values.items():
        if name.strip().casefold() == "partitionkey" and isinstance(value, str) and value:
            return value
    return None


def _one_by_one(rows: Iterable[Row], path: Path) -> Iterator[tuple[str, _Instance]]:
    current, whose = _Instance(), ""
    lost: list[tuple[str, str]] = []
    for row in rows:
        owner = _owner(row)
        if owner is not None and owner != whose:
            if current.rows or current.damages:
                yield whose, current
            # A row of nobody may have been this one's first, or the one's before last.
            current, whose = _Instance(damages=lost), owner
        lost = []
        fields = _fields(row, path.parent)
        if isinstance(fields, Damaged):
            current.damages.append((fields.where, fields.why))
            lost = [] if owner else [(fields.where, fields.why)]
        else:
            _take(current, fields)
    if current.rows or current.damages:
        yield whose, current


def _fields(row: Row, folder: Path) -> Fields | Damaged:
    if row.damage:
        return Damaged(row.damage, row.position)
    values = {
        _CASES.get(name.strip().casefold(), name.strip()): value
        for name, value in row.values.items()
        if "@" not in name  # the type of another column
        and value != ""  # emptied, since the content is in a blob
    }
    try:
        plain = Fields({**values, **_blobs(values, folder)}, row.position)
        plain.text("PartitionKey")
        plain.need("RowKey")
    except Damaged as damage:
        return Damaged(damage.why, row.position)
    return plain


def _blobs(values: Mapping[str, object], folder: Path) -> dict[str, str]:
    """Return the contents of columns that are kept in blobs beside the export."""
    found: dict[str, str] = {}
    for name, value in values.items():
        if name.endswith(_BLOB) and isinstance(value, str) and value:
            column = name.removesuffix(_BLOB)
            try:
                found[column] = _blob(value, folder)
            except Damaged:
                if not _can_miss(column, values):
                    raise
    return found


def _can_miss(column: str, values: Mapping[str, object]) -> bool:
    """Whether a replay goes as well without a column: what a step was given is only compared."""
    given = column == "Input" and values.get("EventType") in _STEPS
    return given or column in _FOR_PEOPLE


def _blob(name: str, folder: Path) -> str:
    for candidate in (name, quote(name, safe="/"), name.rpartition("/")[2]):
        path = folder / candidate
        if path.is_file():
            content = path.read_bytes()
            try:
                plain = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
                return plain.decode("utf-8-sig")
            except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
                raise Damaged(f"the blob {name!r} cannot be read: {error}") from None
    raise Damaged(
        f"its content is in the blob {name!r}, which is not beside the export. Download it from "
        "the container <hub>-largemessages, keeping its path"
    )


def _take(instance: _Instance, fields: Fields) -> None:
    key = str(fields.get("RowKey"))
    if key.casefold() == _SENTINEL:
        instance.latest = str(fields.get("ExecutionId") or "")
        return
    instance.rows.append((str(fields.get("ExecutionId") or ""), key, fields))


def _histories(
    instance: _Instance, instance_id: str, path: Path
) -> Iterator[RecordedHistory | Unreadable]:
    if instance.damages:
        # Without one of its rows, a history would tell lies about what was decided.
        where, why = instance.damages[0]
        source = Source(path=str(path), position=where)
        yield Unreadable(source=source, why=sentence(why), instance_id=instance_id)
        return
    if instance_id.startswith("@"):
        return  # an entity is an instance, too, but no orchestration
    executions = list(dict.fromkeys(execution for execution, _, _ in instance.rows))
    # Of older executions the host leaves rows lying about; only those that are whole are histories.
    begun = {execution for execution, _, fields in instance.rows if _begins(fields)}
    executions = [item for item in executions if item in begun] or executions
    latest = instance.latest or (executions[-1] if executions else "")
    for execution in executions:
        rows = [row for row in instance.rows if row[0] == execution]
        yield _history(
            [fields for _, _, fields in sorted(rows, key=lambda row: row[1])],
            execution=execution,
            instance_id=instance_id,
            path=path,
            is_latest=execution == latest,
        )


def _begins(fields: Fields) -> bool:
    return str(fields.get("EventType")) in {"ExecutionStarted", "0"}


def _history(
    rows: Iterable[Fields], *, execution: str, instance_id: str, path: Path, is_latest: bool
) -> RecordedHistory | Unreadable:
    source = Source(path=str(path), position=f"instance {instance_id}")
    events: list[HistoryEvent] = []
    try:
        for fields in rows:
            event = event_of(fields)
            if event is not None:
                events.append(event)
        history = built(events, source=source, instance_id=instance_id, execution_id=execution)
    except Damaged as damage:
        position = damage.where or source.position
        return Unreadable(
            source=Source(path=str(path), position=position),
            why=sentence(damage.why),
            instance_id=instance_id,
        )
    if is_latest or history.is_over:
        return history
    return replace(history, status=RuntimeStatus.CONTINUED_AS_NEW)

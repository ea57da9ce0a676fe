"""Exports of the Azure Storage history table: CSV, JSON or JSON lines, as the storage tools write.

A row is an event. `PartitionKey` is the instance, `RowKey` orders its rows, `ExecutionId` tells its
generations apart; the row "sentinel" names the latest one and is no event. What is too long for a
row is a blob, whose name stands in a column of its own.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Mapping
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


def table_histories(rows: Iterable[Row], path: Path) -> Iterator[RecordedHistory | Unreadable]:
    """Yield the histories in rows, in the order in which instances appear.

    An instance is told as soon as the next one begins, if the export has each one's rows together,
    as those of the storage tools have; an instance that comes again is a second history then.

    Args:
        rows: The rows; those of one instance together, in any order.
        path: The export; blobs are looked for beside it.
    """
    current, whose = _Instance(), ""
    for row in rows:
        fields = _fields(row, path.parent)
        if isinstance(fields, Damaged):
            current.damages.append((fields.where, fields.why))
            continue
        instance_id = str(fields.get("PartitionKey") or "")
        if instance_id != whose:
            yield from _histories(current, whose, path)
            current, whose = _Instance(), instance_id
        _take(current, fields)
    yield from _histories(current, whose, path)


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
            except (OSError, EOFError, UnicodeDecodeError) as error:
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

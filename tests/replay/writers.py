"""Writes histories as others write them, for the loaders to read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from wfsim.history import ExecutionStarted, HistoryEvent
from wfsim.history.jsontext import parse
from wfsim.replay import RecordedHistory
from wfsim.workers.azure_functions.webhooks.history_events import history_events
from wfsim.workers.azure_functions.wire import event_json

__all__ = ["export_lines", "net_lines", "status_of", "table_csv", "table_rows"]


def _wire(events: Sequence[HistoryEvent]) -> list[dict[str, Any]]:
    return [event_json(event, is_played=False, store_inputs=True) for event in events]


def status_of(history: RecordedHistory, *, store_inputs: bool = True) -> dict[str, Any]:
    """Return the status JSON, as `serve` and the host answer with all that can be asked for."""
    shown = history_events(
        history.events, show_input=True, show_output=True, store_inputs=store_inputs
    )
    return {
        "name": history.name,
        "instanceId": history.instance_id,
        "runtimeStatus": str(history.status).replace("ContinuedAsNew", "Running"),
        "input": parse(history.started.input),
        "customStatus": None,
        "output": None,
        "createdTime": "2000-01-01T00:00:00Z",
        "lastUpdatedTime": "2000-01-01T00:00:00Z",
        "historyEvents": shown,
    }


def table_rows(history: RecordedHistory) -> list[dict[str, Any]]:
    """Return the rows of the history table, the sentinel included."""
    execution = history.started.execution_id
    rows: list[dict[str, Any]] = []
    for number, (event, fields) in enumerate(
        zip(history.events, _wire(history.events), strict=True)
    ):
        row = {
            name: json.dumps(value) if isinstance(value, dict) else value
            for name, value in fields.items()
            if value is not None
        }
        row |= {
            "PartitionKey": history.instance_id,
            "RowKey": f"{number:016X}",
            "ExecutionId": execution,
            "EventType": type(event).__name__,
            "_Timestamp": row.pop("Timestamp"),
            "Timestamp": "2030-01-01T00:00:00Z",
        }
        rows.append(row)
    sentinel = {"PartitionKey": history.instance_id, "RowKey": "sentinel", "ExecutionId": execution}
    return [*rows, sentinel]


def table_csv(histories: Sequence[RecordedHistory]) -> str:
    """Return an export with the columns' types, as storage explorers write it."""
    rows = [row for history in histories for row in table_rows(history)]
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = [column for name in names for column in (name, f"{name}@type")]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    for row in rows:
        writer.writerow({**row, **{f"{name}@type": "Edm.String" for name in row}})
    return text.getvalue()


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


def _renamed(value: Any, rename: Any) -> Any:
    if isinstance(value, dict):
        return {rename(name): _renamed(item, rename) for name, item in value.items()}
    return value


def export_lines(history: RecordedHistory) -> list[str]:
    """Return the lines of Python's `durabletask.extensions.history_export`."""
    head = {"instance_id": history.instance_id, "kind": "metadata", "schema_version": "1.0"}
    lines = [json.dumps(head)]
    for event, fields in zip(history.events, _wire(history.events), strict=True):
        body = _renamed(fields, _snake)
        del body["is_played"]
        name = type(event).__name__
        body["event_type"] = name if name.endswith("Event") else f"{name}Event"
        lines.append(json.dumps(body, sort_keys=True))
    return lines


def net_lines(history: RecordedHistory) -> list[str]:
    """Return the lines of .NET's `Microsoft.DurableTask.ExportHistory`: no head, no nulls."""
    lines: list[str] = []
    for event, fields in zip(history.events, _wire(history.events), strict=True):
        body = {
            name[:1].lower() + name[1:]: value
            for name, value in _renamed(fields, lambda name: name).items()
            if value is not None
        }
        body["eventType"] = type(event).__name__
        lines.append(json.dumps(body))
    assert any(isinstance(event, ExecutionStarted) for event in history.events)
    return lines

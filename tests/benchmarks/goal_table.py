"""The rows as a table for people, and as JSON that later runs compare with."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table

from tests.benchmarks.goals import Measured

__all__ = ["rows_as_json", "rows_before", "show_rows"]

_SLOWER: Final = 1.2
"""From this factor on a row counts as slower than before."""
_PACKAGES: Final = (
    "wfsim",
    "azure-functions-durable",
    "azure-functions",
    "agent-framework-core",
    "durabletask",
    "temporalio",
)


def show_rows(rows: Sequence[Measured], before: Mapping[str, float], console: Console) -> None:
    """Print one line for each row.

    Args:
        rows: What was measured.
        before: Seconds of an earlier run, by row.
        console: Where to.
    """
    table = Table(title="What wfsim reaches", box=box.SIMPLE_HEAD)
    table.add_column("work", min_width=30)
    for name in ("wfsim", "beside", "measured", "aim", ""):
        table.add_column(name, justify="right", no_wrap=True)
    if before:
        table.add_column("before", justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*_cells(row), *([_before(row, before)] if before else []))
    console.print(table)


def _cells(row: Measured) -> list[str]:
    sign = "≥" if row.unit in {"x the peer", "/s"} else "≤"
    mark = {True: "✓", False: "✗", None: "?"}[row.is_reached]
    return [
        row.name,
        _time(row.ours),
        "-" if row.other is None else _time(row.other),
        "-" if row.value is None else _value(row.value, row.unit),
        f"{sign} {_value(row.aim, row.unit)}",
        mark,
    ]


def _value(value: float, unit: str) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f}{'' if unit.startswith('/') else ' '}{unit}"


def _time(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f} us"


def _before(row: Measured, before: Mapping[str, float]) -> str:
    known = before.get(row.name)
    if known is None:
        return "-"
    return f"{_time(known)}{' slower!' if row.ours > _SLOWER * known else ''}"


def rows_as_json(rows: Sequence[Measured]) -> dict[str, object]:
    """Return all that was measured, with what it was measured on."""
    return {
        "format": "wfsim-benchmarks",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: _version(name) for name in _PACKAGES},
        "rows": [asdict(row) | {"is_reached": row.is_reached} for row in rows],
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def rows_before(path: Path) -> dict[str, float]:
    """Return the seconds of each row in a file that `--json` wrote.

    Raises:
        SystemExit: it is none.
    """
    try:
        data: Any = json.loads(path.read_text(encoding="utf-8"))
        return {row["name"]: float(row["ours"]) for row in data["rows"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SystemExit(f"--against {path}: no file that --json has written ({error}).") from None

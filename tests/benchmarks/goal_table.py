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

from tests.benchmarks.measured import Measured, Unit

__all__ = ["rows_as_json", "rows_before", "show_rows"]

_WORSE: Final = 1.2
"""From this factor on a row counts as worse than before."""
_BUSY: Final = 0.5
"""From this load on each core, others take time from what is measured."""
_MEANT_MS: Final = 12
_PACKAGES: Final = (
    "wfsim",
    "azure-functions-durable",
    "azure-functions",
    "agent-framework-core",
    "durabletask",
    "temporalio",
    "rich",
)


def show_rows(
    rows: Sequence[Measured], before: Mapping[str, float], console: Console, *, load: float = 0
) -> None:
    """Print one line for each row.

    Args:
        rows: What was measured.
        before: What an earlier run took, by row, from `rows_before`.
        console: Where to.
        load: The machine's load average before anything was measured.
    """
    cores = os.cpu_count() or 1
    table = Table(title="What wfsim reaches", box=box.SIMPLE_HEAD)
    notes = [_speed(row) for row in rows if row.unit == "x the floor" and row.other is not None]
    if load > _BUSY * cores:
        notes.append(
            f"The machine was busy before this began: a load of {load:.1f} on {cores} cores.\n"
            "Times are too long, and ratios to a peer may mislead."
        )
    table.caption = "\n".join(notes) or None
    table.add_column("work", min_width=30)
    for name in ("wfsim", "peer", "ratio", "aim", "reached"):
        table.add_column(name, justify="right", no_wrap=True)
    if before:
        table.add_column("before", justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*_cells(row), *([_before(row, before)] if before else []))
    console.print(table)


def _speed(floor: Measured) -> str:
    """Say how fast the machine is: aims that are no ratios were set on one of a certain speed."""
    return (
        f"Aims in ms and per second are meant where the SDK alone takes {_MEANT_MS} ms for a chain "
        f"of 1,000;\nhere it took {_time(floor.other or 0)} for the chain above."
    )


def _cells(row: Measured) -> list[str]:
    return [
        row.name,
        _cost(row.cost, row.unit),
        _cost(row.other, row.unit),
        _ratio(row.ratio),
        _aim(row),
        {True: "yes", False: "no", None: "-"}[row.is_reached],
    ]


def _ratio(ratio: float | None) -> str:
    if ratio is None:
        return "-"
    digits = 0 if ratio >= 100 else 1 if ratio >= 10 else 2
    return f"{ratio:,.{digits}f} x"


def _aim(row: Measured) -> str:
    if row.aim is None:
        return "-"
    sign = "≥" if row.is_more_better else "≤"
    return f"{sign} {row.aim:,g}{'' if row.unit == '/s' else ' '}{row.unit}"


def _cost(cost: float | None, unit: Unit) -> str:
    """Write megabytes or seconds down as the aim is meant: as a size, a rate or a time."""
    if cost is None:
        return "-"
    if unit == "MB":
        return f"{cost:,.0f} MB"
    return f"{1 / cost:,.0f}/s" if unit == "/s" else _time(cost)


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.2f} ms"


def _before(row: Measured, before: Mapping[str, float]) -> str:
    known = before.get(row.name)
    text = _cost(known, row.unit)
    if known is None or row.cost is None or row.cost <= _WORSE * known:
        return text
    return f"{text} {'larger' if row.unit == 'MB' else 'slower'}!"


def rows_as_json(rows: Sequence[Measured], *, load: float = 0) -> dict[str, object]:
    """Return all that was measured, with what it was measured on.

    Args:
        rows: What was measured.
        load: The machine's load average before.
    """
    return {
        "format": "wfsim-benchmarks",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "load": load,
        "versions": {name: _version(name) for name in _PACKAGES},
        "rows": [
            asdict(row) | {"value": row.value, "ratio": row.ratio, "is_reached": row.is_reached}
            for row in rows
        ],
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def rows_before(path: Path) -> dict[str, float]:
    """Return what each row took in a file that `--json` wrote: megabytes or seconds.

    Raises:
        SystemExit: it is none.
    """
    try:
        data: Any = json.loads(path.read_text(encoding="utf-8"))
        costs = {
            row["name"]: row["value"] if row["unit"] == "MB" else row["ours"]
            for row in data["rows"]
        }
        return {name: float(cost) for name, cost in costs.items() if cost is not None}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SystemExit(f"--against {path}: no file that --json has written ({error}).") from None

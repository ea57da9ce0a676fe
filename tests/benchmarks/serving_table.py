"""What serving took, as a table for people and as JSON for machines."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import version
from statistics import median, quantiles

from rich import box
from rich.console import Console
from rich.table import Table

from tests.benchmarks.serving import Load, Round

__all__ = ["rounds_as_json", "show_rounds"]


_SHARES = ("p50", "p95", "p99")
_COLUMNS = ("round", "time", "req/s", *_SHARES, "run", "purge", "memory")


def show_rounds(load: Load, rounds: Sequence[Round], console: Console) -> None:
    """Print one line for each round."""
    table = Table(
        title=f"wfsim serve under {load.clients:,} clients",
        caption=f"A round: {load.runs:,} chains of 3 are started, polled, checked, then purged.\n"
        "p50, p95, p99: requests, in ms. run: from the start of a chain\n"
        "until its client sees the end, median. memory: resident, after the purge.",
        box=box.SIMPLE_HEAD,
    )
    for name in _COLUMNS:
        table.add_column(name, justify="right", no_wrap=True)
    for number, item in enumerate(rounds, 1):
        table.add_row(str(number), *_cells(item))
    console.print(table)


def _cells(item: Round) -> list[str]:
    return [
        f"{item.seconds:.1f} s",
        f"{len(item.request_s) / item.seconds:,.0f}",
        *(f"{seconds * 1_000:,.0f}" for seconds in _shares(item.request_s).values()),
        f"{median(item.run_s):.2f} s",
        f"{item.purge_s * 1_000:,.0f} ms",
        "-" if item.memory_kib is None else f"{item.memory_kib / 1024:.1f} MiB",
    ]


def _shares(seconds: Sequence[float]) -> dict[str, float]:
    """Return the 50th, 95th and 99th percentile."""
    cuts = quantiles(seconds, n=100, method="inclusive")
    return {name: cuts[int(name[1:]) - 1] for name in _SHARES}


def rounds_as_json(load: Load, rounds: Sequence[Round]) -> dict[str, object]:
    """Return what was measured, with what it was measured on."""
    names = ("azure-functions-durable", "azure-functions", "aiohttp")
    return {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "versions": {name: version(name) for name in names},
        "clients": load.clients,
        "orchestrations": load.runs,
        "rounds": [
            {
                "seconds": item.seconds,
                "requests": len(item.request_s),
                "latency_seconds": _shares(item.request_s),
                "run_seconds": _shares(item.run_s),
                "purge_seconds": item.purge_s,
                "memory_kib": item.memory_kib,
            }
            for item in rounds
        ],
    }

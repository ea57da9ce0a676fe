"""The index of a report: the tests that have a page, failed ones first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, StrictUndefined

from pytest_wfsim.folder import INDEX, write_whole
from wfsim.clock import format_duration
from wfsim.history.printable import printable

__all__ = ["write_index"]

_ORDER: Final = ("failed", "error", "xpassed", "passed", "xfailed", "skipped")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    test: str
    page: str
    outcome: str
    elapsed: str


def write_index(folder: Path, pages: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the index.

    Args:
        folder: Where the pages are.
        pages: By the tests' ids what their reports say of their pages.
    """
    rows = [
        _Row(
            test=printable(nodeid),
            page=page["name"],
            outcome=page["outcome"],
            elapsed=format_duration(page["elapsed_us"]),
        )
        for nodeid, page in pages.items()
    ]
    rows.sort(key=lambda row: (_ORDER.index(row.outcome), row.test))
    counts = [
        (outcome, count)
        for outcome in _ORDER
        if (count := sum(row.outcome == outcome for row in rows))
    ]
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    source = resources.files("pytest_wfsim").joinpath("index.html.jinja")
    template = environment.from_string(source.read_text(encoding="utf-8"))
    write_whole(folder / INDEX, template.render(rows=rows, counts=counts))

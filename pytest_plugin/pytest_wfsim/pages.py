"""One HTML page for each test that used a simulation."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_wfsim.folder import page_name, write_whole
from pytest_wfsim.paths import shown
from pytest_wfsim.report_hooks import PAGE
from pytest_wfsim.stash import OUTCOME, SESSIONS, Reporting
from wfsim.report.charts import chart
from wfsim.report.html import html_report

__all__ = ["add_page"]

_TITLE = "wfsim: report"


def add_page(item: pytest.Item, report: pytest.TestReport, reporting: Reporting) -> None:
    """Write the page of a test after one of its phases, and tell of it in the phase's report.

    A page is written when a phase fails, so that its report can name the page; for tests that pass,
    when all is over.
    """
    outcome = item.stash[OUTCOME] = _outcome(report, item.stash.get(OUTCOME, "passed"))
    is_over = report.when == "teardown"
    if not report.failed and not (is_over and reporting.is_for_all):
        return
    path = reporting.folder / page_name(item.nodeid)
    try:
        elapsed_us = _write(path, item)
    except Exception as error:  # noqa: BLE001 - no page must never hide why a test failed
        report.sections.append((_TITLE, f"The page could not be written: {error!r}"))
        return
    vars(report)[PAGE] = {"name": path.name, "outcome": outcome, "elapsed_us": elapsed_us}
    if report.failed:
        report.sections.append((_TITLE, shown(path, item.config)))


def _write(path: Path, item: pytest.Item) -> int:
    """Write the page, and return how much virtual time went by in microseconds."""
    sessions = item.stash[SESSIONS]
    charts = [
        chart(
            session.simulation.trace,
            title=item.nodeid if len(sessions) == 1 else f"simulation {number}",
        )
        for number, session in enumerate(sessions, 1)
    ]
    write_whole(path, html_report(charts, title=item.nodeid))
    return max(drawn.end_us - drawn.start_us for drawn in charts)


def _outcome(report: pytest.TestReport, before: str) -> str:
    if before in {"failed", "error"}:
        return before
    if report.failed:
        return "failed" if report.when == "call" else "error"
    if report.when == "teardown":
        return before
    if hasattr(report, "wasxfail"):
        return "xfailed" if report.skipped else "xpassed"
    return report.outcome if report.skipped else before

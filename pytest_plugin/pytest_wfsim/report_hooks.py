"""`--wfsim-report DIR`: where pages go, and the index of those that were written.

A page is written where its test runs, here or in a worker of pytest-xdist; what the index says of
it travels on the test's report. pytest loads this module in every run, so it imports nothing more
before somebody asks for a report.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_wfsim.paths import shown
from pytest_wfsim.stash import REPORTING, Reporting

__all__ = ["PAGE"]

PAGE = "wfsim_page"
"""Under this name a test's report tells of its page."""
_TO_WORKERS = "wfsim_report"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the report."""
    group = parser.getgroup("wfsim")
    group.addoption(
        "--wfsim-report",
        metavar="DIR",
        help="Writes an HTML page for each failing test that used a simulation, and an index.",
    )
    group.addoption(
        "--wfsim-report-for",
        choices=("failed", "all"),
        default="failed",
        help="Which tests that used a simulation get a page: failed (the default), or all.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Prepare the folder, or refuse it before any test runs."""
    given: str | None = config.getoption("--wfsim-report")
    if given is None or config.option.collectonly:
        return
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    if worker is None:
        from pytest_wfsim.folder import WrongFolder, prepared  # noqa: PLC0415 - for a report only

        try:
            folder = prepared(given, config.invocation_params.dir)
        except WrongFolder as error:
            raise pytest.UsageError(f"--wfsim-report={given}: {error}") from None
        config.pluginmanager.register(_Index(folder), "wfsim-report")
    else:
        folder = Path(worker[_TO_WORKERS])
    is_for_all = config.getoption("--wfsim-report-for") == "all"
    config.stash[REPORTING] = Reporting(folder=folder, is_for_all=is_for_all)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # noqa: ANN401 - pytest-xdist need not be there
    """Tell a worker the folder: it may stand elsewhere, and must not clear it."""
    reporting = node.config.stash.get(REPORTING, None)
    if reporting is not None:
        node.workerinput[_TO_WORKERS] = str(reporting.folder)


class _Index:
    """Follows the reports of all tests, wherever these run, and writes the index at the end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pages: dict[str, dict[str, Any]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        page = vars(report).get(PAGE)
        if page is not None:
            self._pages[report.nodeid] = page

    def pytest_sessionfinish(self) -> None:
        from pytest_wfsim.index import write_index  # noqa: PLC0415 - for a report only

        self._folder.mkdir(parents=True, exist_ok=True)  # a test may have removed it
        write_index(self._folder, self._pages)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        count = len(self._pages)
        pages = "1 page" if count == 1 else f"{count} pages"
        index = shown(self._folder / "index.html", terminalreporter.config)
        terminalreporter.write_sep("-", f"wfsim report: {pages}, {index}")

"""`@pytest.mark.wfsim(explore=…)`: options, the hook that runs a test often, and the summary.

pytest loads this module in every run, so it imports nothing more before a test explores.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from pytest_wfsim.stash import EXPLORED, STAGE

__all__: list[str] = []

_SUMMARY = "wfsim_explored"
"""Under this name a test's report tells what exploring has shown."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of exploring."""
    group = parser.getgroup("wfsim")
    group.addoption(
        "--wfsim-explore",
        type=int,
        metavar="N",
        help="Explores N schedules of each test that explores, instead of the marker's explore=; "
        "0 runs each once, as if it did not.",
    )
    group.addoption(
        "--wfsim-schedule",
        metavar="WORDS",
        help="Plays one schedule, in the words of a failure, in each test that explores.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse a wrong option before any test runs, and prepare the summary."""
    count: int | None = config.getoption("--wfsim-explore")
    if count is not None and count < 0:
        raise pytest.UsageError(f"--wfsim-explore={count} must be at least 0.")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Summary(), "wfsim-explored")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Prepare the stage before fixtures open a simulation."""
    item.stash[STAGE] = item.stash[EXPLORED] = None
    if any("explore" in marker.kwargs for marker in item.iter_markers("wfsim")):
        from pytest_wfsim.exploring import Stage  # noqa: PLC0415 - the first test that explores

        item.stash[STAGE] = Stage.of(item)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that explores under one schedule after the other."""
    stage = pyfuncitem.stash.get(STAGE, None)
    if stage is None or stage.is_playing:
        return None  # whoever calls tests otherwise does it once more
    stage.explore(pyfuncitem)
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the report carry what exploring has shown to wherever the summary is written."""
    report = yield
    explored = item.stash.get(EXPLORED, None)
    if call.when == "call" and explored is not None:
        vars(report)[_SUMMARY] = {"reach": explored.reach, "verdict": list(explored.verdict)}
    return report


class _Summary:
    """Follows the reports of all tests, wherever these run."""

    def __init__(self) -> None:
        self._shown: dict[str, dict[str, Any]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        summary = vars(report).get(_SUMMARY)
        if summary is not None:
            self._shown[report.nodeid] = summary

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self._shown:
            return
        terminalreporter.write_sep("-", "wfsim explored")
        for nodeid, summary in sorted(self._shown.items()):
            terminalreporter.write_line(f"{nodeid}: {summary['reach']}")
            for line in summary["verdict"]:
                terminalreporter.write_line(f"    {line}")

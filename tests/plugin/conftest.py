"""A project of a user's own, in which pytest runs with the plugin."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

# So that runs in this process share them: pytester forgets what is first imported in one.
import wfsim.async_simulation
import wfsim.report.charts
import wfsim.report.html
import wfsim.snapshot  # noqa: F401

ROOT = Path(__file__).parents[2]

PLUGINS = ("-p", "pytest_wfsim.plugin", "-p", "pytest_asyncio.plugin", "-p", "syrupy")

LOADED = "ignore:Module already imported:pytest.PytestAssertRewriteWarning"
"""pytest 8 warns that the plugin, which this very run has loaded, is there already."""

SETTINGS = """
[pytest]
wfsim_app = function_app.py
asyncio_mode = strict
asyncio_default_fixture_loop_scope = function
"""

Run = Callable[..., pytest.RunResult]
Workers = Callable[[int], tuple[str, ...]]


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder with the approval app and an ini file that names it."""
    path = [str(ROOT), str(ROOT / "pytest_plugin"), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, path)))
    # What this very run was told, or is as a worker of another, is not for the run inside.
    for name in [*filter(lambda name: name.startswith("PYTEST_XDIST_"), os.environ)]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    # What else is installed would take most of the time: a run names the plugins it needs.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    shutil.copy(ROOT / "fixtures/apps/approval/function_app.py", pytester.path)
    pytester.makefile(".ini", pytest=SETTINGS)
    return pytester


@pytest.fixture
def run_pytest(project: pytest.Pytester) -> Run:
    """Runs pytest in the project, in this process; warnings are what they are to users."""

    def run(*args: str) -> pytest.RunResult:
        # Older releases of pytest collect garbage five times at the end of a run.
        gc.freeze()
        # The warnings filters of this very run, which make errors of them, would reach inside.
        return project.runpytest_inprocess(*PLUGINS, "-W", "always", "-W", LOADED, *args)

    return run


@pytest.fixture
def workers(quick_python: Path) -> Workers:
    """Returns the options for so many workers of pytest-xdist, which start at once."""

    def options(count: int) -> tuple[str, ...]:
        return ("-p", "xdist", "--dist", "load", "--tx", f"{count}*popen//python={quick_python}")

    return options


@pytest.fixture(
    params=[False, pytest.param(True, marks=pytest.mark.slow)],
    ids=["alone", "xdist"],
)
def both_ways(run_pytest: Run, request: pytest.FixtureRequest) -> Run:
    """Runs pytest in the project, once in one process and once in workers of pytest-xdist."""
    if not request.param:
        return run_pytest
    worker = request.getfixturevalue("workers")(1)
    return lambda *args: run_pytest(*worker, *args)

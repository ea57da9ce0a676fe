"""What the plugin costs a run that does not use it."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import entry_points

import pytest

BUDGET_MS = 30


def _is_installed() -> bool:
    return any(point.value == "pytest_wfsim.plugin" for point in entry_points(group="pytest11"))


def test_a_run_without_simulations_imports_nothing(
    project: pytest.Pytester,
) -> None:
    """Where no test uses a fixture, neither wfsim nor the SDK is imported."""
    project.makepyfile("""
        import sys

        def test_nothing():
            heavy = {name.partition(".")[0] for name in sys.modules}
            assert not heavy & {"wfsim", "azure", "rich", "pydantic", "syrupy", "jinja2", "yaml"}
            ours = {name for name in sys.modules if name.startswith("pytest_wfsim.")}
            assert {name.removeprefix("pytest_wfsim.") for name in ours} == {
                "plugin", "stash", "snapshot_fixtures", "comparison", "report_hooks",
                "corpus_hooks", "explore_hooks", "origins", "paths",
            }
    """)
    result = project.runpytest_subprocess("-p", "pytest_wfsim.plugin")
    result.assert_outcomes(passed=1)


@pytest.mark.bench
def test_importing_the_plugin_is_cheap(project: pytest.Pytester) -> None:
    """Beyond pytest itself the plugin's import takes less than 30 ms."""
    code = "import pytest, sys; import pytest_wfsim.plugin"
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code],
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"\|\s*(\d+) \|\s*pytest_wfsim\.plugin$", done.stderr, re.MULTILINE)
    assert found
    assert int(found[1]) / 1000 < BUDGET_MS


@pytest.mark.slow
@pytest.mark.skipif(not _is_installed(), reason="a bare checkout has no entry points")
def test_the_plugin_comes_with_the_distribution(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Installing wfsim is enough: its entry point loads the plugin, and `-p no:wfsim` does not."""
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    project.makepyfile("def test_it(sim): pass")
    project.runpytest_subprocess().assert_outcomes(passed=1)
    project.runpytest_subprocess("-p", "no:wfsim").assert_outcomes(errors=1)

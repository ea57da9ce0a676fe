"""What the plugin costs a run that does not use it."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.plugin.conftest import ROOT, Run

BUDGET_MS = 30


def test_a_run_without_simulations_imports_nothing(
    project: pytest.Pytester,
) -> None:
    """Where no test uses a fixture, neither wfsim nor the SDK is imported."""
    project.makepyfile("""
        import sys

        def test_nothing():
            heavy = {name.partition(".")[0] for name in sys.modules}
            assert not heavy & {"wfsim", "azure", "rich", "pydantic"}
            assert {name for name in sys.modules if name.startswith("pytest_wfsim")} == {
                "pytest_wfsim", "pytest_wfsim.plugin"
            }
    """)
    # Without autoloading, no other installed plugin imports anything of these.
    project.syspathinsert(ROOT)
    result = project.run(
        sys.executable, "-m", "pytest", "-p", "pytest_wfsim.plugin", "-c", os.devnull,
        "--rootdir", str(project.path),
    )  # fmt: skip
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


def test_the_plugin_can_be_switched_off(project: pytest.Pytester, run_pytest: Run) -> None:
    """`-p no:wfsim` leaves nothing of it; tests without simulations go on."""
    project.makepyfile("def test_nothing(): pass")
    run_pytest("-p", "no:wfsim").assert_outcomes(passed=1)

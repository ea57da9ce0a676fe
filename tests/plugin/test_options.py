"""Ini options and the command line."""

from __future__ import annotations

import shutil

import pytest

from tests.plugin.conftest import ROOT, Run, Workers

LEAVES_AN_EVENT = """
    def test_leaves_an_event(sim):
        run = sim.start("approval", input={"topic": "AI"}, instance_id="a")
        sim.at("1h", run.raise_event, "Approval")
        run.result()
"""


def _ini(project: pytest.Pytester, lines: str) -> None:
    settings = "asyncio_default_fixture_loop_scope = function"
    project.makefile(".ini", pytest=f"[pytest]\n{settings}\n{lines}\n")


def test_wfsim_app_is_relative_to_the_root_folder(
    project: pytest.Pytester, run_pytest: Run
) -> None:
    """The path in the ini file counts from the root folder, wherever the test lies."""
    (project.path / "deep" / "down").mkdir(parents=True)
    test = project.path / "deep" / "down" / "test_deep.py"
    test.write_text("def test_deep(sim): sim.start('approval')\n", encoding="utf-8")
    run_pytest(str(test)).assert_outcomes(passed=1)


def test_wfsim_app_may_be_an_attribute(project: pytest.Pytester, run_pytest: Run) -> None:
    """The ini file may name module:attribute."""
    _ini(project, "wfsim_app = bookings:app\npythonpath = lib")
    (project.path / "lib").mkdir()
    shutil.copy(ROOT / "fixtures/apps/saga/function_app.py", project.path / "lib/bookings.py")
    project.makepyfile("def test_it(sim): assert 'bookings:app' in repr(sim)")
    run_pytest().assert_outcomes(passed=1)


def test_no_app_at_all_shows_both_ways_to_name_one(
    project: pytest.Pytester, both_ways: Run
) -> None:
    """Without an app the message shows the marker and the ini option."""
    _ini(project, "addopts =")
    project.makepyfile("def test_it(sim): pass")
    result = both_ways()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*@pytest.mark.wfsim(app=…)*", "*wfsim_app = function_app.py*"])


def test_a_missing_app_names_the_option_and_the_place(
    project: pytest.Pytester, run_pytest: Run
) -> None:
    """A path in the ini file that leads nowhere is told with the option's name."""
    _ini(project, "wfsim_app = gone.py")
    project.makepyfile("def test_it(sim): pass")
    run_pytest().stdout.fnmatch_lines(["wfsim_app = 'gone.py' names no file or folder in *"])


def test_a_broken_app_shows_the_users_frames_only(
    project: pytest.Pytester, run_pytest: Run
) -> None:
    """An app that raises on import fails the test with its own lines, not with ours."""
    shutil.copytree(ROOT / "fixtures/apps/bad/raises_on_import", project.path / "broken")
    _ini(project, "wfsim_app = broken")
    project.makepyfile("def test_it(sim): pass")
    result = run_pytest()
    result.stdout.fnmatch_lines(["*function_app.py*in required", "LookupError: the setting*"])
    result.stdout.no_fnmatch_line("*importlib*")
    result.stdout.no_fnmatch_line("*sessions.py*")


def test_a_wrong_ini_option_stops_the_run(project: pytest.Pytester) -> None:
    """wfsim_findings takes four words; another one is told before any test runs."""
    _ini(project, "wfsim_findings = loud")
    project.makepyfile("def test_it(sim): pass")
    result = project.runpytest_subprocess("-p", "pytest_wfsim.plugin")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: wfsim_findings = 'loud' must be one of default, *"])


@pytest.mark.parametrize(
    ("findings", "outcomes"),
    [
        ("default", {"passed": 1, "warnings": 1}),
        ("warn", {"passed": 1, "warnings": 1}),
        ("ignore", {"passed": 1}),
        ("error", {"passed": 1, "errors": 1}),
    ],
)
def test_findings_do_what_the_ini_option_says(
    project: pytest.Pytester, run_pytest: Run, findings: str, outcomes: dict[str, int]
) -> None:
    """What was left behind warns, is silent, or fails the test when it ends."""
    _ini(project, f"wfsim_app = function_app.py\nwfsim_findings = {findings}")
    project.makepyfile(LEAVES_AN_EVENT)
    result = run_pytest()
    result.assert_outcomes(**outcomes)
    assert ("WF102" in result.stdout.str()) == (findings != "ignore")


def test_findings_of_workers_are_shown(
    project: pytest.Pytester, run_pytest: Run, workers: Workers
) -> None:
    """Warnings and errors at the end of a test reach the controller of pytest-xdist."""
    project.makepyfile(LEAVES_AN_EVENT)
    result = run_pytest(*workers(1))
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*WfsimWarning: WF102 *'Approval'*"])


def test_the_command_line_decides_the_seed(project: pytest.Pytester, both_ways: Run) -> None:
    """--wfsim-seed goes before the marker's seed, so that a command repeats a run."""
    project.makepyfile("""
        import pytest
        from wfsim import Simulation

        @pytest.mark.wfsim(seed=3)
        def test_seed(sim):
            with Simulation("function_app.py", seed=9) as expected:
                assert sim.start("approval").instance_id == expected.start("approval").instance_id
    """)
    both_ways("--wfsim-seed=9").assert_outcomes(passed=1)
    both_ways().assert_outcomes(failed=1)


def test_a_seed_that_is_no_number_is_refused(project: pytest.Pytester) -> None:
    """--wfsim-seed takes an int; anything else ends the run as a wrong call."""
    project.makepyfile("def test_it(sim): pass")
    result = project.runpytest_subprocess("-p", "pytest_wfsim.plugin", "--wfsim-seed=lucky")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*argument --wfsim-seed: invalid int value: 'lucky'*"])

"""The marker `@pytest.mark.wfsim(…)`."""

from __future__ import annotations

import shutil

import pytest

from tests.plugin.conftest import ROOT, Run, Workers


def test_marker_arguments_reach_the_simulation(project: pytest.Pytester, both_ways: Run) -> None:
    """Each argument of the marker is an argument of Simulation."""
    project.makepyfile("""
        from datetime import UTC, datetime

        import pytest
        from wfsim import HostSettings

        START = datetime(2031, 5, 1, tzinfo=UTC)

        @pytest.mark.wfsim(start=START, seed=5, replay="off", schedule=[0], max_steps=20)
        @pytest.mark.wfsim(freeze=False, settings=HostSettings(duplicate_start_status=409))
        @pytest.mark.wfsim(timer_triggers=True, allow_network=["https://rates.example/*"])
        def test_options(sim):
            assert sim.now == START
            assert datetime.now().year != 2031
            one = sim.start("approval", input={"topic": "AI"}, instance_id="a")
            with pytest.raises(Exception) as caught:
                sim.start("approval", instance_id="a")
            assert caught.value.status_code == 409
    """)
    both_ways().assert_outcomes(passed=1)


def test_the_closest_marker_wins_argument_by_argument(
    project: pytest.Pytester, run_pytest: Run
) -> None:
    """Function, class and module each add what the closer ones leave open."""
    project.makepyfile("""
        from datetime import datetime

        import pytest

        pytestmark = pytest.mark.wfsim(start=datetime(2001, 1, 1), findings="error")

        @pytest.mark.wfsim(start=datetime(2002, 2, 2))
        class TestApp:
            def test_class(self, sim): assert sim.now.year == 2002

            @pytest.mark.wfsim(start=datetime(2003, 3, 3))
            def test_function(self, sim): assert sim.now.year == 2003

            @pytest.mark.wfsim(seed=3)
            def test_merged(self, sim):
                assert sim.now.year == 2002
                run = sim.start("approval", input={"topic": "AI"})
                run.raise_event("nobody waits for this")
                run.result()

        def test_module(sim): assert sim.now.year == 2001
    """)
    result = run_pytest()
    result.assert_outcomes(passed=4, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at teardown of TestApp.test_merged*", "*WF102*"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("sed=3", "*mark.wfsim has no argument 'sed'. Did you mean 'seed'?"),
        ("zzz=3", "*mark.wfsim has no argument 'zzz'. It takes app, start, seed, *"),
        ("seed='3'", "*mark.wfsim(seed='3') must be an int."),
        ("seed=True", "*mark.wfsim(seed=True) must be an int."),
        ("start='2024-01-01'", "*mark.wfsim(start='2024-01-01') must be a datetime."),
        ("schedule='0'", "*mark.wfsim(schedule='0') must be a list of ints, or a function*"),
        ("freeze=0", "*mark.wfsim(freeze=0) must be True or False."),
        ("timer_triggers=1", "*mark.wfsim(timer_triggers=1) must be True or False."),
        ("allow_network='*'", "*mark.wfsim(allow_network='[*]') must be a list of URLs, or True."),
        ("allow_network=[1]", "*allow_network*"),
        ("settings={}", "*mark.wfsim(settings={}) must be a wfsim.HostSettings."),
        ("app=None", "*mark.wfsim(app=None) must be an app, module:attribute, or a path."),
        ("app=3", "*3 is not a function app. Give a DFApp, *"),
        ("'app.py'", "*mark.wfsim takes keyword arguments only, and got 'app.py'.*"),
        ("findings='loud'", "findings='loud' must be one of default, error, warn, ignore."),
        ("replay='never'", "replay='never' must be 'every', 'search', 'all' or 'off'."),
        ("max_steps=0", "max_steps=0 must be an int of at least 1."),
        ("app='gone.py'", "app='gone.py' names no file or folder in *"),
    ],
)
def test_a_wrong_marker_is_told_without_a_traceback(
    project: pytest.Pytester, run_pytest: Run, arguments: str, message: str
) -> None:
    """A misspelt or mistyped argument fails its test with one line, and no frame of ours."""
    project.makepyfile(f"""
        import pytest

        @pytest.mark.wfsim({arguments})
        def test_marked(sim): pass
    """)
    result = run_pytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([message])
    result.stdout.no_fnmatch_line("*sessions.py*")
    result.stdout.no_fnmatch_line("*During handling*")


def test_a_wrong_marker_is_told_by_workers_too(
    project: pytest.Pytester, run_pytest: Run, workers: Workers
) -> None:
    """Under pytest-xdist a wrong marker fails its own test only."""
    project.makepyfile("""
        import pytest

        @pytest.mark.wfsim(sed=3)
        def test_marked(sim): pass
        def test_other(sim): pass
    """)
    result = run_pytest(*workers(2))
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*Did you mean 'seed'?"])


def test_marker_is_registered(project: pytest.Pytester, run_pytest: Run) -> None:
    """`--strict-markers` knows the marker, and `--markers` explains it."""
    project.makepyfile("""
        import pytest

        @pytest.mark.wfsim(seed=1)
        def test_marked(sim): pass
    """)
    run_pytest("--strict-markers").assert_outcomes(passed=1)
    run_pytest("--markers").stdout.fnmatch_lines(["@pytest.mark.wfsim(app=, start=, seed=,*"])


def test_app_may_be_an_object_or_a_path(project: pytest.Pytester, run_pytest: Run) -> None:
    """app= takes the app itself, module:attribute, a folder, and a path or text of a file."""
    apps = ROOT / "fixtures/apps"
    shutil.copytree(apps / "chaining", project.path / "tests" / "shop")
    shutil.copy(apps / "signup/function_app.py", project.path / "tests" / "signup.py")
    (project.path / "tests" / "test_apps.py").write_text(
        """
import pathlib
import pytest
import signup

@pytest.mark.wfsim(app="shop")
def test_beside_the_test(sim): assert sim.start("process_order").name == "process_order"

@pytest.mark.wfsim(app="function_app.py")
def test_in_the_root(sim): assert sim.start("approval").name == "approval"

@pytest.mark.wfsim(app=pathlib.Path("shop/function_app.py"))
def test_path(sim): assert sim.start("process_order").name == "process_order"

@pytest.mark.wfsim(app=signup.app)
def test_object(sim): assert sim.start("sign_up").name == "sign_up"

@pytest.mark.wfsim(app="signup:app")
def test_attribute(sim): assert sim.start("sign_up").name == "sign_up"

@pytest.mark.wfsim(app="signup.py:app")
def test_file_and_attribute(sim): assert sim.start("sign_up").name == "sign_up"
""",
        encoding="utf-8",
    )
    run_pytest().assert_outcomes(passed=6)

"""What a failing test shows, and where findings point."""

from __future__ import annotations

import re
import shlex

import pytest

from tests.plugin.conftest import Run

FAILS = """
    import pytest

    @pytest.mark.parametrize("who", ["Ada & Grace's"])
    def test_fails(sim, who):
        run = sim.start("approval", input={"topic": who}, instance_id="a")
        run.result()
        assert run.output == {"status": "published"}
"""


def test_a_failing_test_shows_the_timeline(project: pytest.Pytester, both_ways: Run) -> None:
    """The report of a failure carries what happened in virtual time."""
    project.makepyfile(FAILS)
    result = both_ways()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- wfsim: what happened -*",
            "T+0s  a ▶ approval *",
            "*3d later",
            '* a ■ Completed  {"status": "escalated"}',
            "*- wfsim: run this again -*",
        ]
    )


def test_a_failing_test_shows_the_command_that_repeats_it(
    project: pytest.Pytester, both_ways: Run
) -> None:
    """The command carries the seed, is quoted for a shell, and does repeat the failure."""
    project.makepyfile(FAILS)
    result = both_ways("--wfsim-seed=41")
    found = re.search(r"^pytest (.*) --wfsim-seed=41$", result.stdout.str(), re.MULTILINE)
    assert found
    (nodeid,) = shlex.split(found[1])
    both_ways("--wfsim-seed=41", nodeid).assert_outcomes(failed=1)


def test_the_command_counts_from_where_the_reader_stands(
    project: pytest.Pytester, run_pytest: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Started from a folder below the root, the command names the file from there."""
    (project.path / "tests").mkdir()
    test = project.path / "tests" / "test_low.py"
    test.write_text("def test_low(sim): assert sim is None\n", encoding="utf-8")
    monkeypatch.chdir(test.parent)
    run_pytest().stdout.fnmatch_lines(["pytest test_low.py::test_low --wfsim-seed=0"])


def test_a_simulation_may_be_asked_for_late(project: pytest.Pytester, run_pytest: Run) -> None:
    """A fixture got by getfixturevalue, or behind another fixture, is told of as well."""
    project.makepyfile("""
        import pytest

        @pytest.fixture
        def run(sim): return sim.start("approval", instance_id="behind")

        def test_behind(run): assert run is None

        def test_late(request):
            request.getfixturevalue("sim").start("approval", instance_id="late")
            assert False
    """)
    result = run_pytest()
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        ["Nothing has run yet.", "pytest *::test_behind --wfsim-seed=0", "pytest *::test_late *"]
    )


def test_simulations_end_with_their_tests(project: pytest.Pytester, run_pytest: Run) -> None:
    """Nothing keeps the simulation of a test that has ended."""
    project.makepyfile("""
        import gc
        import weakref

        kept = []

        def test_passes(sim):
            kept.append(weakref.ref(sim))

        def test_after():
            gc.collect()
            assert kept[0]() is None
    """)
    run_pytest().assert_outcomes(passed=2)


def test_a_passing_test_shows_nothing(project: pytest.Pytester, run_pytest: Run) -> None:
    """Neither a test that passes nor one that is expected to fail carries sections."""
    project.makepyfile("""
        import pytest

        def test_passes(sim): sim.start("approval")
        @pytest.mark.xfail
        def test_fails(sim): assert False
        def test_skips(sim): pytest.skip("later")
    """)
    result = run_pytest("-rA")
    result.assert_outcomes(passed=1, xfailed=1, skipped=1)
    result.stdout.no_fnmatch_line("*wfsim: *")


def test_a_failing_test_is_not_checked_for_leftovers(
    project: pytest.Pytester, run_pytest: Run
) -> None:
    """After a failure the end of the run says nothing: it was not the end that was meant."""
    project.makepyfile("""
        def test_fails(sim):
            run = sim.start("approval", input={"topic": "AI"})
            sim.run_until_idle()
            run.raise_event("Approval")
            sim.run_until_idle()
            assert False
    """)
    result = run_pytest()
    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*WF102*")


def test_findings_that_raise_at_the_end_carry_the_timeline(
    project: pytest.Pytester, both_ways: Run
) -> None:
    """An error at teardown is one line per finding, with the same sections."""
    project.makepyfile("""
        import pytest

        @pytest.mark.wfsim(findings="error")
        def test_leaves_an_event(sim):
            run = sim.start("approval", input={"topic": "AI"}, instance_id="a")
            sim.at("1h", run.raise_event, "Approval")
            run.result()
    """)
    result = both_ways()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["*ERROR at teardown of *", "WF102 *Did you mean 'approval'?*", "*wfsim: what happened*"]
    )
    result.stdout.no_fnmatch_line("*sessions.py*")


def test_warnings_point_at_the_test_or_the_app(project: pytest.Pytester, run_pytest: Run) -> None:
    """A finding with a place points there, another one at its test."""
    project.makepyfile("""
        def test_unheard(sim):
            run = sim.start("approval", input={"topic": "AI"}, instance_id="a")
            sim.at("1h", run.raise_event, "Approval")
            run.result()

        def test_stuck(sim):
            run = sim.start("approval", input={"topic": "AI"}, instance_id="a")
            sim.at("1h", run.raise_event, "Approval")
            sim.advance("2h")
    """)
    result = run_pytest()
    result.assert_outcomes(passed=2, warnings=2)
    result.stdout.re_match_lines(
        [r".*(function_app|test_warnings_point_at\w+)\.py:\d+: WfsimWarning: WF102 .*"]
    )
    result.stdout.no_fnmatch_line("*pytest_wfsim*: WfsimWarning*")


def test_a_filter_may_make_an_error_of_a_finding(project: pytest.Pytester, run_pytest: Run) -> None:
    """Pytest's own filters decide over WfsimWarning: `error` fails the test without a traceback."""
    project.makepyfile("""
        import pytest

        @pytest.mark.filterwarnings("error::wfsim.WfsimWarning")
        def test_leaves_an_event(sim):
            run = sim.start("approval", input={"topic": "AI"}, instance_id="a")
            sim.at("1h", run.raise_event, "Approval")
            run.result()
    """)
    result = run_pytest()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["WF102 *"])
    result.stdout.no_fnmatch_line("*sessions.py*")


def test_tracebacks_leave_our_frames_out(project: pytest.Pytester, run_pytest: Run) -> None:
    """A wrong call shows the test's own line; --full-trace shows the way it took."""
    project.makepyfile("""
        def test_wrong(sim):
            sim.start("aproval")
    """)
    short = run_pytest()
    short.stdout.fnmatch_lines([">*sim.start(*", "*no orchestrator 'aproval'. Did you mean*"])
    short.stdout.no_fnmatch_line("*wfsim/simulation.py*")
    run_pytest("--full-trace").stdout.fnmatch_lines(["*simulation.py*"])


def test_a_failed_run_shows_the_original_error(project: pytest.Pytester, run_pytest: Run) -> None:
    """result() of a failed run shows the line of the user's code that raised."""
    project.makepyfile("""
        def publish(draft):
            return draft["titel"]

        def test_publish(sim):
            sim.stub_activity("publish", calls=publish)
            run = sim.start("approval", input={"topic": "AI"}, instance_id="a")
            sim.at("1h", run.raise_event, "approval", {"approved": True})
            run.result()
    """)
    result = run_pytest()
    result.stdout.fnmatch_lines(
        ['>*return draft?"titel"?', "E*KeyError: 'titel'", "*direct cause*", ">*run.result()"]
    )
    result.stdout.no_fnmatch_line("*wfsim/*.py:*")

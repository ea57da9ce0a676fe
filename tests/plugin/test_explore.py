"""`@pytest.mark.wfsim(explore=…)`: a test under many schedules."""

from __future__ import annotations

import re
import shlex
import shutil

import pytest

from tests.plugin.conftest import PLUGINS, ROOT, Run

RACE = """
    import pytest

    @pytest.mark.wfsim(explore=30)
    def test_safe(sim):
        run = sim.start("save_document", input={"name": "lease"}, instance_id="a")
        print("one schedule")
        assert run.result() == {"name": "lease", "is_safe": False}
"""
DECIDING = "activity write_copy of a#2 < activity write_copy of a#0"


@pytest.fixture
def quorum(project: pytest.Pytester) -> pytest.Pytester:
    """The project, with an app that decides wrongly where the third answer comes first."""
    shutil.copy(ROOT / "fixtures/bugs/quorum_counts_twice/function_app.py", project.path)
    return project


@pytest.fixture
def correct(project: pytest.Pytester) -> pytest.Pytester:
    """The project, with that app's correct twin."""
    shutil.copy(ROOT / "fixtures/bugs/quorum_counts_twice_fixed/function_app.py", project.path)
    return project


def test_a_racy_test_fails_with_its_smallest_schedule(
    quorum: pytest.Pytester, both_ways: Run
) -> None:
    """The report has the assertion of the shrunk run, what it printed, its story and a command."""
    quorum.makepyfile(test_race=RACE)
    result = both_ways()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            ">* assert run.result() == {*",
            "E*{'is_safe': True} != {'is_safe': False}",
            "*- wfsim: what happened -*",
            "✗ AssertionError: *",
            "  found after * schedules, shrunk to the one choice that matters",
            f"   ◆ * 1: {DECIDING.replace('<', 'before')}",
            "*write_copy*east*",
            "The nearest run without the problem: everything in order",
            "*- wfsim: run this again -*",
            f"pytest test_race.py::test_safe --wfsim-schedule='{DECIDING}'",
            "*- wfsim explored -*",
            "test_race.py::test_safe: * schedules, * distinct, 2 outcomes, * choice points",
        ]
    )
    assert result.stdout.str().count("\none schedule") == 1


@pytest.mark.slow
def test_the_command_reproduces_in_a_fresh_process(
    quorum: pytest.Pytester, run_pytest: Run
) -> None:
    """The printed command fails by itself in the same way, with one run of the test."""
    quorum.makepyfile(test_race=RACE)
    found = re.search(r"^pytest (test_race.*)$", run_pytest().stdout.str(), re.MULTILINE)
    assert found
    result = quorum.runpytest_subprocess(*PLUGINS, *shlex.split(found[1]))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["E*{'is_safe': True} != *", found[0], "*: 1 schedule, as --wfsim-schedule says"]
    )


def test_a_correct_twin_passes(correct: pytest.Pytester, both_ways: Run) -> None:
    """Where every schedule holds, the summary says how much was seen."""
    correct.makepyfile(test_race=RACE)
    result = both_ways()
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        ["test_race.py::test_safe: 30 schedules, * distinct, 1 outcome, * choice points"]
    )
    result.stdout.no_fnmatch_line("*depends on the order*")


@pytest.mark.slow
def test_a_schedule_that_holds_passes_and_one_that_is_not_offered_fails(
    correct: pytest.Pytester, run_pytest: Run
) -> None:
    """`--wfsim-schedule` plays one schedule, and tells where it no longer can."""
    correct.makepyfile(test_race=RACE)
    run_pytest("--wfsim-schedule", DECIDING).assert_outcomes(passed=1)
    result = run_pytest("--wfsim-schedule", "activity gone of a#2 < activity write_copy of a#0")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["The schedule did not happen: nothing offered 'activity gone *"])
    result = run_pytest("--wfsim-schedule", "; ;")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["The schedule '; ;' has an empty part.*"])


@pytest.mark.slow
def test_outcomes_that_differ_get_a_verdict(quorum: pytest.Pytester, both_ways: Run) -> None:
    """A race that the test accepts passes; the summary tells, unless the marker allows it."""
    quorum.makepyfile(
        test_race="""
        import pytest

        EITHER = [{"name": "a", "is_safe": safe} for safe in (True, False)]

        @pytest.mark.wfsim(explore=20)
        class TestRaces:
            def test_told(self, sim): save(sim)

            @pytest.mark.wfsim(allow_outcomes=True)
            def test_allowed(self, sim): save(sim)

            @pytest.mark.wfsim(allow_outcomes=EITHER)
            def test_listed(self, sim): save(sim)

            @pytest.mark.wfsim(allow_outcomes=EITHER[:1])
            def test_in_part(self, sim): save(sim)

        def save(sim):
            assert sim.start("save_document", input={"name": "a"}, instance_id="a").result()
    """
    )
    result = both_ways()
    result.assert_outcomes(passed=4)
    shown = result.stdout.str().partition("- wfsim explored -")[2]
    texts = {part.partition(":")[0]: part for part in shown.split("test_race.py::TestRaces::")}
    told = [line.strip() for line in texts["test_told"].splitlines()[1:6]]
    assert told[0] == "the outcome depends on the order:"
    assert [line.partition(" schedules → ")[2] for line in told[1:3]] == [
        'save_document Completed {"name":"a","is_safe":false}',
        'save_document Completed {"name":"a","is_safe":true}',
    ]
    assert told[3:] == [
        f"what decides: {DECIDING.replace('<', 'before')}",
        "if all are fine: @pytest.mark.wfsim(allow_outcomes=True)",
    ]
    assert "depends" in texts["test_in_part"]
    assert "depends" not in texts["test_allowed"] + texts["test_listed"]


@pytest.mark.slow
def test_all_orders_are_proven(correct: pytest.Pytester, run_pytest: Run) -> None:
    """An exhaustive search that comes to its end says so."""
    correct.makepyfile(test_race=RACE.replace("explore=30", "explore=500, strategy='exhaustive'"))
    result = run_pytest()
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*: * schedules, *, proven: there is no other order"])


def test_fixtures_on_the_simulation_are_made_anew(quorum: pytest.Pytester, both_ways: Run) -> None:
    """What depends on `sim` is torn down and made for each schedule; other fixtures stay."""
    quorum.makepyfile("""
        import pytest

        made = {"stays": 0, "anew": 0, "gone": 0, "override": 0}

        @pytest.fixture
        def stays():
            made["stays"] += 1
            return made["stays"]

        @pytest.fixture
        def sim(sim):
            made["override"] += 1
            return sim

        @pytest.fixture(autouse=True)
        def stubbed(sim, stays):
            made["anew"] += 1
            sim.stub_activity("write_copy", returns="copy")
            yield sim
            assert sim.runs[0].status == "Completed"
            made["gone"] += 1

        @pytest.mark.parametrize("name", ["a", "b"])
        @pytest.mark.wfsim(explore=9)
        def test_explored(stubbed, sim, name, stays, tmp_path):
            assert sim is stubbed
            assert not sim.runs
            run = sim.start("save_document", input={"name": name})
            assert run.result()["is_safe"]

            assert made["anew"] == made["override"] == made["gone"] + 1
            assert made["stays"] <= 2
    """)
    result = both_ways()
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*test_explored?a?: 9 schedules, *", "*test_explored?b?: 9 *"])


def test_async_tests_explore(quorum: pytest.Pytester, both_ways: Run) -> None:
    """A coroutine test with `async_sim`, and async fixtures on it, runs under many schedules."""
    quorum.makepyfile("""
        import pytest
        import pytest_asyncio

        @pytest_asyncio.fixture
        async def started(async_sim):
            return await async_sim.start("save_document", input={"name": "a"}, instance_id="a")

        @pytest.mark.asyncio
        @pytest.mark.wfsim(explore=30)
        async def test_safe(started):
            assert await started.result() == {"name": "a", "is_safe": False}
    """)
    result = both_ways()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*'is_safe': True*", f"pytest *::test_safe *'{DECIDING}'"])


@pytest.mark.slow
def test_findings_fail_a_test_that_asserts_nothing(
    project: pytest.Pytester, run_pytest: Run
) -> None:
    """What wfsim finds by itself fails its schedule, unless findings only warn."""
    shutil.copy(ROOT / "fixtures/bugs/onboard_leftover_timer/function_app.py", project.path)
    project.makepyfile("""
        import pytest

        @pytest.mark.wfsim(explore=60, faults="all")
        class TestOnboarding:
            def test_fails(self, sim): play(sim)

            @pytest.mark.wfsim(findings="warn")
            def test_warns(self, sim): play(sim)

        def play(sim):
            sim.start("onboard", input={"person": "ida"}, instance_id="a").result()
    """)
    result = run_pytest()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*WF103*",
            "pytest *::test_fails *'activity order_laptop of a#1 < activity create_mailbox of a#0'",
        ]
    )


def test_faults_are_explored(project: pytest.Pytester, run_pytest: Run) -> None:
    """faults= adds what may go wrong; the schedule says where it did."""
    project.makepyfile("""
        import pytest

        @pytest.mark.wfsim(explore=80, faults="all", strategy="pct")
        def test_drafts_once(sim):
            run = sim.start("approval", input={"topic": "AI"}, instance_id="a")
            calls = []
            draft = {"title": "AI"}
            sim.stub_activity("write_draft", calls=lambda topic: calls.append(topic) or draft)
            run.result()
            assert len(calls) == 1
    """)
    result = run_pytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["pytest * --wfsim-schedule='crash after complete(activity write_draft of a#0)'"]
    )


def test_a_failure_of_the_quiet_run_needs_no_schedule(
    project: pytest.Pytester, run_pytest: Run
) -> None:
    """A test that fails anyway says that nothing had to go otherwise; its seed is repeated."""
    project.makepyfile("""
        import pytest

        @pytest.mark.wfsim(explore=80, faults="all")
        def test_fails(sim):
            assert sim.start("approval", input={"topic": "AI"}).result() is None
    """)
    result = run_pytest("--wfsim-seed=5")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "This is the quiet run: first in, first out, no fault.",
            "pytest *::test_fails --wfsim-schedule=quiet --wfsim-seed=5",
        ]
    )


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ("def test_it(sim): pass", "There is nothing to explore: no schedule of this test had *"),
        ("def test_it(): pass", "*explores a simulation, and this test asks for none.*"),
        ("def test_it(sim, async_sim): pass", "A test that explores has one simulation, *"),
        ("def test_it(sim, history_snapshot): pass", "A snapshot holds what one run did, *"),
        ("@given(integers())\ndef test_it(sim, n): pass", "*hypothesis's @given both run *"),
    ],
)
def test_what_cannot_be_explored_says_so(
    project: pytest.Pytester, run_pytest: Run, test: str, message: str
) -> None:
    """A test with nothing to explore fails, and one that explores wrongly is told how."""
    (project.path / "test_it.py").write_text(
        "import pytest\nfrom hypothesis import given\nfrom hypothesis.strategies import integers\n"
        f"@pytest.mark.wfsim(explore=9)\n{test}\n",
        encoding="utf-8",
    )
    result = run_pytest()
    outcomes = result.parseoutcomes()
    assert outcomes.get("failed", 0) + outcomes.get("errors", 0) == 1
    result.stdout.fnmatch_lines([message])
    result.stdout.no_fnmatch_line("*exploring.py*")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("exlore=9", "*mark.wfsim has no argument 'exlore'. Did you mean 'explore'?"),
        ("explore=9, fault='all'", "*has no argument 'fault'. Did you mean 'faults'?"),
        (
            "explore=9, strategy='ptc'",
            "*(strategy='ptc') must be one of random, pct, exhaustive, orders.",
        ),
        ("explore='9'", "*mark.wfsim(explore='9') must be an int of at least 0."),
        ("explore=-1", "*mark.wfsim(explore=-1) must be an int of at least 0."),
        ("explore=9, faults='some'", "*(faults='some') must be 'all', 'none' or a *Faults."),
        ("explore=9, allow_outcomes='x'", "*must be a list of outputs, or True."),
        ("explore=9, schedule=[0]", "*tries many schedules, and takes no schedule=.*"),
    ],
)
def test_wrong_arguments_are_told(
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
    result.stdout.no_fnmatch_line("*pytest_wfsim*")


@pytest.mark.slow
def test_the_count_is_overridden(correct: pytest.Pytester, run_pytest: Run) -> None:
    """`--wfsim-explore` says how many schedules; 0 runs each test once, as any other."""
    correct.makepyfile(test_race=RACE)
    result = run_pytest("--wfsim-explore=7")
    result.stdout.fnmatch_lines(["test_race.py::test_safe: 7 schedules, *"])
    result = run_pytest("--wfsim-explore=0")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*wfsim explored*")
    assert run_pytest("--wfsim-explore=-1").ret == pytest.ExitCode.USAGE_ERROR


@pytest.mark.slow
def test_a_seed_decides_which_schedules(quorum: pytest.Pytester, run_pytest: Run) -> None:
    """The same seed explores the same schedules, and another seed others."""
    quorum.makepyfile(test_race=RACE)

    def found(seed: int) -> str:
        result = run_pytest(f"--wfsim-seed={seed}", "-p", "no:cacheprovider")
        match = re.search(r"found after (.*)", result.stdout.str())
        assert match
        return match[1]

    assert found(1) == found(1)
    assert len({found(seed) for seed in range(4)}) > 1


@pytest.mark.slow
def test_a_failure_is_tried_first_the_next_time(quorum: pytest.Pytester, both_ways: Run) -> None:
    """The schedule that failed comes right behind the quiet one, until the test passes."""
    quorum.makepyfile(test_race=RACE)
    both_ways().stdout.fnmatch_lines(["  found after [3-9] schedules, *"])
    both_ways("--wfsim-seed=7").stdout.fnmatch_lines(["  found after 2 schedules, *"])
    shutil.copy(ROOT / "fixtures/bugs/quorum_counts_twice_fixed/function_app.py", quorum.path)
    both_ways().assert_outcomes(passed=1)
    (kept,) = (quorum.path / ".pytest_cache/v/wfsim/schedules").iterdir()
    assert kept.read_text(encoding="utf-8") == "null"
    kept.write_text('";"', encoding="utf-8")
    both_ways().assert_outcomes(passed=1)


@pytest.mark.slow
def test_skips_and_expected_failures_stay_what_they_are(
    quorum: pytest.Pytester, run_pytest: Run
) -> None:
    """A test that skips itself is skipped, and one that is expected to fail may."""
    quorum.makepyfile("""
        import pytest

        @pytest.mark.wfsim(explore=30)
        class TestMarks:
            def test_skips(self, sim): pytest.skip("not today")

            def test_gives_up(self, sim): pytest.xfail("known")

            @pytest.mark.xfail(strict=True)
            def test_expected(self, sim):
                assert not save(sim)["is_safe"]

            def test_fails_by_hand(self, sim):
                if save(sim)["is_safe"]:
                    pytest.fail("it was safe")

        def save(sim):
            return sim.start("save_document", input={"name": "a"}, instance_id="a").result()
    """)
    result = run_pytest("--wfsim-report=pages", "--wfsim-report-for=all")
    result.assert_outcomes(skipped=1, xfailed=2, failed=1)
    result.stdout.fnmatch_lines(["E*Failed: it was safe", f"pytest *_by_hand *'{DECIDING}'"])
    assert len(list((quorum.path / "pages").glob("*.wfsim.html"))) == 4


def test_a_fixture_that_fails_at_its_end_fails_the_schedule(
    quorum: pytest.Pytester, run_pytest: Run
) -> None:
    """A fixture that checks the simulation when it is torn down counts as the test does."""
    quorum.makepyfile("""
        import pytest

        @pytest.fixture
        def checked(sim):
            yield sim
            assert sim.runs[0].output["is_safe"] is False

        @pytest.mark.wfsim(explore=30)
        def test_checked(checked):
            checked.start("save_document", input={"name": "a"}, instance_id="a").result()
    """)
    result = run_pytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"pytest *::test_checked *'{DECIDING}'"])


def test_state_that_a_test_keeps_is_told(quorum: pytest.Pytester, run_pytest: Run) -> None:
    """A failure that the same schedule does not show again is put down to the test's own state."""
    quorum.makepyfile("""
        import pytest

        seen = []

        @pytest.mark.wfsim(explore=30)
        def test_counts(sim):
            seen.append(sim.start("save_document", input={"name": "a"}).result())
            assert len(seen) != 5
    """)
    result = run_pytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["AssertionError: assert 5 != 5*", "This showed once, and not *"])

"""`wfsim fuzz`: what it finds, what it prints, what it remembers and how it ends."""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import ROOT, Command

BUGS = ROOT / "fixtures" / "bugs"
SCHEDULE = "activity write_copy of save-1#2 < activity write_copy of save-1#0"


@pytest.fixture
def copied(tmp_path: Path) -> Callable[[str], Path]:
    """Copies an app of the corpus, as a project of its own; returns its scenario."""

    def copy(name: str) -> Path:
        folder = tmp_path / name
        shutil.copytree(BUGS / name, folder)
        (folder / "host.json").write_text("{}", encoding="utf-8")
        return folder / "scenario.yaml"

    return copy


Copied = Callable[[str], Path]


def _document(wfsim: Command, *arguments: object) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(wfsim("fuzz", *arguments, "--json").out)
    return document


def test_a_problem_is_told_as_a_story(wfsim: Command, copied: Copied) -> None:
    """What is wrong, the choices at their place, the nearest good run, how to repeat it."""
    scenario = copied("quorum_counts_twice")
    done = wfsim("fuzz", scenario)
    assert (done.code, done.err) == (1, "")
    for part in (
        "✗ save-1.output: expected",
        "shrunk to the one choice that matters",
        "◆         │ 1: activity write_copy of save-1#2 before activity write_copy of save-1#0",
        "The nearest run without the problem: everything in order",
        f"schedule: {SCHEDULE}\n",
        f"again:    wfsim fuzz {scenario} --schedule '{SCHEDULE}'\n",
        "The outcome depends on what happens first:",
        "choice points in one run",
    ):
        assert part in done.out


@pytest.mark.slow
def test_a_printed_command_repeats_the_problem(wfsim: Command, copied: Copied) -> None:
    """The command line that a failure ends with finds it again, at once."""
    found = _document(wfsim, copied("trip_undone_in_part"))
    program, *arguments = shlex.split(found["failures"][0]["command"])
    done = wfsim(*arguments)
    assert (program, done.code) == ("wfsim", 1)
    assert found["failures"][0]["problem"]["text"] in done.out


@pytest.mark.slow
def test_no_problem_is_exit_code_0(wfsim: Command, copied: Copied) -> None:
    """A correct app ends with 0, and the answer says how much was tried."""
    done = wfsim("fuzz", copied("quorum_counts_twice_fixed"), "--schedules", 40)
    assert (done.code, done.err) == (0, "")
    assert "40 schedules (" in done.out
    assert done.out.endswith("✓ no problem found\n")


@pytest.mark.slow
def test_all_orders_are_proven(wfsim: Command, copied: Copied) -> None:
    """An exhaustive search that has tried everything says so, in words and in JSON."""
    scenario = copied("quorum_counts_twice_fixed")
    arguments = (scenario, "--strategy", "exhaustive", "--faults", "none")
    done = wfsim("fuzz", *arguments)
    assert done.code == 0
    assert "proven: there is no other order" in done.out
    assert _document(wfsim, *arguments)["proven"] is True


def test_the_document_says_it_all(wfsim: Command, copied: Copied) -> None:
    """One JSON object for one scenario: failures, outcomes, race and reach."""
    found = _document(wfsim, copied("quorum_counts_twice"), "--no-database")
    assert found["ok"] is False
    (failure,) = found["failures"]
    assert failure["schedule"] == SCHEDULE
    assert failure["choices"] == [SCHEDULE]
    assert failure["nearest"]["schedule"] == "quiet"
    assert sum(item["schedules"] for item in found["outcomes"]) == found["reach"]["schedules"]
    assert found["race"] == {"deciding": SCHEDULE}


@pytest.mark.slow
def test_several_scenarios_are_summed_up(wfsim: Command, copied: Copied) -> None:
    """Folders are explored scenario by scenario; the last lines name those that failed."""
    bug = copied("quorum_counts_twice")
    copied("quorum_counts_twice_fixed")
    done = wfsim("fuzz", bug.parents[1], "--schedules", 40)
    assert done.code == 1
    assert done.out.endswith(f"✗ 1 of 2 scenarios failed:\n  {bug}\n")
    assert [item["ok"] for item in json.loads(wfsim("fuzz", bug.parents[1], "--json").out)] == [
        False,
        True,
    ]


def test_a_schedule_that_fits_in_part_says_what_is_missing(wfsim: Command, copied: Copied) -> None:
    """Words that were never offered are named, beside those that come after them."""
    scenario = copied("quorum_counts_twice_fixed")
    done = wfsim("fuzz", scenario, "--schedule", f"twice(event x for y); {SCHEDULE}")
    assert done.code == 2
    assert "never offered: twice(event x for y)" in done.err
    assert f"not reached:   {SCHEDULE}" in done.err
    document = _document(wfsim, scenario, "--schedule", f"{SCHEDULE} [9]")
    assert (document["ok"], document["not_reached"]) == (False, [f"{SCHEDULE} [9]"])


def test_a_schedule_that_shows_nothing_is_fine(wfsim: Command, copied: Copied) -> None:
    """A schedule that fits and breaks nothing ends with 0, and its story."""
    done = wfsim("fuzz", copied("quorum_counts_twice_fixed"), "--schedule", SCHEDULE)
    assert (done.code, done.err) == (0, "")
    assert "◆" in done.out
    assert "✓ save_document Completed" in done.out


@pytest.mark.slow
def test_an_effect_that_happens_twice_is_told(wfsim: Command, copied: Copied) -> None:
    """An activity that a crash makes run again is named, with its input and both times."""
    crash = "crash after complete(activity write_copy of save-1#2)"
    done = wfsim("fuzz", copied("quorum_counts_twice_fixed"), "--schedule", crash)
    assert 'write_copy of save-1 ran twice with the same input {"region": "east"' in done.out
    assert ": at T+0s and T+0s\n" in done.out


@pytest.mark.slow
def test_failures_are_tried_first_next_time(wfsim: Command, copied: Copied) -> None:
    """A failure is kept beside the project, found at once next time, and forgotten when fixed."""
    scenario = copied("quorum_counts_twice")
    kept = scenario.parent / ".wfsim" / "failures" / "scenario.yaml.jsonl"
    assert _document(wfsim, scenario)["failures"][0]["found_after"] > 2
    assert json.loads(kept.read_text(encoding="utf-8"))["schedule"] == SCHEDULE
    assert _document(wfsim, scenario)["failures"][0]["found_after"] == 2
    fixed = BUGS / "quorum_counts_twice_fixed" / "function_app.py"
    shutil.copy(fixed, scenario.parent)
    assert wfsim("fuzz", scenario, "--schedules", 40).code == 0
    assert not kept.exists()


def test_nothing_is_kept_where_nobody_wants_it(wfsim: Command, copied: Copied) -> None:
    """With --no-database there is no folder afterwards."""
    scenario = copied("quorum_counts_twice")
    assert wfsim("fuzz", scenario, "--no-database").code == 1
    assert not (scenario.parent / ".wfsim").exists()


@pytest.mark.slow
def test_a_place_that_cannot_be_written_is_a_warning(wfsim: Command, copied: Copied) -> None:
    """Where failures cannot be kept the answer is the same, and one line says why."""
    scenario = copied("quorum_counts_twice")
    (scenario.parent / ".wfsim").write_text("in the way", encoding="utf-8")
    done = wfsim("fuzz", scenario)
    assert done.code == 1
    assert done.err.startswith("wfsim: failures cannot be kept for next time: ")
    assert done.err.count("\n") == 1


def test_without_faults_a_chain_has_nothing_to_explore(
    wfsim: Command, small: Callable[..., Path]
) -> None:
    """One activity after the other leaves no order to choose: the call is wrong."""
    scenario = small("app: function_app.py\nstart: {orchestrator: echo, input: hi}\n")
    done = wfsim("fuzz", scenario, "--faults", "none")
    assert (done.code, done.out) == (2, "")
    assert "There is nothing to explore" in done.err


@pytest.mark.slow
def test_one_of_several_without_choices_is_no_reason_to_stop(
    wfsim: Command, small: Callable[..., Path], copied: Copied
) -> None:
    """Where one of several scenarios has nothing to explore, the others are explored."""
    chain = small("app: function_app.py\nstart: {orchestrator: echo, input: hi}\n")
    scenario = copied("quorum_counts_twice_fixed")
    done = wfsim("fuzz", chain, scenario, "--faults", "none", "--schedules", 20)
    assert done.code == 2
    assert f"{chain}: There is nothing to explore" in done.err
    assert done.out.endswith(f"✗ 1 of 2 could not be explored:\n  {chain}\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--faults", "duplicate"], "no fault 'duplicate'. Did you mean 'duplicates'?"),
        (["--faults", "duplicates=many"], "duplicates takes a whole number"),
        (["--what-if", "event"], "no what-if 'event'. Did you mean 'events'?"),
        (["--schedules", "0"], "must be more than 0"),
        (["--seconds", "0"], "must be more than 0"),
        (["--strategy", "dfs"], "invalid choice: 'dfs'"),
        (["--schedule", "a;;b"], "has an empty part"),
        (["--jobs", "0"], "jobs=0 must be at least 1"),
        (["--jobs", "2", "--strategy", "exhaustive"], "runs in one process"),
        (["--write-test", "nowhere/test_x.py"], "is not a file in a folder that exists"),
        (["--write-test", "README.md"], "was not written by wfsim"),
    ],
)
def test_wrong_calls_are_explained(arguments: list[str], said: str, wfsim: Command) -> None:
    """A wrong call exits with 2, prints nothing to stdout and says what is wrong."""
    scenario = "fixtures/bugs/quorum_counts_twice_fixed/scenario.yaml"
    done = wfsim("fuzz", scenario, "--no-database", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_a_schedule_belongs_to_one_scenario(wfsim: Command, copied: Copied) -> None:
    """--schedule with several scenarios is a wrong call."""
    one, other = copied("quorum_counts_twice"), copied("quorum_counts_twice_fixed")
    done = wfsim("fuzz", one, other, "--schedule", "quiet")
    assert done.code == 2
    assert "--schedule takes one scenario, and got 2" in done.err


def test_help_teaches(wfsim: Command) -> None:
    """`wfsim fuzz --help` shows examples, the kinds of faults and the exit codes."""
    done = wfsim("fuzz", "--help")
    assert done.code == 0
    for part in ("examples:", "--schedule 'crash after", "slow_activities", "exit codes: 0 fine"):
        assert part in done.out

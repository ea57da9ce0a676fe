"""Playing one schedule again, and keeping those that failed."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.explore.worlds import bug
from wfsim import Simulation
from wfsim.errors import UsageError
from wfsim.explore import Faults, replay
from wfsim.explore.budgets import faults_from_text, faults_text
from wfsim.explore.database import Database, Known, file_of
from wfsim.explore.effects import repeated_effects
from wfsim.explore.regression import Regression, check_target, regression_source
from wfsim.hub.faults import ALL_FAULTS

SCHEDULE = "activity write_copy of save-1#2 < activity write_copy of save-1#0"
KNOWN = Known(schedule=SCHEDULE, problem="expect save-1.output", circle="faults all")


def test_a_schedule_shows_its_problem_again() -> None:
    """Replaying a repro string gives the run, with what is wrong with it."""
    run = replay(bug("quorum_counts_twice"), SCHEDULE)
    assert [problem.key for problem in run.problems] == ["expect save-1.output"]
    assert replay(bug("quorum_counts_twice_fixed"), SCHEDULE).problems == ()


def test_a_schedule_that_does_not_fit_is_an_error() -> None:
    """Words that nothing offers are named: a test with them must not pass in silence."""
    with pytest.raises(UsageError, match=r"never offered: twice\(event x\)"):
        replay(bug("quorum_counts_twice"), "twice(event x)")
    with pytest.raises(UsageError, match="not reached:   activity write_copy"):
        replay(bug("quorum_counts_twice"), f"{SCHEDULE} [7]")


def test_a_function_can_be_replayed() -> None:
    """What holds for scenarios holds for functions with an app."""

    def saves(sim: Simulation) -> None:
        run = sim.start("save_document", input={"name": "a"}, instance_id="save-1")
        sim.run_until_idle()
        assert run.output == {"name": "a", "is_safe": False}

    app = bug("quorum_counts_twice").parent
    assert replay(saves, "quiet", app=app).problems == ()
    (problem,) = replay(saves, SCHEDULE, app=app, faults=None).problems
    assert problem.text.startswith("AssertionError")


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("none", None),
        ("all", ALL_FAULTS),
        ("duplicates", Faults(duplicates=1)),
        ("activity_crashes=2,duplicates", Faults(activity_crashes=2, duplicates=1)),
    ],
)
def test_budgets_are_text(text: str, faults: Faults | None) -> None:
    """A budget can be written, and reads the same."""
    assert faults_from_text(text) == faults
    assert faults_text(faults) == text


def test_budgets_may_be_written_loosely() -> None:
    """Spaces and dashes are fine; what is nothing is none."""
    assert faults_from_text(" slow-activities = 3 ") == Faults(slow_activities=3)
    assert faults_text(faults_from_text("duplicates=0")) == "none"


@pytest.mark.parametrize("text", ["", "crashes", "duplicates=-1", "duplicates=", "duplicates=²"])
def test_wrong_budgets_are_refused(text: str) -> None:
    """What is no budget is a mistake, not a guess."""
    with pytest.raises(UsageError):
        faults_from_text(text)


def test_a_crash_repeats_an_effect() -> None:
    """An activity that was done and not acknowledged has run twice, with one input."""
    crash = "crash after complete(activity write_copy of save-1#1)"
    effects = repeated_effects(replay(bug("quorum_counts_twice"), crash).trace)
    assert [(item.name, item.task_id, len(item.at_us)) for item in effects] == [
        ("write_copy", 1, 2)
    ]
    assert repeated_effects(replay(bug("quorum_counts_twice"), "quiet").trace) == ()


def test_failures_are_kept_as_they_lie_in_the_project(tmp_path: Path) -> None:
    """The file's place in the folder is the scenario's place in the project."""
    (tmp_path / "pyproject.toml").touch()
    scenario = tmp_path / "flows" / "a" / "s.yaml"
    assert file_of(scenario) == tmp_path / ".wfsim" / "failures" / "flows" / "a" / "s.yaml.jsonl"


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Failures come back, each once; with none left the file is gone."""
    database = Database(tmp_path / "s.yaml")
    assert database.read() == ()
    database.write([KNOWN, KNOWN])
    assert Database(tmp_path / "s.yaml").read() == (KNOWN,)
    database.write([])
    assert not file_of(tmp_path / "s.yaml").exists()
    assert database.complaint == ""


def test_lines_that_are_no_failures_are_passed_over(tmp_path: Path) -> None:
    """A file that somebody damaged costs what was in it, and nothing else."""
    database = Database(tmp_path / "s.yaml")
    database.write([KNOWN])
    file = file_of(tmp_path / "s.yaml")
    file.write_text("{\n[]\n{}\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    assert database.read() == (KNOWN,)
    file.write_bytes(b"\xff")
    assert database.read() == ()


def test_what_cannot_be_written_is_a_complaint(tmp_path: Path) -> None:
    """A folder that cannot be made fails nothing."""
    (tmp_path / ".wfsim").touch()
    database = Database(tmp_path / "s.yaml")
    database.write([KNOWN])
    assert "s.yaml.jsonl" in database.complaint


def test_written_tests_are_python(tmp_path: Path) -> None:
    """Whatever words, problems and paths hold, the source is valid and names them."""
    regressions = tuple(
        Regression(
            scenario=tmp_path / "flows" / "scenario.yaml",
            words='twice(event "go"); ' + "; ".join(["activity a < activity b"] * 5),
            problem='a \\ "problem"\nin lines ' + "and more " * 20,
            faults="all",
            what_if=what_if,
        )
        for what_if in ("", "events")
    )
    source = regression_source(tmp_path / "tests" / "test_x.py", regressions)
    functions = [item for item in ast.parse(source).body if isinstance(item, ast.FunctionDef)]
    assert [item.name for item in functions] == ["test_flows_holds", "test_flows_holds_2"]
    assert 'HERE / "../flows/scenario.yaml"' in source
    assert r'"twice(event \"go\"); "' in source
    assert 'faults="all", what_if="events")' in source
    assert max(map(len, source.splitlines())) <= 100


def test_only_own_files_are_overwritten(tmp_path: Path) -> None:
    """A file of somebody else is left alone; one that was written before may be renewed."""
    target = tmp_path / "test_x.py"
    target.write_text(regression_source(target, ()), encoding="utf-8")
    check_target(target)
    target.write_text("def test_mine(): ...\n", encoding="utf-8")
    with pytest.raises(UsageError, match="was not written by wfsim"):
        check_target(target)
    with pytest.raises(UsageError, match="in a folder that exists"):
        check_target(tmp_path)

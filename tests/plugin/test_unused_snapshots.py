"""Snapshot files that no test uses any more, and updates by several processes."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from tests.plugin.conftest import Run, Workers

ONE = """
def test_one(sim, history_snapshot, trace_snapshot):
    run = sim.start("approval", input={"topic": "AI"})
    run.result()
    assert run.history == history_snapshot
    assert sim.trace == trace_snapshot
"""
TWO = """
def test_two(sim, trace_snapshot, outcomes_snapshot):
    run = sim.start("approval", input={"topic": "BI"})
    run.result()
    assert sim.trace == trace_snapshot
    assert [run.output] == outcomes_snapshot
"""


def _write(project: pytest.Pytester, **files: str) -> None:
    for name, text in files.items():
        (project.path / f"{name}.py").write_text(text, encoding="utf-8")


def _files(project: pytest.Pytester) -> dict[str, bytes]:
    folder = project.path / "__snapshots__"
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


ALL = {
    "test_a/test_one.history",
    "test_a/test_one.trace",
    "test_a/test_two.trace",
    "test_a/test_two.outcomes",
}


def test_files_of_deleted_tests_are_unused(project: pytest.Pytester, run_pytest: Run) -> None:
    """What a deleted test used fails the run, and the next update deletes it, and nothing else."""
    _write(project, test_a=ONE + TWO)
    run_pytest("--snapshot-update")
    assert set(_files(project)) == ALL
    _write(project, test_a=TWO)
    result = run_pytest()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["2 snapshots passed. 2 snapshots unused."])
    run_pytest("--snapshot-update").stdout.fnmatch_lines(["*2 unused snapshots deleted.*"])
    assert set(_files(project)) == {name for name in ALL if "two" in name}
    assert run_pytest().ret == pytest.ExitCode.OK


def test_a_fixture_that_is_dropped_leaves_an_unused_file(
    project: pytest.Pytester, run_pytest: Run
) -> None:
    """Of two fixtures of a test one goes: its file is unused, and the other's is not."""
    _write(project, test_a=ONE + TWO)
    run_pytest("--snapshot-update")
    _write(project, test_a=ONE.replace(" == history_snapshot", ""), test_b=TWO)
    run_pytest("--snapshot-update")
    assert set(_files(project)) == {
        *("test_a/test_one.trace", "test_b/test_two.trace", "test_b/test_two.outcomes"),
    }


@pytest.mark.parametrize("choice", [("-k", "one"), ("test_a.py::test_one",)], ids=str)
def test_files_of_tests_that_did_not_run_stay(
    project: pytest.Pytester, run_pytest: Run, choice: tuple[str, ...]
) -> None:
    """An update of some tests only leaves the files of the others alone."""
    _write(project, test_a=ONE + TWO, test_b=TWO)
    run_pytest("--snapshot-update")
    before = _files(project)
    assert run_pytest("--snapshot-update", *choice).ret == pytest.ExitCode.OK
    assert _files(project) == before


@pytest.mark.skipif(
    int(version("syrupy").partition(".")[0]) < 6,
    reason="older releases of syrupy delete the files of skipped tests, whatever the extension",
)
def test_files_of_skipped_tests_stay(project: pytest.Pytester, run_pytest: Run) -> None:
    """A test that is skipped keeps the files of all of its fixtures."""
    _write(project, test_a=ONE + TWO)
    run_pytest("--snapshot-update")
    before = _files(project)
    skipped = f"import pytest\n@pytest.mark.skip{TWO}"
    _write(project, test_a=ONE + skipped)
    assert run_pytest("--snapshot-update").ret == pytest.ExitCode.OK
    assert _files(project) == before


@pytest.mark.slow
def test_several_processes_write_what_one_writes(
    project: pytest.Pytester, run_pytest: Run, workers: Workers, tmp_path: Path
) -> None:
    """An update under pytest-xdist writes the same bytes, and a second run agrees with them."""
    _write(project, test_a=ONE + TWO, test_b=TWO, test_c=ONE)
    xdist = workers(2)
    run_pytest("--snapshot-update", *xdist).assert_outcomes(passed=4)
    written = _files(project)
    assert len(written) == 8
    result = run_pytest(*xdist)
    result.assert_outcomes(passed=4)
    assert result.ret == pytest.ExitCode.OK
    (project.path / "__snapshots__").rename(tmp_path / "former")
    run_pytest("--snapshot-update").assert_outcomes(passed=4)
    assert _files(project) == written

"""`pytest --wfsim-corpus`: each recorded history is a test."""

from __future__ import annotations

import shutil

import pytest

from tests.apps import fixture_app
from tests.plugin.conftest import Run
from wfsim.cli import main

APP = fixture_app("approval")


@pytest.fixture(autouse=True)
def corpus(project: pytest.Pytester) -> None:
    """A corpus of the project's app, and a test beside it."""
    shutil.copy(APP / "escalates.yaml", project.path)
    main(["record", "escalates.yaml", "--to", "corpus", "--schedules", "6"])
    project.makepyfile(test_other="def test_other() -> None:\n    pass\n")


def _edit(project: pytest.Pytester, old: str, new: str) -> None:
    path = project.path / "function_app.py"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def _files(project: pytest.Pytester) -> int:
    return len(list((project.path / "corpus").iterdir()))


def test_each_file_is_a_test_beside_the_others(project: pytest.Pytester, run_pytest: Run) -> None:
    """The folder is collected with what else is; without the option, its files are no tests."""
    result = run_pytest("--wfsim-corpus", "corpus")
    result.assert_outcomes(passed=_files(project) + 1)
    run_pytest().assert_outcomes(passed=1)


def test_an_edit_that_breaks_instances_fails(project: pytest.Pytester, run_pytest: Run) -> None:
    """The report shows the verdict, the line, both sides and the ways out, and no traceback."""
    _edit(project, "write_draft", "write_a_draft")
    result = run_pytest("--wfsim-corpus", "corpus")
    result.assert_outcomes(failed=_files(project), passed=1)
    result.stdout.fnmatch_lines(
        [
            "incompatible: approval: activity 'write_draft' is 'write_a_draft' now*",
            "function_app.py:*, turn 1, step 0: name",
            "*0 call_activity write_draft(*  call_activity write_a_draft(*",
            "ways out: - keep the old path*",
        ]
    )
    assert "corpus_hooks.py" not in result.stdout.str()


def test_an_edit_that_the_host_tolerates_warns(project: pytest.Pytester, run_pytest: Run) -> None:
    """A longer timer passes, with a warning that names both lengths."""
    _edit(project, "timedelta(hours=72)", "timedelta(hours=96)")
    result = run_pytest("--wfsim-corpus", "corpus", "-Wdefault")
    result.assert_outcomes(passed=_files(project) + 1)
    result.stdout.fnmatch_lines(["*create_timer(3d) is create_timer(4d) now, at step*"])


def test_a_damaged_file_fails_with_its_line(project: pytest.Pytester, run_pytest: Run) -> None:
    """A file that cannot be read is a failure, not something to pass over."""
    path = next((project.path / "corpus").iterdir())
    text = path.read_text(encoding="utf-8").replace("status: ", "statuss: ")
    path.write_text(text, encoding="utf-8")
    result = run_pytest("--wfsim-corpus", "corpus")
    result.assert_outcomes(failed=1, passed=_files(project))
    result.stdout.fnmatch_lines([f"*{path.name}:*: There is no key 'statuss'. Did you mean*"])


def test_a_folder_that_is_not_there_is_a_wrong_call(run_pytest: Run) -> None:
    """The message says how to record one."""
    result = run_pytest("--wfsim-corpus", "nowhere")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["*nowhere: there is no such folder. Record one with `wfsim record*"]
    )

"""`wfsim record`: the fewest histories that show all that was reached, and stay as they are."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.apps import fixture_app
from wfsim.cli import main

APP = fixture_app("approval")


def _project(folder: Path, *scenarios: str) -> Path:
    for name in ("function_app.py", *(scenarios or ("escalates.yaml",))):
        shutil.copy(APP / name, folder / name)
    return folder


def _edit(folder: Path, old: str, new: str) -> None:
    path = folder / "function_app.py"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def _record(folder: Path, *more: str) -> int:
    return main(["record", str(folder), "--to", str(folder / "corpus"), "--schedules", "12", *more])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of an app, with a corpus."""
    folder = _project(tmp_path)
    assert _record(folder) == 0
    return folder


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "corpus").iterdir()}


def test_what_was_reached_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each orchestrator: yields reached of those there are, ways on, files; then each file."""
    capsys.readouterr()
    assert _record(project, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    (approval,) = document["orchestrators"]
    assert approval["name"] == "approval"
    assert approval["yields_reached"] + len(approval["unreached"]) == 5
    assert approval["files"] == document["kept"]
    assert any("timer → " in way for way in approval["ways"])


def test_what_the_app_prints_is_not_said_for_each_run(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Runs are many: neither what the app prints nor what it logs is among the lines."""
    draft = "def write_draft(topic: str) -> dict[str, str]:\n"
    _edit(project, draft, f"{draft}    print('noise')\n    logging.error('noise')\n")
    capsys.readouterr()
    assert _record(project) == 0
    said = capsys.readouterr()
    assert "noise" not in said.out + said.err
    assert "yields reached" in said.out


def test_recording_again_changes_no_byte(project: Path) -> None:
    """Without edits, and with edits that mean nothing, the corpus stays as it is."""
    before = _files(project)
    assert before
    assert _record(project) == 0
    _edit(project, "import logging", "# a comment\nimport logging")
    assert _record(project) == 0
    assert _files(project) == before


def test_files_of_no_use_are_named_and_pruned(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What today's code does not take over any more is listed, and removed on demand."""
    before = _files(project)
    wait = "yield context.create_timer(context.current_utc_datetime + PATIENCE)"
    _edit(project, "draft = yield", f"{wait}\n    draft = yield")
    capsys.readouterr()
    assert _record(project) == 0
    said = capsys.readouterr().out
    assert "today's code does not take it over (incompatible)" in said
    assert "Remove files of no use with --prune." in said
    assert set(before) < set(_files(project))
    assert _record(project, "--prune") == 0
    assert set(before).isdisjoint(_files(project))


def test_a_corpus_holds_todays_code(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`wfsim replay` takes the files: 0 for the same code, 1 once a step is renamed."""
    replay = ["replay", "--app", str(project), str(project / "corpus")]
    assert main(replay) == 0
    _edit(project, "write_draft", "write_a_draft")
    capsys.readouterr()
    assert main(replay) == 1
    assert "activity 'write_draft' is 'write_a_draft' now" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--to", "function_app.py"], "is a file; name the corpus's folder"),
        (["--to", "corpus", "--schedules", "0"], "--schedules 0 must be at least 1"),
    ],
)
def test_wrong_calls_say_what_to_do(
    arguments: list[str],
    why: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A file where a folder is wanted, no runs: exit code 2, and nothing is written."""
    monkeypatch.chdir(_project(tmp_path))
    assert main(["record", ".", *arguments]) == 2
    assert why in capsys.readouterr().err
    assert not (tmp_path / "corpus").exists()


def test_scenarios_of_several_apps_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A corpus is of one app."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        _project(tmp_path / name)
    assert main(["record", str(tmp_path), "--to", str(tmp_path / "corpus")]) == 2
    assert "A corpus is of one app, but these 2 scenarios have 2." in capsys.readouterr().err

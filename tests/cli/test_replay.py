"""`wfsim replay`: what it prints, writes and returns."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.apps import ROOT, fixture_app
from tests.replay.midpoint import EDITS, midpoint
from wfsim.cli import main
from wfsim.replay.corpus.write import text_of

APP = str(fixture_app("approval"))
HISTORIES = ROOT / "fixtures" / "histories"
RENAMED = EDITS["renamed_activity"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Thirty histories that a renamed activity breaks."""
    text = text_of(midpoint(RENAMED))
    for number in range(30):
        name = tmp_path / "histories" / f"{number:02}.yaml"
        name.parent.mkdir(exist_ok=True)
        name.write_text(text.replace("renamed-activity", f"upload-{number}"), encoding="utf-8")
    return tmp_path / "histories"


def _replay(app: str | Path, paths: Sequence[str | Path], *more: str | Path) -> int:
    return main(["replay", "--app", str(app), *map(str, paths), *map(str, more)])


def test_one_history_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Verdict, file, instance and size; what could not be compared; exit code 0."""
    assert _replay(APP, [HISTORIES / "export" / "good.jsonl"]) == 0
    out = capsys.readouterr().out
    assert "good.jsonl  approval 'post-1': 20 events, 5 turn borders" in out
    assert "1 history: 1 compatible" in out
    assert "not compared: retry policies" in out


def test_thirty_equal_failures_are_one_block(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The cause once, with the line, both sides and the ways out; exit code 1."""
    assert _replay(RENAMED.new, [folder]) == 1
    out = capsys.readouterr().out
    assert out.count("activity 'scan' is 'scan_for_viruses' now") == 1
    assert "incompatible   30 times upload: " in out
    assert f"function_app.py:{RENAMED.line}, turn 1, step 0: name" in out
    assert "00.yaml (upload-0), " in out
    assert " and 28 more" in out
    assert "30 histories: 30 incompatible" in out


def test_every_history_is_listed_on_demand(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--all prints a line for each, however many there are."""
    _replay(RENAMED.new, [folder], "--all")
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("incompatible") and "turn border" in line for line in lines) == 30


def test_a_pattern_that_no_shell_expanded_counts(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """'0*.yaml' in quotes names ten files; a file that is named twice is replayed once."""
    assert _replay(RENAMED.new, [folder / "0*.yaml", folder / "00.yaml"]) == 1
    assert "10 histories: 10 incompatible" in capsys.readouterr().out


def test_machines_get_documents(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """JSON on standard output, JUnit XML and a page in files: all of the same verdicts."""
    xml, page = tmp_path / "replay.xml", tmp_path / "replay.html"
    assert _replay(RENAMED.new, [folder], "--json", "--junit", xml, "--html", page) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["counts"]["incompatible"] == len(document["histories"]) == 30
    assert document["groups"][0]["count"] == 30
    assert ET.fromstring(xml.read_text(encoding="utf-8")).get("failures") == "30"
    assert "<b>30 histories</b>" in page.read_text(encoding="utf-8")


@pytest.mark.slow
def test_processes_say_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two processes give the verdicts of one, in the same order."""
    documents: list[object] = []
    for jobs in ("1", "2"):
        assert _replay(RENAMED.new, [folder, HISTORIES], "--json", "--jobs", jobs) == 1
        documents.append(json.loads(capsys.readouterr().out))
    assert documents[0] == documents[1]


def test_damage_costs_one_history(capsys: pytest.CaptureFixture[str]) -> None:
    """Damaged files are named, the others replayed, and the exit code is 2."""
    assert _replay(APP, [HISTORIES]) == 2
    out = capsys.readouterr().out
    assert "35 histories: 7 compatible, 28 not replayable" in out
    assert "table_json/missing.json, item 6 (post-1)" in out


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["nowhere.json"], "There is no file, folder or match for 'nowhere.json'."),
        (["empty"], "There is no history in empty."),
        (["empty", "--jobs", "0"], "--jobs 0 must be at least 1"),
        (["empty", "--jobs", "2", "--dask", "tcp://x:1"], "a Dask cluster has workers of its own"),
        (["empty", "--junit", "no/where.xml"], "There is no folder 'no' for 'no/where.xml'."),
    ],
)
def test_wrong_calls_say_what_to_do(
    arguments: list[str],
    why: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No such file, an empty folder, arguments that do not fit: exit code 2, nothing written."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    assert _replay(APP, arguments) == 2
    assert why in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


def test_an_app_that_does_not_import_is_a_wrong_call(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message has the user's own line, and nothing of wfsim's insides."""
    (tmp_path / "function_app.py").write_text("import nothing_of_that_name\n", encoding="utf-8")
    assert _replay(tmp_path, [HISTORIES / "export" / "good.jsonl"]) == 2
    error = capsys.readouterr().err
    assert "nothing_of_that_name" in error
    assert "wfsim/" not in error


def test_another_app_has_no_such_orchestrator(capsys: pytest.CaptureFixture[str]) -> None:
    """A history of an orchestrator that the app lacks is incompatible, with what it has."""
    assert _replay(fixture_app("saga"), [HISTORIES / "export" / "good.jsonl"]) == 1
    assert "orchestrator 'approval' is not registered." in capsys.readouterr().out


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    """--help shows examples, verdicts and exit codes."""
    with pytest.raises(SystemExit):
        main(["replay", "--help"])
    out = capsys.readouterr().out
    for words in ("examples:", "verdicts: compatible; warning", "exit codes: 0 fine, 1"):
        assert words in out


def test_histories_are_told_by_content(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The names of files mean nothing."""
    for number, path in enumerate(sorted(HISTORIES.glob("*/good.*"))):
        shutil.copy(path, tmp_path / f"{number}.txt")
    assert _replay(APP, [tmp_path]) == 0
    assert "7 histories: 7 compatible" in capsys.readouterr().out

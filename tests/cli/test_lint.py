"""`wfsim lint`: what it prints, in which formats, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command

BAD = "fixtures/lint/DURABLE0003/bad_across"
GOOD = "fixtures/lint/DURABLE0003/good_across"

TEXT = """\
fixtures/lint/DURABLE0003/bad_across/waits.py:11:5 DURABLE0003 `sleep()` blocks the worker at each \
replay and is in no history
  11 |     sleep(seconds)  # expect: DURABLE0003
     |     ^^^^^^^^^^^^^^
  called from `poll` via `back_off`, `_nap`
  help: Yield `context.create_timer(context.current_utc_datetime + timedelta(…))`.

1 finding in 2 files: DURABLE0003 1.
'wfsim lint --explain CODE' says more.
"""


def test_findings_are_shown_with_their_line(wfsim: Command) -> None:
    """Text shows place, message, the line with a caret, who leads there and the way out; exit 1."""
    done = wfsim("lint", BAD)
    assert (done.code, done.out, done.err) == (1, TEXT, "")


def test_no_finding_is_said(wfsim: Command) -> None:
    """Without findings one line says what was read; exit 0."""
    done = wfsim("lint", GOOD)
    assert done.code == 0
    assert done.out == "No hazards in 2 files; 2 functions of workflows were followed.\n"


def test_carets_stand_below_wide_lines(wfsim: Command, tmp_path: Path) -> None:
    """A caret stands right below tabs, and below the first line of what goes on for several."""
    (tmp_path / "function_app.py").write_text(
        "import azure.durable_functions as df\napp = df.DFApp()\n"
        '@app.orchestration_trigger(context_name="c")\ndef one(c):\n'
        "\tprint(\n\t\t1)\n\tyield c.wait_for_external_event('x')\n"
    )
    out = wfsim("lint", tmp_path).out
    assert "  5 |     print(\n    |     ^^^^^^\n" in out


def test_json_is_one_document(wfsim: Command) -> None:
    """`--format json` gives files, functions and findings with all that the text says."""
    done = wfsim("lint", BAD, "--format", "json")
    document = json.loads(done.out)
    assert (done.code, document["files"], document["functions"]) == (1, 2, 3)
    (finding,) = document["findings"]
    assert finding["code"] == "DURABLE0003"
    assert finding["path"] == "fixtures/lint/DURABLE0003/bad_across/waits.py"
    assert (finding["line"], finding["column"]) == (11, 5)
    assert finding["trail"] == ["poll", "back_off", "_nap"]
    assert (finding["name"], finding["severity"]) == ("sleep", "error")


def test_github_gets_annotations(wfsim: Command) -> None:
    """`--format github` writes one workflow command per finding, with its data escaped."""
    done = wfsim("lint", BAD, "fixtures/lint/WF213/bad.py", "--format", "github")
    first, second = done.out.splitlines()
    assert first.startswith(
        "::error file=fixtures/lint/DURABLE0003/bad_across/waits.py,line=11,col=5,endLine=11,"
        "endColumn=19,title=DURABLE0003 sleep::`sleep()` blocks"
    )
    assert "called from `poll` via `back_off`, `_nap`" in first
    assert second.startswith("::warning file=fixtures/lint/WF213/bad.py,line=10,")


def test_sarif_is_a_log(wfsim: Command) -> None:
    """`--format sarif` writes a log with the findings as results."""
    done = wfsim("lint", BAD, "--format", "sarif")
    (run,) = json.loads(done.out)["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["DURABLE0003"]


def test_rules_are_chosen(wfsim: Command) -> None:
    """`--select` and `--ignore` take codes and beginnings, parted by commas or given twice."""
    assert wfsim("lint", BAD, "--select", "WF2,DURABLE1").code == 0
    assert wfsim("lint", BAD, "--select", "WF2", "--select", "DURABLE0003").code == 1
    assert wfsim("lint", BAD, "--ignore", "DURABLE0").code == 0


def test_rules_are_explained(wfsim: Command) -> None:
    """`--explain` says summary, reason and way out of a rule, and how to silence it; exit 0."""
    done = wfsim("lint", "--explain", "wf205")
    assert done.code == 0
    for part in ("WF205 (set-order), error", "Why: Texts", "Way out: Walk", "# noqa: WF205"):
        assert part in done.out


def test_module_and_attribute_mean_a_file(
    wfsim: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`package.module:app` is the module's file below the current folder."""
    assert wfsim("lint", "fixtures.lint.WF213.bad:app").code == 1
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("")
    monkeypatch.chdir(tmp_path)
    assert wfsim("lint", "package:app").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Say what to lint: a file, a folder such as '.', or module:attribute."),
        (("nowhere",), "nowhere: there is no such file, folder or module."),
        (("nowhere:app",), "nowhere:app: there is no such file, folder or module."),
        (("docs/lint",), "docs/lint: there is no Python file in or below this folder."),
        ((BAD, "--select", "WF299"), "--select: 'WF299' is no rule. Did you mean 'WF2"),
        (("--explain", "WF299"), "'WF299' is no rule. Did you mean 'WF2"),
        (("--explain", "DURABLE0009"), "DURABLE0009 is not a rule for Python. It prefers"),
        ((BAD, "--format", "xml"), "invalid choice: 'xml'"),
    ],
)
def test_wrong_calls_are_explained(arguments: tuple[str, ...], said: str, wfsim: Command) -> None:
    """A wrong call exits with 2 and says what is wrong and what is near."""
    done = wfsim("lint", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_broken_files_are_named(wfsim: Command, tmp_path: Path) -> None:
    """A file that is no Python exits with 2 and names the place."""
    (tmp_path / "function_app.py").write_text("def f(:\n")
    done = wfsim("lint", tmp_path)
    assert done.code == 2
    assert "function_app.py:1:7: this is no Python" in done.err

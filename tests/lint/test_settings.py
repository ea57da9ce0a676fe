"""`# noqa`, pyproject.toml and what they leave out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lint.conftest import Lint, app, shown
from wfsim.errors import UsageError
from wfsim.lint import RULES, Settings, lint, load_settings

PRINTS = """
    @orch
    def one(context):
        print(1){}
        yield context.wait_for_external_event("x")
"""


@pytest.mark.parametrize(
    ("comment", "is_left_out"),
    [
        ("", False),
        ("  # noqa", True),
        ("  # NOQA", True),
        ("  # noqa: WF213", True),
        ("  # noqa:WF213", True),
        ("  # noqa: wf213", True),
        ("  # noqa: E501, WF213", True),
        ("  # noqa: E501 WF213 - on purpose", True),
        ("  # why not  # noqa: WF213", True),
        ("  # noqa: WF21", False),
        ("  # noqa: E501", False),
        ("  # noqability", False),
        ("  # noqa:", False),
        ("  # noqa: because", False),
        ("; text = '# noqa'", False),
    ],
)
def test_noqa_silences_its_line(comment: str, is_left_out: bool, lint_app: Lint) -> None:
    """A `# noqa` silences all rules or the named ones, on its line, as ruff reads it."""
    assert lint_app(PRINTS.format(comment)) == ([] if is_left_out else ["function_app.py:5 WF213"])


def test_noqa_counts_at_both_ends_of_an_expression(lint_app: Lint) -> None:
    """The comment of a long call may stand on its first line or behind its last."""
    body = """
        @orch
        def one(context):
            print(  # noqa: WF213
                1,
            )
            print(
                2,
            )  # noqa: WF213
            yield context.wait_for_external_event("x")
    """
    assert lint_app(body) == []


def test_noqa_of_a_block_stands_on_its_first_line(lint_app: Lint) -> None:
    """A comment on the last line of a loop is not one for the loop."""
    body = """
        @orch
        def one(context):
            while True:{}
                yield context.call_activity("one", 1)  # noqa
    """
    assert lint_app(body.format("")) == ["function_app.py:5 DURABLE0011"]
    assert lint_app(body.format("  # noqa: DURABLE0011")) == []


def _pyproject(folder: Path, text: str) -> None:
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")


def test_settings_come_from_the_nearest_table(tmp_path: Path) -> None:
    """The nearest pyproject.toml that has the table counts, others are passed by."""
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    _pyproject(tmp_path, '[tool.wfsim.lint]\nselect = ["WF2", "DURABLE0001"]\nignore = ["WF213"]\n')
    _pyproject(tmp_path / "a", "[tool.other]\nx = 1\n")
    expected = {code for code in RULES if code.startswith("WF2")} - {"WF213"} | {"DURABLE0001"}
    assert load_settings(inner).selected == expected
    assert load_settings(inner / "function_app.py").selected == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('select = ["WF299"]', "select: 'WF299' is no rule. Did you mean"),
        ('ignore = ["DURABLE0007"]', "DURABLE0007 is not a rule for Python. Cancellation"),
        ("ignore = 3", "ignore must be a list of codes, not 3"),
        ('slect = ["WF2"]', "has no key 'slect'. Did you mean 'select'?"),
        ('exclude = "x"', "exclude must be a list of patterns, not 'x'"),
        ("per-file-ignores = 1", "per-file-ignores must be a table of patterns, not 1"),
        ('per-file-ignores = {"a" = ["X1"]}', "per-file-ignores: 'X1' is no rule"),
        ("select = [", "this is no TOML"),
    ],
)
def test_wrong_settings_are_explained(text: str, said: str, tmp_path: Path) -> None:
    """A mistake in the table is a UsageError that names file, key, value and the nearest name."""
    _pyproject(tmp_path, f"[tool.wfsim.lint]\n{text}\n")
    with pytest.raises(UsageError, match=r"pyproject\.toml") as caught:
        load_settings(tmp_path)
    assert said in str(caught.value)


def test_files_and_folders_are_left_out(tmp_path: Path) -> None:
    """`exclude` and `per-file-ignores` match paths below the file with the settings."""
    for name in ("kept", "legacy", "quiet"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "function_app.py").write_text(app(PRINTS.format("")), encoding="utf-8")
    _pyproject(
        tmp_path,
        '[tool.wfsim.lint]\nexclude = ["legacy/"]\nper-file-ignores = {"quiet/*" = ["WF213"]}\n',
    )
    report = lint([tmp_path], load_settings(tmp_path))
    assert shown(report, tmp_path) == ["kept/function_app.py:5 WF213"]
    assert report.files == 2


def test_select_replaces_and_ignore_takes_away() -> None:
    """`select` of a call starts anew, `ignore` takes away from what is selected; commas part."""
    settings = Settings(selected=frozenset({"WF201", "WF213"}))
    assert settings.with_options(["WF201,WF202"], ["WF202"]).selected == {"WF201"}
    assert settings.with_options(None, ["wf213"]).selected == {"WF201"}
    assert settings.with_options(["all"]).selected == set(RULES)
    with pytest.raises(UsageError, match=r"--ignore: 'WF9' is no rule\."):
        settings.with_options(None, ["WF9"])

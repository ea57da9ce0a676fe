"""The pages of the docs say what the table of rules says, and their code shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.blocks import Block, commands, read
from tests.lint.marks import ROOT
from wfsim.cli import main
from wfsim.lint import RULES, Rule, lint, load_settings
from wfsim.lint.rules import UNUSED

PAGES = ROOT / "docs" / "lint"
INDEX = (PAGES / "index.md").read_text(encoding="utf-8")


def _blocks(code: str) -> list[Block]:
    return [block for block in read(PAGES / f"{code}.md") if block.language == "python"]


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_pages_show_what_they_say(rule: Rule, tmp_path: Path) -> None:
    """The bad code of a page gives exactly its rule, and the good code nothing."""
    codes: list[set[str]] = []
    for number, block in enumerate(_blocks(rule.code)):
        path = tmp_path / str(number) / "function_app.py"
        path.parent.mkdir()
        path.write_text(block.source, encoding="utf-8")
        codes.append({finding.code for finding in lint([path]).findings})
    assert codes == [{rule.code}, set()]


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_pages_say_what_the_table_says(rule: Rule) -> None:
    """A page gives summary, reason and way out of its rule, and the index lists it."""
    page = (PAGES / f"{rule.code}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {rule.code}: {rule.name}\n")
    for part in (rule.summary, rule.why, rule.way_out):
        assert part in page
    row = f"| [{rule.code}]({rule.code}.md) | {rule.name} | {rule.severity} | {rule.summary} |"
    assert row in INDEX


def test_there_is_no_page_without_a_rule() -> None:
    """Pages and rules are the same, and codes that Python has no use for are explained."""
    assert {page.stem for page in PAGES.glob("*.md")} == {*RULES, "index"}
    for code, why in UNUSED.items():
        assert f"- `{code}`: {why}" in INDEX
        assert code not in RULES


def test_the_example_of_the_index_is_true(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The output on the index page is what the command prints for the code of that rule's page."""
    (tmp_path / "function_app.py").write_text(_blocks("WF205")[0].source, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    example = commands(next(block for block in read(PAGES / "index.md")))[0]
    assert main(example.text.split()[1:]) == 1
    assert capsys.readouterr().out.strip() == example.shown


def test_the_settings_of_the_index_are_valid(tmp_path: Path) -> None:
    """The table that the index page shows can be loaded, and does what its comments say."""
    block = next(block for block in read(PAGES / "index.md") if block.language == "toml")
    (tmp_path / "pyproject.toml").write_text(block.source, encoding="utf-8")
    settings = load_settings(tmp_path)
    assert settings.selected == set(RULES) - {"DURABLE0010"}
    assert settings.excludes(tmp_path / "legacy" / "app.py")
    assert not settings.counts("WF213", tmp_path / "scripts" / "x.py")

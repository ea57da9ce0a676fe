"""Each rule finds what its fixtures mark, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lint.marks import RULE_FOLDERS, case_id, cases, expected, found
from wfsim.lint import RULES, lint


@pytest.mark.parametrize("path", cases("bad"), ids=case_id)
def test_hazards_are_found_where_they_are(path: Path) -> None:
    """A fixture with a hazard gives exactly the marked findings."""
    assert found(lint([path])) == expected(path)


@pytest.mark.parametrize("path", cases("good"), ids=case_id)
def test_nothing_is_found_beside_them(path: Path) -> None:
    """A fixture without the hazard gives no finding at all."""
    assert found(lint([path])) == {}


@pytest.mark.parametrize("code", RULES)
def test_each_rule_has_its_fixtures(code: str) -> None:
    """Each rule has two cases of each kind, one of them across modules, that show the rule."""
    folder = next(folder for folder in RULE_FOLDERS if folder.name == code)
    for kind in ("bad", "good"):
        files = list(folder.glob(f"{kind}*.py"))
        apps = [path for path in folder.glob(f"{kind}*") if path.is_dir()]
        assert files
        assert all(len(list(app.rglob("*.py"))) > 1 for app in apps)
        assert len(files) + len(apps) >= 2
    for path in (path for path in folder.glob("bad*")):
        assert any(marked == code for _, _, marked in expected(path)), path

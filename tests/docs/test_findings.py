"""docs/findings.md and the codes of wfsim.trace are one list."""

from __future__ import annotations

import re

from tests.docs.blocks import ROOT
from wfsim.trace.findings import CODES

ROW = re.compile(r"^\| (WF\d+) \| (.+) \| (raises|warns) \|$", re.MULTILINE)


def test_every_code_is_documented() -> None:
    """The page's table has each code once, with its title and what it does by default."""
    page = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
    expected = [
        (code, kind.title, "raises" if kind.certain else "warns") for code, kind in CODES.items()
    ]
    assert ROW.findall(page) == expected

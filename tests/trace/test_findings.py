"""Findings as data."""

from __future__ import annotations

from pathlib import Path

import pytest

from wfsim.trace import CODES, Finding, Place


def test_codes_are_numbered_and_titled() -> None:
    """Codes are WF and three digits without gaps, and each title is said once."""
    assert list(CODES) == [f"WF{number}" for number in range(101, 101 + len(CODES))]
    assert len({code.title for code in CODES.values()}) == len(CODES)


def test_a_finding_says_it_all_in_one_line() -> None:
    """The text of a finding is code, title, what happened, way out and place."""
    place = Place(file=str(Path.cwd() / "app.py"), line=7)
    finding = Finding(code="WF105", message="It is odd.", way_out="Do this.", place=place)
    said = "WF105 activity is not registered: It is odd. Do this. [app.py:7]"
    assert str(finding) == said
    assert finding.is_certain


def test_places_are_as_one_would_type_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file below the working folder is told relative to it, another one in full."""
    monkeypatch.chdir(tmp_path)
    assert str(Place(file=str(tmp_path / "sub" / "app.py"), line=1)) == "sub/app.py:1"
    assert str(Place(file="/elsewhere/app.py", line=2)) == "/elsewhere/app.py:2"

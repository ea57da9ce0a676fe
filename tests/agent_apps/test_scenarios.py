"""The scenario files of the apps with agents, played as `wfsim run` plays them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.apps import ROOT
from wfsim.scenario import load, play

FILES = sorted((ROOT / "fixtures" / "apps").glob("agents_*/*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_scenario(path: Path) -> None:
    """Everything that the file expects holds, and every turn of its scripts is used."""
    outcome = play(load(path))
    assert outcome.is_good, (outcome.error, outcome.mismatches, outcome.findings)
    assert not outcome.findings

"""The fixture apps that are broken on purpose, each beside its correct twin."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.apps import fixture_app
from tests.scenes import staged
from wfsim import NonDeterminismError

BROKEN = sorted(path for path in fixture_app("broken").glob("wf110_*"))
SCENES = [
    f"broken/{path.parent.name}/{path.stem}"
    for app in BROKEN
    for path in sorted(app.glob("*.yaml"))
]


@pytest.mark.parametrize("scene", [scene for scene in SCENES if not scene.endswith("/twin")])
def test_a_broken_app_is_caught_at_one_of_its_yields(scene: str) -> None:
    """The error names the app's file and a line on which it yields."""
    with staged(scene) as (sim, until):
        with pytest.raises(NonDeterminismError) as caught:
            sim.advance(until)
        file = Path(caught.value.file)
        assert file.name == "function_app.py"
        lines = file.read_text(encoding="utf-8").splitlines()
        assert "yield" in lines[caught.value.line - 1]
        assert caught.value.cause


@pytest.mark.parametrize("scene", [scene for scene in SCENES if scene.endswith("/twin")])
def test_its_twin_is_not(scene: str) -> None:
    """The same work done right ends without a finding."""
    with staged(scene) as (sim, until):
        sim.advance(until)
        assert sim.findings == []
        assert {run.status for run in sim.runs} == {"Completed"}

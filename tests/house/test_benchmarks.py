"""The benchmarks' table: what it says of rows that are reached, missed and unknown."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from tests.benchmarks.floor import floor
from tests.benchmarks.goal_table import rows_as_json, rows_before, show_rows
from tests.benchmarks.goals import GOALS, Measured

ROWS = [
    Measured(name="fast", value=30.0, unit="x the peer", aim=25, ours=0.1, other=3.0),
    Measured(name="slow", value=6.0, unit="x the floor", aim=5, ours=0.6, other=0.1),
    Measured(name="alone", value=None, unit="x the peer", aim=8, ours=0.01),
]


def shown(before: dict[str, float]) -> dict[str, str]:
    """Return the table's lines by their first word."""
    console = Console(file=io.StringIO(), width=140)
    show_rows(ROWS, before, console)
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    return {line.split()[0]: line for line in lines if line.strip()}


def test_a_row_says_whether_its_aim_is_reached() -> None:
    """More is better for a ratio to a peer, less for one to the floor; unknown is neither."""
    lines = shown({})
    assert "≥ 25.0 x the peer" in lines["fast"]
    assert "✓" in lines["fast"]
    assert "✗" in lines["slow"]
    assert "?" in lines["alone"]


def test_a_row_says_when_it_became_slower(tmp_path: Path) -> None:
    """Held against a file of an earlier run, a row of more than a fifth more time is marked."""
    path = tmp_path / "before.json"
    data = rows_as_json(ROWS)
    path.write_text(json.dumps(data), encoding="utf-8")
    before = rows_before(path)
    assert "slower" not in shown(before)["slow"]
    assert "slower!" in shown(before | {"slow": 0.4})["slow"]


@pytest.mark.parametrize("text", ["", "[]", '{"rows": [{}]}'])
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    """Something else than what --json has saved is named, without a traceback."""
    path = tmp_path / "other.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit, match=r"--against .*other\.json"):
        rows_before(path)


@pytest.mark.filterwarnings("ignore:azure.functions df_loads")
def test_the_floor_runs_the_sdk_to_its_end() -> None:
    """The floor's own assertion holds: the SDK alone reaches the result of a chain."""
    assert floor(5) > 0
    assert len({goal.name for goal in GOALS}) == len(GOALS)

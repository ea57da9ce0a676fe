"""The benchmarks: each row is measured once at a tiny size, and the table says what it must."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.benchmarks import __main__ as command
from tests.benchmarks import goals as benchmarks
from tests.benchmarks.goal_table import rows_as_json, rows_before, show_rows
from tests.benchmarks.goals import FULL, Sizes, chosen, goals
from tests.benchmarks.measured import Measured

TINY = Sizes(
    runs=1,
    chain=3,
    instances=2,
    width=4,
    singles=2,
    schedules=3,
    replays=2,
    tests=(1, 2),
    events=40,
    live=3,
)
ROWS = [
    Measured(name="fast", unit="x the peer", aim=25, ours=0.1, other=3.0),
    Measured(name="slow", unit="x the floor", aim=5, ours=0.6, other=0.1),
    Measured(name="alone", unit="x the peer", aim=8, ours=0.01),
    Measured(name="often", unit="/s", aim=3_000, ours=0.001, other=0.004),
    Measured(name="big", unit="MB", aim=1_024, ours=2.0, megabytes=200.0),
    Measured(name="free", unit="ms", aim=None, ours=0.02),
    Measured(name="absent", unit="x", aim=1.3, ours=None),
]


def shown(before: dict[str, float]) -> dict[str, list[str]]:
    """Return the cells of the table's lines by their first word."""
    console = Console(file=io.StringIO(), width=140)
    show_rows(ROWS, before, console)
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    cells = [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in lines]
    return {line[0]: line[1:] for line in cells if line}


def test_a_row_says_whether_its_aim_is_reached() -> None:
    """More is better for a peer and for rates, less for all else; what is unknown is neither."""
    lines = shown({})
    assert lines["work"] == ["wfsim", "peer", "ratio", "aim", "reached"]
    assert lines["fast"] == ["100.00 ms", "3.00 s", "30.0 x", "≥ 25 x the peer", "yes"]
    assert lines["slow"] == ["600.00 ms", "100.00 ms", "6.00 x", "≤ 5 x the floor", "no"]
    assert lines["alone"] == ["10.00 ms", "-", "-", "≥ 8 x the peer", "-"]
    assert lines["often"] == ["1,000/s", "250/s", "4.00 x", "≥ 3,000/s", "no"]
    assert lines["big"] == ["200 MB", "-", "-", "≤ 1,024 MB", "yes"]
    assert lines["free"] == ["20.00 ms", "-", "-", "-", "-"]
    assert lines["absent"] == ["-", "-", "-", "≤ 1.3 x", "-"]


def test_a_row_says_when_it_became_worse(tmp_path: Path) -> None:
    """Held against a file of an earlier run, a row that takes a fifth more is marked."""
    path = tmp_path / "before.json"
    path.write_text(json.dumps(rows_as_json(ROWS)), encoding="utf-8")
    before = rows_before(path)
    assert before == {row.name: row.cost for row in ROWS if row.cost is not None}
    same = shown(before)
    assert same["slow"][-1] == "600.00 ms"
    assert same["absent"][-1] == "-"
    worse = shown(before | {"slow": 0.4, "often": 0.000_5, "big": 100.0, "fast": 0.09})
    assert worse["slow"][-1] == "400.00 ms slower!"
    assert worse["often"][-1] == "2,000/s slower!"
    assert worse["big"][-1] == "100 MB larger!"
    assert worse["fast"][-1] == "90.00 ms"


@pytest.mark.parametrize("load", [0.1, 999.0])
def test_a_busy_machine_is_named(load: float) -> None:
    """Where others were at work, the table says that its numbers are none to rely on."""
    console = Console(file=io.StringIO(), width=140)
    show_rows(ROWS, {}, console, load=load)
    assert isinstance(console.file, io.StringIO)
    assert ("busy" in console.file.getvalue()) == (load > 1)


@pytest.mark.parametrize("text", ["", "[]", '{"rows": [{}]}'])
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    """Something else than what --json has saved is named, without a traceback."""
    path = tmp_path / "other.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit, match=r"--against .*other\.json"):
        rows_before(path)


def run(monkeypatch: pytest.MonkeyPatch, *options: str) -> None:
    """Run the command with tiny sizes, here and not in processes of their own, without peers."""

    def at_once(function: Callable[..., Any], *args: object) -> Any:
        return function(*args)

    def is_installed(_package: str) -> bool:
        return False

    monkeypatch.setattr(sys, "argv", ["benchmarks", *options])
    monkeypatch.setattr(benchmarks, "FULL", TINY)
    monkeypatch.setattr(benchmarks, "apart", at_once)
    monkeypatch.setattr(benchmarks, "is_installed", is_installed)
    command.main()


@pytest.mark.filterwarnings("ignore:azure.functions df_loads")
def test_every_row_is_measured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each row's own assertions hold, and one table has them all; where no peer is, it says "-"."""
    path = tmp_path / "rows.json"
    run(monkeypatch, "--runs", "1", "--json", str(path))
    lines = capsys.readouterr().out
    names = [goal.name for goal in goals(TINY)]
    assert [name for name in names if name not in lines] == []
    saved = json.loads(path.read_text(encoding="utf-8"))
    assert [row["name"] for row in saved["rows"]] == names
    assert {row["name"] for row in saved["rows"] if row["ours"] is None} == {
        "agent with one tool call"
    }
    assert saved["versions"]["azure-functions-durable"]
    assert saved["cores"]

    run(monkeypatch, "--runs", "1", "--workload", "chain of 30", "--against", str(path))
    lines = capsys.readouterr().out
    assert "chain of 30 against 3" in lines
    assert "before" in lines
    assert "timer" not in lines


def test_rows_are_chosen_by_their_name() -> None:
    """A text that no row has in its name is refused, with the names there are."""
    rows = goals(replace(FULL, runs=1))
    assert len({goal.name for goal in rows}) == len(rows)
    assert [goal.name for goal in chosen(rows, "10,000")] == [
        "chain of 10,000 against 1,000",
        "10,000 live instances",
    ]
    with pytest.raises(SystemExit, match=r"(?s)no row .* 30-day timer"):
        chosen(rows, "nothing")


@pytest.mark.parametrize("options", [["--only", "wfsim"], ["--full"], ["--budget", "1"]])
def test_what_only_the_comparison_has_asks_for_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    """An option that the table of all rows could not heed is not ignored."""
    run(monkeypatch, *options, "--workload", "none of them")
    assert "wfsim beside durabletask's in-memory backend" in capsys.readouterr().out

"""One run, two processes: the same bytes whatever hash seed, wall time and machine say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from tests.determinism import save_traces
from tests.scenes import SCENES

CHOSEN = [scene for scene in SCENES if "never_done" not in scene]


def saved(folder: Path, scenes: list[str], **environment: str) -> dict[str, bytes]:
    """Play scenes in a process of their own, and return its trace files."""
    folder.mkdir()
    subprocess.run(
        [sys.executable, str(save_traces.__file__), str(folder), *scenes],
        check=True,
        env=os.environ | environment,
        cwd=folder,
        capture_output=True,
        timeout=120,
    )
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.slow
def test_traces_are_the_same_bytes_in_two_processes(tmp_path: Path) -> None:
    """Hash seed, wall time, time zone, process id and folder leave no mark on any fixture app."""
    scenes = [*CHOSEN, "noisy"]
    one = saved(tmp_path / "one", scenes, PYTHONHASHSEED="1", TZ="UTC")
    other = saved(tmp_path / "other", scenes, PYTHONHASHSEED="4242", TZ="Asia/Kolkata")
    assert sorted(one) == sorted(other)
    assert len(one) == len(scenes)
    assert [name for name in one if one[name] != other[name]] == []


@pytest.mark.slow
def test_traces_hold_no_wall_time_and_no_path_of_the_machine(tmp_path: Path) -> None:
    """Everything in a trace file is virtual: no present year, no folder of the app."""
    texts = saved(tmp_path / "one", ["noisy", "chaining/card_declined"])
    root = str(Path(__file__).parents[2])
    for text in map(bytes.decode, texts.values()):
        assert root not in text
        assert f'"{datetime.now().year}-' not in text
        assert {json.loads(line)["at"][:4] for line in text.splitlines()[1:]} == {"2000"}

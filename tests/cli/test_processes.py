"""The command as a process of its own: pipes, encodings, other hash seeds and other clocks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT

APPS = ROOT / "fixtures" / "apps"
ONE_OF_EACH = [
    "approval/escalates",
    "fan_out/one_fails",
    "parent_children/welcome",
    "reminders/lapses",
    "retries/recovers",
    "broken/wf110_uuid4/twin",
]


# Runs each scenario and keeps its trace.
EACH = """
import sys
from wfsim.cli import main

folder, *paths = sys.argv[1:]
for number, path in enumerate(paths):
    code = main(["run", path, "--trace", f"{folder}/{number}.jsonl"])
    assert code == 0, path
"""


def _process(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return _python("-m", "wfsim", *arguments, **environment)


def _python(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.slow
def test_traces_are_the_same_in_every_process(tmp_path: Path) -> None:
    """Other hash seeds, wall times and zones give the same bytes, in traces and timelines."""
    paths = [f"fixtures/apps/{scenario}.yaml" for scenario in ONE_OF_EACH]
    traces: list[list[bytes]] = []
    outputs: list[str] = []
    for seed, zone in [("0", "UTC"), ("4711", "Asia/Kathmandu")]:
        folder = tmp_path / seed
        folder.mkdir()
        done = _python("-c", EACH, folder, *paths, PYTHONHASHSEED=seed, TZ=zone)
        assert done.returncode == 0, done.stderr
        traces.append([file.read_bytes() for file in sorted(folder.iterdir())])
        outputs.append(done.stdout)
    assert len(traces[0]) == len(ONE_OF_EACH)
    assert traces[0] == traces[1]
    assert outputs[0] == outputs[1]


@pytest.mark.slow
def test_the_module_is_the_command() -> None:
    """`python -m wfsim` reports a wrong call with exit code 2, and no traceback."""
    done = _process("run", "nowhere.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("wfsim: There is no scenario at 'nowhere.yaml'.")


@pytest.mark.slow
def test_a_broken_workflow_exits_with_1() -> None:
    """A process whose workflow is wrong exits with 1."""
    done = _process("run", "fixtures/apps/broken/wf112_datetime_output/closes.yaml")
    assert done.returncode == 1
    assert "WF112" in done.stdout


@pytest.mark.slow
def test_poor_encodings_get_escapes() -> None:
    """Where stdout cannot hold the timeline's signs they become escapes, not an error."""
    done = _process("run", "fixtures/apps/saga/booked.yaml", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert r"\u25b6 book_trip" in done.stdout


@pytest.mark.slow
def test_a_closed_pipe_ends_quietly() -> None:
    """A reader that goes away, as `head` does, leaves no traceback behind."""
    command = f"{sys.executable} -m wfsim run fixtures/apps/approval | head -n 1"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr

"""Snapshot files of every kind, written by fresh processes that differ in what must not matter."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.plugin.conftest import PLUGINS, ROOT

PROCESSES = int(os.environ.get("WFSIM_TEST_PROCESSES", "3"))
ZONES = ("UTC", "Asia/Kolkata", "America/St_Johns", "Pacific/Chatham", "Europe/Oslo")

SETTINGS = """
[pytest]
pythonpath = .
asyncio_default_fixture_loop_scope = function
filterwarnings =
    ignore:.*is experimental and may change:FutureWarning
"""

TESTS = """
import os
import uuid
from datetime import UTC, datetime

import pytest
from tests.workflow_scenarios.scenes import SCENES, play

# Ids, and the time at which virtual time starts, are of this process.
here_and_now = pytest.mark.wfsim(start=datetime.now(UTC), seed=int(os.environ["SEED"]))


@here_and_now
@pytest.mark.wfsim(app="fixtures/apps/approval")
def test_history(sim, tmp_path, history_snapshot, outcomes_snapshot, snapshot):
    topic = {"id": str(uuid.uuid4()), "file": str(tmp_path / "a.txt"), "at": str(sim.now)}
    run = sim.start("approval", input={"topic": topic})
    sim.at("2h", run.raise_event, "approval", {"approved": True})
    run.result()
    assert run.history == history_snapshot
    assert {"histories": [run.history, run.history]} == snapshot
    assert [run.output, {"b", "a", topic["id"]}, run.output] == outcomes_snapshot


@here_and_now
@pytest.mark.wfsim(app="fixtures/apps/shop")
def test_trace(sim, trace_snapshot, snapshot):
    for number in range(3):
        answer = sim.http.post("/api/orders", json={"sku": "tea", "count": number, "price": 3})
        assert answer == snapshot
    sim.advance(days=10)
    assert sim.trace == trace_snapshot


@pytest.mark.parametrize("scene", sorted(SCENES))
def test_workflows(scene, event_snapshot, checkpoint_snapshot, snapshot):
    run = play(SCENES[scene])
    assert run.events == event_snapshot
    assert list(run.events) == event_snapshot
    assert run.checkpoints == checkpoint_snapshot
    assert run == snapshot
"""
AGENTS = """
import os
from datetime import UTC, datetime

import pytest
from wfsim.chat import ToolCall, ToolCalls


@pytest.mark.wfsim(start=datetime.now(UTC), seed=int(os.environ["SEED"]))
@pytest.mark.wfsim(app="fixtures/apps/agents_single")
def test_agent(sim, trace_snapshot, snapshot):
    where = {"harbour": "Bergen"}
    both = ToolCalls(ToolCall("get_wind", where), ToolCall("get_tide", where))
    script = sim.script("WeatherAgent", [both, "Set sail at two."])
    body = {"message": "Bergen, today?", "session_id": "skipper"}
    answer = sim.http.post("/api/agents/WeatherAgent/run", json=body)
    assert answer == snapshot(name="exchange")
    assert script == snapshot(name="transcript")
    assert sim.agent("WeatherAgent").session("skipper") == snapshot(name="conversation")
    assert sim.trace == trace_snapshot
"""


def _written(folder: Path, number: int) -> dict[str, bytes]:
    """Run pytest in a copy of the project, in circumstances of its own; return what it wrote."""
    shutil.copytree(ROOT / "fixtures", folder / "fixtures")
    (folder / "pytest.ini").write_text(SETTINGS, encoding="utf-8")
    (folder / "test_kinds.py").write_text(TESTS, encoding="utf-8")
    if importlib.util.find_spec("agent_framework_azurefunctions") is not None:
        (folder / "test_agents.py").write_text(AGENTS, encoding="utf-8")
    path = [str(ROOT), str(ROOT / "pytest_plugin"), os.environ.get("PYTHONPATH", "")]
    base = f"--basetemp={folder.parent / f'temp{number}'}"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--snapshot-update", *PLUGINS, base],
        cwd=folder,
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith("PYTEST_XDIST_")},
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONPATH": os.pathsep.join(filter(None, path)),
            "PYTHONHASHSEED": str(number * 7919),
            "TZ": ZONES[number % len(ZONES)],
            "SEED": str(number),
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return _files(folder)


def _files(folder: Path) -> dict[str, bytes]:
    paths = [path for path in (folder / "__snapshots__").rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(paths)}


@pytest.mark.slow
def test_snapshot_files_are_the_same_in_every_process(tmp_path: Path) -> None:
    """Other hash seeds, seeds, clocks, time zones, folders: the same bytes, for every kind."""
    folders = [tmp_path / f"{'deeper/' * number}copy{number}" for number in range(PROCESSES)]
    with ThreadPoolExecutor(max_workers=2) as pool:
        first, *others = pool.map(_written, folders, range(PROCESSES))
    kinds = {name.rpartition(".")[2] for name in first}
    assert kinds == {"history", "trace", "events", "checkpoints", "outcomes", "ambr"}
    for other in others:
        assert other.keys() == first.keys()
        assert {name for name in first if first[name] != other[name]} == set()

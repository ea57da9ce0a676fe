"""`wfsim fuzz` across processes: what is printed and written holds in a fresh one."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import ROOT

BUGS = ROOT / "fixtures" / "bugs"
BUG = "quorum_counts_twice"
pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A buggy app in a folder of its own."""
    return Path(shutil.copytree(BUGS / BUG, tmp_path / BUG))


Process = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def process(quick_python: Path) -> Process:
    """Runs a module in a folder, in a process of its own."""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])

    def run(folder: Path, module: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [quick_python, "-m", module, *map(str, arguments)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )

    return run


@pytest.fixture
def fuzz(process: Process) -> Process:
    """Runs `wfsim fuzz` in a folder, in a process of its own."""
    return lambda folder, *arguments: process(
        folder, "wfsim", "fuzz", "scenario.yaml", "--no-database", *arguments
    )


def _found(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def _edit(app: Path) -> None:
    """Add a comment, and rename a local variable."""
    source = app.read_text(encoding="utf-8")
    assert "copies" in source
    renamed = source.replace("copies", "good_ones")
    app.write_text(renamed.replace("app = ", "# The app.\n\napp = "), encoding="utf-8")


def test_a_command_survives_meaningless_edits(
    folder: Path, process: Process, fuzz: Process
) -> None:
    """The printed command shows the problem in a fresh process, also after the app was edited."""
    command = shlex.split(_found(fuzz(folder, "--json"))["failures"][0]["command"])
    assert process(folder, *command).returncode == 1
    _edit(folder / "function_app.py")
    again = process(folder, *command)
    assert again.returncode == 1
    assert "✗ save-1.output: expected" in again.stdout


def test_a_written_test_fails_until_the_bug_is_fixed(
    folder: Path, process: Process, fuzz: Process
) -> None:
    """The test that is written down fails with the bug, edited or not, and passes without."""
    test = folder / "test_quorum.py"
    assert fuzz(folder, "--write-test", test).returncode == 1
    plain = ("-p", "no:cacheprovider", "-q", test)
    failed = process(folder, "pytest", *plain)
    assert failed.returncode == 1, failed.stdout
    assert "save-1.output: expected" in failed.stdout
    _edit(folder / "function_app.py")
    assert process(folder, "pytest", *plain).returncode == 1
    shutil.copy(BUGS / f"{BUG}_fixed" / "function_app.py", folder)
    passed = process(folder, "pytest", *plain)
    assert passed.returncode == 0, passed.stdout


def test_a_written_test_that_does_not_fit_says_so(
    folder: Path, process: Process, fuzz: Process
) -> None:
    """Where the app no longer offers the choices, the test fails and names them."""
    test = folder / "test_quorum.py"
    fuzz(folder, "--write-test", test)
    app = folder / "function_app.py"
    source = app.read_text(encoding="utf-8")
    app.write_text(source.replace("write_copy", "store"), encoding="utf-8")
    failed = process(folder, "pytest", "-p", "no:cacheprovider", "-q", test)
    assert failed.returncode == 1
    assert "never offered: activity write_copy of save-1#2" in failed.stdout


@pytest.mark.parametrize("app", ["coupon_twice", f"{BUG}_fixed"])
def test_many_processes_find_the_same(app: str, fuzz: Process) -> None:
    """The same seed gives the same schedules, outcomes and failures with one process and four."""
    arguments = ("--schedules", 100, "--seed", 5)
    one = _found(fuzz(BUGS / app, "--json", *arguments))
    four = _found(fuzz(BUGS / app, "--json", *arguments, "--jobs", 4))
    for found in (one, four):
        del found["reach"]["seconds"]
    assert four == one


@pytest.mark.skipif(find_spec("distributed") is None, reason="needs the extra scale")
def test_a_cluster_finds_the_same(fuzz: Process) -> None:
    """The same seed gives the same answer with a Dask cluster of two workers."""
    from distributed import LocalCluster  # type: ignore[import-not-found, unused-ignore]

    arguments = ("--schedules", 100, "--seed", 5)
    one = _found(fuzz(BUGS / f"{BUG}_fixed", "--json", *arguments))
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster:  # type: ignore[no-untyped-call,unused-ignore]
        two = _found(
            fuzz(BUGS / f"{BUG}_fixed", "--json", *arguments, "--dask", cluster.scheduler_address)
        )
    for found in (one, two):
        del found["reach"]["seconds"]
    assert two == one


@pytest.mark.skipif(find_spec("distributed") is not None, reason="the extra scale is installed")
def test_a_cluster_needs_its_extra(folder: Path, fuzz: Process) -> None:
    """Without the package for clusters, the message names the extra."""
    done = fuzz(folder, "--dask", "tcp://localhost:8786")
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'wfsim[scale]'" in done.stderr

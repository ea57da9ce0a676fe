"""`wfsim fuzz` across processes: what is printed and written holds in a fresh one."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
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


def _process(folder: Path, module: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def _fuzz(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return _process(folder, "wfsim", "fuzz", "scenario.yaml", "--no-database", *arguments)


def _found(folder: Path, *arguments: object) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(_fuzz(folder, *arguments, "--json").stdout)
    return document


def _edit(app: Path) -> None:
    """Add a comment, and rename a local variable."""
    source = app.read_text(encoding="utf-8")
    assert "copies" in source
    renamed = source.replace("copies", "good_ones")
    app.write_text(renamed.replace("app = ", "# The app.\n\napp = "), encoding="utf-8")


def test_a_command_survives_meaningless_edits(folder: Path) -> None:
    """The printed command shows the problem in a fresh process, also after the app was edited."""
    command = shlex.split(_found(folder)["failures"][0]["command"])
    assert _process(folder, *command).returncode == 1
    _edit(folder / "function_app.py")
    again = _process(folder, *command)
    assert again.returncode == 1
    assert "✗ save-1.output: expected" in again.stdout


def test_a_written_test_fails_until_the_bug_is_fixed(folder: Path) -> None:
    """The test that is written down fails with the bug, edited or not, and passes without."""
    test = folder / "test_quorum.py"
    assert _fuzz(folder, "--write-test", test).returncode == 1
    plain = ("-p", "no:cacheprovider", "-q", test)
    failed = _process(folder, "pytest", *plain)
    assert failed.returncode == 1, failed.stdout
    assert "save-1.output: expected" in failed.stdout
    _edit(folder / "function_app.py")
    assert _process(folder, "pytest", *plain).returncode == 1
    shutil.copy(BUGS / f"{BUG}_fixed" / "function_app.py", folder)
    passed = _process(folder, "pytest", *plain)
    assert passed.returncode == 0, passed.stdout


def test_a_written_test_that_does_not_fit_says_so(folder: Path) -> None:
    """Where the app no longer offers the choices, the test fails and names them."""
    test = folder / "test_quorum.py"
    _fuzz(folder, "--write-test", test)
    app = folder / "function_app.py"
    source = app.read_text(encoding="utf-8")
    app.write_text(source.replace("write_copy", "store"), encoding="utf-8")
    failed = _process(folder, "pytest", "-p", "no:cacheprovider", "-q", test)
    assert failed.returncode == 1
    assert "never offered: activity write_copy of save-1#2" in failed.stdout


@pytest.mark.parametrize("app", ["coupon_twice", f"{BUG}_fixed"])
def test_many_processes_find_the_same(app: str) -> None:
    """The same seed gives the same schedules, outcomes and failures with one process and four."""
    arguments = ("--schedules", 100, "--seed", 5)
    one = _found(BUGS / app, *arguments)
    four = _found(BUGS / app, *arguments, "--jobs", 4)
    for found in (one, four):
        del found["reach"]["seconds"]
    assert four == one


@pytest.mark.skipif(find_spec("distributed") is None, reason="needs the extra scale")
def test_a_cluster_finds_the_same() -> None:
    """The same seed gives the same answer with a Dask cluster of two workers."""
    from distributed import LocalCluster  # type: ignore[import-not-found, unused-ignore]

    arguments = ("--schedules", 100, "--seed", 5)
    one = _found(BUGS / f"{BUG}_fixed", *arguments)
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster:  # type: ignore[no-untyped-call,unused-ignore]
        two = _found(BUGS / f"{BUG}_fixed", *arguments, "--dask", cluster.scheduler_address)
    for found in (one, two):
        del found["reach"]["seconds"]
    assert two == one


@pytest.mark.skipif(find_spec("distributed") is not None, reason="the extra scale is installed")
def test_a_cluster_needs_its_extra(folder: Path) -> None:
    """Without the package for clusters, the message names the extra."""
    done = _fuzz(folder, "--dask", "tcp://localhost:8786")
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'wfsim[scale]'" in done.stderr

"""`func` as wfsim stands in for it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

import aiohttp
import pytest

from tests.serve.conftest import environment, launch
from tests.serve.test_processes import take_a_nap
from wfsim.cli import main
from wfsim.errors import UsageError
from wfsim.serve import func
from wfsim.serve.func import read_call
from wfsim.serve.shim import write_shim


def test_the_shim_is_written_and_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`wfsim shim DIR` makes an executable func there, and says how to put it on PATH."""
    folder = tmp_path / "a b" / "bin"
    assert main(["shim", str(folder)]) == 0
    assert main(["shim", str(folder)]) == 0  # its own file it may write again
    script = folder / "func"
    assert os.access(script, os.X_OK)
    assert sys.executable in script.read_text()
    assert f'export PATH="{folder}:$PATH"' in capsys.readouterr().out


def test_windows_gets_a_cmd_file_too(tmp_path: Path) -> None:
    """On Windows there is a func.cmd beside the script for POSIX shells."""
    write_shim(tmp_path, is_windows=True)
    assert b"-m wfsim.serve.func %*\r\n" in (tmp_path / "func.cmd").read_bytes()
    assert (tmp_path / "func").read_text().startswith("#!/bin/sh\n")


def test_another_func_is_left_alone(tmp_path: Path) -> None:
    """A func that wfsim has not written is not written over, nor is a link to one."""
    (tmp_path / "func").write_text("the real one")
    with pytest.raises(UsageError, match="Name another folder"):
        write_shim(tmp_path)
    (tmp_path / "func").unlink()
    (tmp_path / "func").symlink_to("/nowhere")
    with pytest.raises(UsageError, match="not wfsim's"):
        write_shim(tmp_path)
    with pytest.raises(UsageError, match="Nothing can be written"):
        write_shim(tmp_path / "func" / "below")


def test_the_version_is_one_of_4(capsys: pytest.CaptureFixture[str]) -> None:
    """`func --version` prints a version 4 on stdout, and on stderr whose it is."""
    assert func.main(["--version"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("4.")
    assert all(part.isdecimal() for part in captured.out.strip().split("."))
    assert "wfsim" in captured.err


@pytest.mark.parametrize("words", [[], ["--help"], ["help"], ["start", "--help"]])
def test_help_is_given(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """`func` and `func start --help` say what this func can do."""
    assert func.main(words) == 0
    assert "usage: func start" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["new"], "'func new' is a command of Azure Functions Core Tools"),
        (["azure", "functionapp", "publish", "x"], "'func azure functionapp' is a command"),
        (["host"], "'func host' is a command"),
        (["start", "--useHttps"], "--useHttps is not served"),
        (["start", "--port"], "'--port' needs a value"),
        (["start", "-p", "many"], "not 'many'"),
        (["start", "--clock", "fast"], "There is no clock 'fast'"),
        (["start", "--colour"], "knows no option '--colour'"),
        (["start", "app"], "takes options only, and 'app' is none"),
    ],
)
def test_what_it_cannot_do_is_one_line(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Other commands and wrong options end with exit code 2 and one line on stderr."""
    assert func.main(words) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert (captured.out, captured.err.count("\n")) == ("", 1)


def test_options_are_read_as_core_tools_read_them() -> None:
    """Case, dashes and the sign between name and value do not matter; the rest is named."""
    call = read_call(
        shlex.split(
            "--PORT 81 --enableAuth --verbose false --clock=auto --cors '*' --functions a b "
            "--no-build --language-worker x --useHttps:false"
        )
    )
    assert (call.port, call.clock, call.auth, call.noise) == (81, "auto", True, "normal")
    assert call.ignored == ["--cors *", "--functions a b", "--no-build", "--language-worker x"]
    assert read_call(["-p:82"]).port == 82


def test_it_runs_in_an_app_s_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where no folder upwards has a host.json, `func start` says so."""
    monkeypatch.chdir(tmp_path)
    assert func.main(["start"]) == 2
    assert "There is no host.json in" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.asyncio
@pytest.mark.parametrize("words", ["start", "host start"])
async def test_func_start_through_path(small_app: Path, tmp_path: Path, words: str) -> None:
    """With the shim first on PATH, `func start --port N` below an app's folder serves the app."""
    write_shim(tmp_path / "bin")
    (small_app / "sub").mkdir()
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    command = ("sh", "-c", f"exec func {words} --port 0 --cors '*'")
    env = {"PATH": path, "WFSIM_CLOCK": "auto"}
    async with launch(*command, cwd=small_app / "sub", env=env) as server:
        began_s = time.monotonic()
        assert await take_a_nap(server.url) < 1
        assert time.monotonic() - began_s < 1.5
        _, _, errors = await server.end(15)
    assert "--clock auto" in server.listening
    assert errors == "func (wfsim): ignored, as it means nothing here: --cors *\n"


@pytest.mark.slow
@pytest.mark.asyncio
async def test_local_settings_choose_the_port(small_app: Path, tmp_path: Path) -> None:
    """LocalHttpPort of local.settings.json is the port, unless the command line names one."""
    settings = '{"IsEncrypted": false, "Values": {}, "Host": {"LocalHttpPort": 1}}'
    (small_app / "local.settings.json").write_text(settings)
    assert func.local_port(small_app) == 1
    assert func.local_port(tmp_path) == 7071
    write_shim(tmp_path / "bin")
    command = (tmp_path / "bin" / "func", "start", "-p", 0)
    async with (
        launch(*command, cwd=small_app) as server,
        aiohttp.ClientSession() as client,
        client.get(server.url) as response,
    ):
        assert response.status == 200


@pytest.mark.slow
def test_the_app_s_folder_shadows_nothing(small_app: Path, tmp_path: Path) -> None:
    """A module of the app that is called like one of the standard library is not taken for it."""
    (small_app / "json.py").write_text("raise SystemExit('shadowed')")
    write_shim(tmp_path / "bin")
    done = subprocess.run(
        [str(tmp_path / "bin" / "func"), "--version"],
        cwd=small_app,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "4.99.0\n"), done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("text", ['{"version": "2.0"}  // of the host', "{"])
def test_any_host_json_of_the_folder_lets_the_sdk_be_imported(tmp_path: Path, text: str) -> None:
    """A host.json with comments, or a broken one, in the current folder fails no import."""
    (tmp_path / "host.json").write_text(text)
    code = "import sys, wfsim.workers.azure_functions; sys.exit('pytest' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr

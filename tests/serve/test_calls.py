"""Wrong calls of `wfsim serve`: one line on stderr, exit code 2."""

from __future__ import annotations

import errno
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.serve.conftest import ROOT, environment
from wfsim.cli import main
from wfsim.errors import UsageError
from wfsim.serve.options import parse_port, parse_start
from wfsim.serve.sockets import address_of, base_url, bind, close_all, explain, is_loopback

Refused = Callable[..., str]


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Refused:
    """Calls `wfsim serve …`, which must be refused, and returns what it says."""

    def call(*words: object) -> str:
        try:
            code = main(["serve", *map(str, words)])
        except SystemExit as error:  # argparse leaves that way
            code = int(error.code or 0)
        captured = capsys.readouterr()
        assert (code, captured.out) == (2, "")
        return captured.err

    return call


def _only_line(err: str) -> str:
    assert err.startswith("wfsim: ")
    assert err.count("\n") == 1, err
    return err


def test_a_port_in_use_is_told(refused: Refused, small_app: Path) -> None:
    """A port on which somebody listens is named, with what to do."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        err = refused(small_app, "--port", port)
    assert f"Port {port} is in use." in _only_line(err)
    assert "--port 0" in err


def test_a_missing_app_is_told(refused: Refused, tmp_path: Path) -> None:
    """A folder that is not there, or holds no app, is named."""
    assert "There is no app at" in _only_line(refused(tmp_path / "nowhere", "--port", 0))
    assert "has no function_app.py" in _only_line(refused(tmp_path, "--port", 0))


def test_a_failing_import_is_one_line(refused: Refused) -> None:
    """An app that raises on import is told with the exception and its place."""
    err = _only_line(refused("fixtures/apps/bad/raises_on_import", "--port", 0))
    assert "cannot be imported: " in err
    assert "function_app.py" in err
    assert ", line " in err


def test_verbose_shows_the_frames_of_a_failing_import(refused: Refused) -> None:
    """--verbose tells a failing import with all the user's frames."""
    err = refused("fixtures/apps/bad/raises_on_import", "--port", 0, "--verbose")
    assert err.count("\n") > 2


@pytest.mark.parametrize("host", ["no such host", "192.0.2.1", "300.1.1.1", "", "ä" * 70])
def test_a_bad_host_is_told(refused: Refused, host: str, small_app: Path) -> None:
    """A host that is no address of this machine is refused with what to do instead."""
    err = _only_line(refused(small_app, "--port", 0, "--host", host))
    assert "address" in err
    assert "--host 0.0.0.0" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--port", "65536"], "A port is a number from 0 (any free one) to 65535, not '65536'"),
        (["--port", "http"], "not 'http'"),
        (["--clock", "fast"], "invalid choice: 'fast'"),
        (["--start", "tomorrow"], "An instant is written as '2000-01-31T12:00:00Z'"),
        (["--start", "1960-01-01"], "starts in 1970 or later"),
        (["--keep", "0"], "at least 1, not '0'"),
        (["--quiet", "--verbose"], "not allowed with"),
        (["--prot", "1"], "Did you mean '--port'?"),
    ],
)
def test_wrong_options_are_told(refused: Refused, words: list[str], said: str) -> None:
    """An option with a wrong value is told with what it takes, and where help is."""
    err = refused(*words)
    assert said in err.replace('"', "'")
    assert "Try 'wfsim serve --help'" in err


def test_privileges_are_explained() -> None:
    """A port that needs privileges, and other refusals of the system, are put into a sentence."""
    assert "Port 80 needs privileges." in explain(OSError(errno.EACCES, "no"), "localhost", 80)
    assert "127.0.0.1, port 9: no" in explain(OSError(errno.ENOMEM, "no"), "127.0.0.1", 9)


def test_localhost_is_both_loopback_addresses() -> None:
    """`localhost` binds one port on 127.0.0.1, and on ::1 if the machine has it."""
    sockets = bind("localhost", 0)
    try:
        hosts = [address_of(item)[0] for item in sockets]
        ports = {address_of(item)[1] for item in sockets}
        assert hosts in (["127.0.0.1"], ["127.0.0.1", "::1"])
        assert len(ports) == 1
        assert is_loopback(sockets)
        assert base_url("localhost", sockets) == f"http://localhost:{ports.pop()}"
    finally:
        close_all(sockets)


@pytest.mark.parametrize(("host", "shown"), [("0.0.0.0", "localhost"), ("127.0.0.1", "127.0.0.1")])
def test_other_hosts_are_called_by_their_address(host: str, shown: str) -> None:
    """URLs name the host that was asked for, and localhost where that is every address."""
    sockets = bind(host, 0)
    try:
        assert base_url(host, sockets) == f"http://{shown}:{address_of(sockets[0])[1]}"
        assert is_loopback(sockets) == (host != "0.0.0.0")
    finally:
        close_all(sockets)


def test_instants_and_ports_are_read() -> None:
    """--start without an offset is UTC; a port may be 0."""
    assert parse_start("2001-02-03T04:05:06+01:00").isoformat() == "2001-02-03T04:05:06+01:00"
    assert parse_port("0") == 0
    with pytest.raises(UsageError, match="not '-1'"):
        parse_port("-1")


@pytest.mark.parametrize("command", ["serve", "client", "shim"])
def test_help_teaches_with_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """--help of each command says what it is for, and gives examples."""
    with pytest.raises(SystemExit) as left:
        main([command, "--help"])
    assert left.value.code == 0
    assert "examples:\n  wfsim " in capsys.readouterr().out.replace("examples:\n  PATH", "")


@pytest.mark.slow
def test_other_commands_bring_no_server() -> None:
    """`wfsim --help` imports neither aiohttp nor the SDK, and `wfsim run` no aiohttp.web."""
    code = """
import sys
from wfsim.cli import main
try:
    main([{words}])
except SystemExit:
    pass
print([name for name in ("aiohttp", "aiohttp.web", "azure.functions") if name in sys.modules])
"""
    told = [
        subprocess.run(
            [sys.executable, "-c", code.replace("{words}", words)],
            cwd=ROOT,
            env=environment(),
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()[-1]
        for words in ("'--help'", "'run', 'fixtures/apps/approval/approved.yaml'")
    ]
    assert told[0] == "[]"
    assert "aiohttp.web" not in told[1]

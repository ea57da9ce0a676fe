"""A Python that is ready at once: each program is forked from a process with wfsim imported.

Most of the time of a short program goes into imports. `quick_python` starts a process that has done
them, and gives the path of a stand-in for `python` that understands `-m`, `-c` and a file. Whatever
is run with it is a process of its own all the same: with the folder, the environment and the
streams of whoever started it. What is about starting up or hash seeds needs the real one.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TypedDict

ROOT = Path(__file__).parents[1]
IMPORTED = (
    *("wfsim.cli.main", "wfsim.async_simulation", "wfsim.scenario", "wfsim.explore.trial"),
    *("wfsim.cli.fuzz", "wfsim.cli.run", "wfsim.strategies", "wfsim.snapshot"),
    *("wfsim.report.charts", "wfsim.report.html", "azure.durable_functions", "pytest"),
    *("wfsim.agents._sdk", "wfsim.chat", "agent_framework_azurefunctions"),
)
DOOR = "door"
"""The socket; its whole path might be longer than sockets allow."""

# Knocks at the door, hands over streams, passes signals on, and ends as the program does.
CLIENT = f"""\
import json, os, signal, socket, sys
folder, *arguments = sys.argv[1:]
request = {{"arguments": arguments, "folder": os.getcwd(), "environment": dict(os.environ)}}
message = json.dumps(request).encode()
os.chdir(folder)
with socket.socket(socket.AF_UNIX) as connection:
    connection.connect({DOOR!r})
    socket.send_fds(connection, [len(message).to_bytes(4, "big")], [0, 1, 2])
    connection.sendall(message)
    program = int.from_bytes(connection.recv(4), "big")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, frame: os.kill(program, number))
    status = connection.recv(1)
sys.exit(status[0] if status else "The process that forks programs is gone.")
"""


class _Request(TypedDict):
    arguments: list[str]
    folder: str
    environment: dict[str, str]


@contextmanager
def quick_python(folder: Path) -> Iterator[Path]:
    """Yield the path of a `python` whose programs are forked; `folder` keeps its files."""
    (folder / "client.py").write_text(CLIENT, encoding="utf-8")
    stand_in = folder / "python"
    command = f'exec "{sys.executable}" -I -S "{folder}/client.py" "{folder}" "$@"'
    stand_in.write_text(f"#!/bin/sh\n{command}\n", encoding="utf-8")
    stand_in.chmod(0o755)
    path = [str(ROOT), str(ROOT / "pytest_plugin"), os.environ.get("PYTHONPATH", "")]
    with subprocess.Popen(
        [sys.executable, __file__],
        cwd=folder,
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join(filter(None, path)), "PYTHONIOENCODING": "utf-8"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield stand_in
        process.stdin.close()  # the end for it, as also when this process dies


def _next_program() -> _Request | None:
    """Fork until there is no more to come; return what to run in a fork, None in the first."""
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(DOOR)
        door.listen(16)
        print("ready", flush=True)  # noqa: T201
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
        while True:
            ready, _, _ = select.select([door, sys.stdin], [], [])
            if sys.stdin in ready:
                return None
            connection, _ = door.accept()
            if os.fork() == 0:
                door.close()
                return _attended(connection)
            connection.close()


def _attended(connection: socket.socket) -> _Request:
    """Return the request in a process with its streams, while this one tells how that ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    size, streams, _, _ = socket.recv_fds(connection, 4, 3)
    with connection.makefile("rb") as rest:
        request: _Request = json.loads(rest.read(int.from_bytes(size, "big")))
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    if program := os.fork():
        for number in range(3):
            os.close(number)
        connection.send(program.to_bytes(4, "big"))
        _, status = os.waitpid(program, 0)
        connection.send(bytes([os.waitstatus_to_exitcode(status) & 255]))
        os._exit(0)
    connection.close()
    return request


def _run(request: _Request) -> None:
    """Be `python` with these arguments."""
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    paths = request["environment"].get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:0] = [path for path in paths if path and path not in sys.path]
    arguments = request["arguments"]
    while arguments[0] in {"-u", "-B"}:  # what starts workers asks for these
        arguments = arguments[1:]
    how, *rest = arguments
    if how == "-m":
        sys.argv = rest
        sys.path[0] = request["folder"]
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    elif how == "-c":
        sys.argv = ["-c", *rest[1:]]
        sys.path[0] = ""
        sys.modules["__main__"] = main = ModuleType("__main__")
        exec(rest[0], main.__dict__)
    else:
        sys.argv = arguments
        sys.path[0] = str(Path(how).resolve().parent)
        runpy.run_path(how, run_name="__main__")


def _status(request: _Request) -> int:
    """Run, and return with what status the interpreter would exit."""
    try:
        _run(request)
    except SystemExit as error:
        if error.code is None or isinstance(error.code, int):
            return error.code or 0
        print(error.code, file=sys.stderr)  # noqa: T201
        return 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def _leave(statuses: list[int]) -> None:
    """End where all that was imported would be torn down, which takes longer than most programs."""
    if statuses:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(statuses[0])


if __name__ == "__main__":
    ended: list[int] = []
    atexit.register(_leave, ended)  # what is registered first comes last
    for name in IMPORTED:
        if find_spec(name.partition(".")[0]) is not None:
            import_module(name)
    gc.collect()
    gc.freeze()  # or every fork would copy what its first collection looks at
    if (found := _next_program()) is not None:
        ended.append(_status(found))

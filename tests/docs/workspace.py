"""A folder like a reader's own, in which the blocks of a page are run."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from doctest import ELLIPSIS, Example, OutputChecker
from pathlib import Path, PurePosixPath

from tests.docs.blocks import ROOT, Block, Command

DEFAULT_APP = "approval"
PORT = "7071"
"""Where pages say that a server listens."""
PYTHON = Path(sys.executable)
WFSIM = "import sys; from wfsim.cli import main; sys.argv[0] = 'wfsim'; sys.exit(main())"
# What else is installed would take most of the time: a page's run has what pages speak of.
PLUGINS = "".join(
    f" -p {name}"
    for name in (
        *("pytest_wfsim.plugin", "pytest_asyncio.plugin", "pytest_freezer", "syrupy"),
        *("xdist.plugin", "_hypothesis_pytestplugin"),
    )
)
PROGRAMS = {
    "wfsim": f'exec "{{python}}" -c "{WFSIM}" "$@"',
    "pytest": f'exec "{{python}}" -m pytest -p no:cacheprovider{PLUGINS} "$@"',
    "python": 'exec "{python}" "$@"',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """Holds the fixture app, the page's own files, and the programs a reader types."""

    folder: Path
    programs: Path

    @classmethod
    def make(
        cls,
        folder: Path,
        *,
        app: str = DEFAULT_APP,
        python: Path = PYTHON,
        texts: Iterable[str] = ("fixtures",),
    ) -> Workspace:
        """Fill `folder` with a fixture app, what `texts` name of fixtures/, and pytest's settings.

        `python` is what its programs run with.
        """
        home = folder / "project"
        home.mkdir()
        unwanted = shutil.ignore_patterns("__pycache__")
        for named in _named(texts):
            shutil.copytree(ROOT / named, home / named, ignore=unwanted, dirs_exist_ok=True)
        if app != DEFAULT_APP or (ROOT / "fixtures" / "apps" / app).is_dir():
            shutil.copytree(
                ROOT / "fixtures" / "apps" / app, home, ignore=unwanted, dirs_exist_ok=True
            )
        settings = "[pytest]\nwfsim_app = function_app.py\nasyncio_mode = auto\n"
        (home / "pytest.ini").write_text(settings, encoding="utf-8")
        programs = folder / "bin"
        programs.mkdir()
        for name, line in PROGRAMS.items():
            (programs / name).write_text(
                f"#!/bin/sh\n{line.format(python=python)}\n", encoding="utf-8"
            )
            (programs / name).chmod(0o755)
        return cls(folder=home, programs=programs)

    def write(self, name: str, source: str) -> Path:
        """Write a file of the page."""
        relative = PurePosixPath(name)
        assert not relative.is_absolute()
        assert ".." not in relative.parts
        path = self.folder / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
        return path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a program as a reader would, errors and output in one stream."""
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.env(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )

    @contextmanager
    def serving(self, options: str) -> Iterator[str]:
        """Run `wfsim serve` with these options on a free port; yield the port."""
        command = [sys.executable, "-c", WFSIM, "serve", *shlex.split(options)]
        command += ["--port", "0", "--quiet"]
        with subprocess.Popen(
            command, cwd=self.folder, env=self.env(), stdout=subprocess.PIPE, encoding="utf-8"
        ) as server:
            try:
                assert server.stdout is not None
                line = server.stdout.readline()
                found = re.match(r"Listening on http://localhost:(\d+)", line)
                assert found is not None, line
                yield found[1]
            finally:
                server.terminate()

    def env(self) -> dict[str, str]:
        """Return the environment of a reader's terminal."""
        path = [str(ROOT), str(ROOT / "pytest_plugin")]
        env = {name: value for name, value in os.environ.items() if name not in UNWANTED}
        return env | {
            "COLUMNS": "100",
            "NO_COLOR": "1",
            "PATH": os.pathsep.join([str(self.programs), os.environ.get("PATH", os.defpath)]),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONIOENCODING": "utf-8",
            "PYTHONPATH": os.pathsep.join(path),
        }

    def shell(self, command: str, *, status: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a `$` line; `status` is what `$?` shows it."""
        return self.run("bash", "-c", f"(exit {status}); {command}")


# pytest's own variables would reach the pytest that a block starts.
UNWANTED = {"FORCE_COLOR", "PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER"}


FIXTURE = re.compile(r"\bfixtures(?:/[\w.-]+)*")


def _named(texts: Iterable[str]) -> set[Path]:
    """Return the folders of fixtures/ that texts name: to copy all of it takes a while."""
    found = {Path(path) for text in texts for path in FIXTURE.findall(text)}
    folders = {next(up for up in (path, *path.parents) if (ROOT / up).is_dir()) for path in found}
    return {folder for folder in folders if folder.parts}


def difference(command: Command, got: str) -> str:
    """Return how `got` differs from what the page shows, or an empty string."""
    want, got = _tidy(command.shown), _tidy(got)
    checker = OutputChecker()
    if not command.shown or checker.check_output(want, got, ELLIPSIS):
        return ""
    return f"$ {command.text}\n" + checker.output_difference(Example("", want), got, ELLIPSIS)


def _tidy(text: str) -> str:
    """Drop what Markdown editors and terminals drop: spaces at line ends, lines at the end."""
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines()) + "\n"


def files_before(block: Block, blocks: list[Block]) -> list[Block]:
    """Return the page's titled blocks up to and including `block`."""
    return [other for other in blocks if other.title and other.line <= block.line]

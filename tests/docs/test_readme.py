"""The README's two commands; `.ci/run` pastes the second in a fresh copy of the project."""

from __future__ import annotations

import shlex
from pathlib import Path

from tests.docs.blocks import ROOT, readme_commands
from tests.docs.workspace import Workspace

SET_UP = ("python3 -m venv .venv", ".venv/bin/pip install -q -e '.[test]'")


def _steps(command: str) -> list[str]:
    return command.split(" && ")


def test_both_commands_bring_their_own_set_up() -> None:
    """Each command works when pasted alone on a machine with only Python and pip."""
    for command in readme_commands():
        assert tuple(_steps(command)[:-1]) == SET_UP


def test_second_command_runs_the_tests() -> None:
    """The second command passes the tests on two cores."""
    assert shlex.split(_steps(readme_commands()[1])[-1])[:3] == [".venv/bin/pytest", "-n", "2"]


def test_first_command_does_the_main_job(tmp_path: Path) -> None:
    """The first command, once set up, prints a timeline of a fixture app and exits with 0."""
    program, *rest = shlex.split(_steps(readme_commands()[0])[-1])
    assert program == ".venv/bin/wfsim"
    assert rest[0] == "run"
    assert (ROOT / rest[1]).is_file()
    done = Workspace.make(tmp_path).run("wfsim", *rest)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("\n") > 5

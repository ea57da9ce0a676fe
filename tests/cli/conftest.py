"""The `wfsim` command, called in this process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from wfsim.cli import main

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a command did."""

    code: int
    out: str
    err: str


Command = Callable[..., Done]


@pytest.fixture
def wfsim(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Calls the command as `wfsim("run", path)` would in the project's folder."""
    monkeypatch.chdir(ROOT)
    for name in ("COLUMNS", "FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: object) -> Done:
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as error:  # argparse leaves that way
            code = int(error.code or 0)
        out, err = capsys.readouterr()
        return Done(code=code, out=out, err=err)

    return call


SMALL_APP = """
import azure.durable_functions as df

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def echo(context):
    return (yield context.call_activity("say", context.get_input()))


@app.orchestration_trigger(context_name="context")
def listen(context):
    return (yield context.wait_for_external_event("go"))


@app.orchestration_trigger(context_name="context")
def fail(context):
    raise ValueError(context.get_input())


@app.activity_trigger(input_name="value")
def say(value: str) -> str:
    print("the app says", value)
    return value
"""


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., Path]:
    """Writes a scenario beside a small app."""
    (tmp_path / "function_app.py").write_text(SMALL_APP, encoding="utf-8")

    def write(text: str, name: str = "small.yaml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write

"""Small apps, written for one test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from wfsim.lint import Report, Settings, lint

Lint = Callable[..., list[str]]

_HEAD = "import azure.durable_functions as df\napp = df.DFApp()\n"
_ORCHESTRATOR = '@app.orchestration_trigger(context_name="context")'


def app(body: str) -> str:
    """Return an app; `@orch` stands for the decorator of an orchestrator."""
    return _HEAD + dedent(body).lstrip("\n").replace("@orch", _ORCHESTRATOR)


@pytest.fixture
def lint_app(tmp_path: Path) -> Lint:
    """Lints `function_app.py` of this body, beside other files; returns `file:line code`."""

    def run(body: str, others: dict[str, str] | None = None, **settings: object) -> list[str]:
        (tmp_path / "function_app.py").write_text(app(body), encoding="utf-8")
        for name, text in (others or {}).items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")
        return shown(lint([tmp_path], Settings(**settings)), tmp_path)  # type: ignore[arg-type]

    return run


def shown(report: Report, base: Path) -> list[str]:
    """Return findings as `file:line code`."""
    return [
        f"{finding.path.relative_to(base).as_posix()}:{finding.line} {finding.code}"
        for finding in report.findings
    ]

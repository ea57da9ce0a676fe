"""The project's tasks. `.ci/run` does the same checks with nothing but Python and pip."""

from __future__ import annotations

import runpy
from pathlib import Path

import nox

nox.needs_version = ">=2024.4"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.error_on_missing_interpreters = False
nox.options.sessions = ["lint", "types", "tests", "floor", "docs"]

CI = Path(__file__).parent / ".ci"


def _run_steps(session: nox.Session, *names: str) -> None:
    """Run the commands that .ci/steps lists under these names."""
    for line in (CI / "steps").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            _, name, command = line.split(maxsplit=2)
            if name in names:
                # Commands may be chained, as a shell chains them.
                session.run("bash", "-euo", "pipefail", "-c", command, external=True)


@nox.session
def lint(session: nox.Session) -> None:
    """Hold style, import rules and budgets."""
    session.install("-e", ".[lint]")
    _run_steps(session, "lint", "format", "imports")
    session.run("pytest", "-q", "tests/house")


@nox.session
def types(session: nox.Session) -> None:
    """Check types with both checkers."""
    session.install("-e", ".[lint]")
    _run_steps(session, "mypy", "pyright")


@nox.session(python=["3.11", "3.12", "3.13", "3.14"])
def tests(session: nox.Session) -> None:
    """Run the tests against the newest releases."""
    session.install("-e", ".[test]")
    session.run("pytest", "-n", "2", "-q", *session.posargs)


@nox.session(python="3.11")
def floor(session: nox.Session) -> None:
    """Run the tests against the oldest releases that pyproject.toml allows."""
    floors = runpy.run_path(str(CI / "floor.py"))["floors"]()
    constraints = Path(session.create_tmp()) / "floor.txt"
    constraints.write_text("\n".join(floors), encoding="utf-8")
    session.install("-e", ".[harness]", "-c", str(constraints))
    _run_steps(session, "floor")


FRAMEWORK = ("agents", "chat", "workflow_scenarios", "workflows")


@nox.session(python="3.11")
@nox.parametrize("core", ["1.2.2", "1.13.0", "1.14.0", "newest"])
def frameworks(session: nox.Session, core: str) -> None:
    """Run what drives Agent Framework against its floor, two borders, and its newest release."""
    pin = "agent-framework-core" if core == "newest" else f"agent-framework-core=={core}"
    session.install("-e", ".[harness]", pin)
    tests = session.posargs or [f"tests/{name}" for name in FRAMEWORK]
    session.run(
        "pytest", "-q", *tests, env={} if core == "newest" else {"WFSIM_AGENT_FRAMEWORK": core}
    )


@nox.session
def browser(session: nox.Session) -> None:
    """Open the pages that wfsim writes in the system's chromium."""
    session.install("-e", ".[test,browser]")
    _run_steps(session, "browser")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation; warnings are errors."""
    session.install("-e", ".[docs]")
    _run_steps(session, "docs")


@nox.session
def bench(session: nox.Session) -> None:
    """Print what is reached of what wfsim is to reach, beside peers and the SDK alone."""
    session.install("-e", ".[test,bench]")
    session.run("python", "-m", "tests.benchmarks", *session.posargs)


@nox.session
def coverage(session: nox.Session) -> None:
    """Measure branch coverage, subprocesses included, and hold it above the gate."""
    session.install("-e", ".[test]")
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", "-n", "2", "-q", *session.posargs)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")


@nox.session
def changelog(session: nox.Session) -> None:
    """Show what the news fragments will add to CHANGELOG.md."""
    session.install("-e", ".", "towncrier>=24.8")
    session.run("towncrier", "build", "--draft", *session.posargs)

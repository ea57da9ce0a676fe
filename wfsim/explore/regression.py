"""Writes a schedule that broke a scenario as a test that anybody can keep."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wfsim.errors import UsageError

__all__ = ["Regression", "check_target", "regression_source", "write_regressions"]

_MARK: Final = "# Written by `wfsim fuzz --write-test`."
_WIDE: Final = 100
_WORDS: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """One schedule that must not break a scenario again."""

    scenario: Path
    words: str
    problem: str
    """What was wrong, in one line."""
    faults: str
    """The budget as text."""
    what_if: str = ""


def check_target(target: Path) -> None:
    """See whether tests can be written to a file, before anything long is done.

    Raises:
        UsageError: it holds somebody's work, or its folder does not exist.
    """
    if target.is_dir() or not target.absolute().parent.is_dir():
        raise UsageError(
            f"--write-test {str(target)!r} is not a file in a folder that exists. Make the folder "
            "first."
        )
    if target.exists() and _MARK not in target.read_text(encoding="utf-8", errors="replace"):
        raise UsageError(
            f"--write-test {str(target)!r} exists, and was not written by wfsim. Name another file."
        )


def write_regressions(target: Path, regressions: Iterable[Regression]) -> None:
    """Write a file of tests.

    Raises:
        UsageError: it cannot be written.
    """
    source = regression_source(target, tuple(regressions))
    try:
        target.write_text(source, encoding="utf-8")
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(
            f"The test cannot be written to {str(target)!r}: {why}. Name another file."
        ) from None


def regression_source(target: Path, regressions: tuple[Regression, ...]) -> str:
    """Return the source of a file of tests.

    Args:
        target: Where it will stand; scenarios are named from there.
        regressions: What it tests.
    """
    lines = [
        '"""Schedules that once broke a scenario, and must not do so again."""',
        "",
        f"{_MARK} Edit it as you like, without this line.",
        "",
        "from pathlib import Path",
        "",
        "from wfsim.explore import replay",
        "",
        "HERE = Path(__file__).parent",
    ]
    names: set[str] = set()
    for regression in regressions:
        lines += ["", "", *_test(regression, target, names)]
    return "\n".join(lines) + "\n"


def _test(regression: Regression, target: Path, names: set[str]) -> Iterator[str]:
    yield f"def {_name(regression, names)}() -> None:"
    yield f"    {_docstring(regression.problem)}"
    yield f"    scenario = HERE / {_quoted(_path(regression.scenario, target))}"
    yield from _schedule(regression.words)
    what_if = f", what_if={_quoted(regression.what_if)}" if regression.what_if else ""
    yield f"    run = replay(scenario, schedule, faults={_quoted(regression.faults)}{what_if})"
    yield "    assert [problem.text for problem in run.problems] == []"


def _schedule(words: str) -> Iterator[str]:
    line = f"    schedule = {_quoted(words)}"
    if len(line) <= _WIDE:
        yield line
        return
    yield "    schedule = ("
    parts = words.split("; ")
    for index, part in enumerate(parts):
        more = "; " if index < len(parts) - 1 else ""
        yield f"        {_quoted(part + more)}"
    yield "    )"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=not text.isprintable())


def _name(regression: Regression, names: set[str]) -> str:
    scenario = regression.scenario
    stem = scenario.stem if scenario.stem != "scenario" else scenario.absolute().parent.name
    base = f"test_{_WORDS.sub('_', stem.lower()).strip('_')}_holds"
    name, number = base, 1
    while name in names:
        number += 1
        name = f"{base}_{number}"
    names.add(name)
    return name


def _docstring(problem: str) -> str:
    said = " ".join(problem.split()).replace("\\", "\\\\").replace('"', "'")
    room = _WIDE - len('    """Once: """')
    return f'"""Once: {said if len(said) <= room else said[: room - 1] + "…"}"""'


def _path(scenario: Path, target: Path) -> str:
    """Return the scenario as seen from the test's folder; whole where nothing leads there."""
    try:
        return Path(os.path.relpath(scenario.absolute(), target.absolute().parent)).as_posix()
    except ValueError:  # another drive
        return scenario.absolute().as_posix()

"""Failures that were found before, kept beside a project and tried first next time.

One small file for each scenario, in `.wfsim/failures`: JSON lines, each with the words of a
schedule and the key of the problem that it showed. Nothing in it depends on the machine or on the
time, so the folder can be committed and shared, or ignored.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, cast

__all__ = ["Database", "Known", "file_of"]

_FOLDER: Final = Path(".wfsim", "failures")
_SIGNS: Final = (".wfsim", ".git", "pyproject.toml", "host.json")
"""What stands in the folder of a project."""
_MOST: Final = 50
"""Failures that are kept of one scenario."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A failure that was found."""

    schedule: str
    """Its repro string."""
    problem: str
    """The key of what was wrong."""
    circle: str
    """What might go wrong when it was found; under anything else its words need not be offered."""


class Database:
    """The failures of one scenario.

    Args:
        scenario: The scenario's file.

    Attributes:
        complaint: Why the file could not be written; empty if it was.
    """

    def __init__(self, scenario: Path) -> None:
        self._scenario = scenario
        self._file = file_of(scenario)
        self.complaint = ""

    def read(self) -> tuple[Known, ...]:
        """Return what is known, oldest first; lines that are none are passed over."""
        try:
            lines = self._file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return ()
        found = (_known(line) for line in lines)
        return tuple(dict.fromkeys(item for item in found if item is not None))

    def write(self, known: Sequence[Known]) -> None:
        """Keep these and no others; what cannot be written is a `complaint`, not an error."""
        kept = list(dict.fromkeys(known))[-_MOST:]
        if kept == list(self.read()):
            return
        try:
            if not kept:
                self._file.unlink(missing_ok=True)
                return
            self._file.parent.mkdir(parents=True, exist_ok=True)
            lines = [json.dumps({"scenario": self._scenario.name, **asdict(item)}) for item in kept]
            self._file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        except OSError as error:
            self.complaint = f"{self._file}: {error.strerror or error}"


def file_of(scenario: Path) -> Path:
    """Return where a scenario's failures are kept: as it lies in its project, so in the folder."""
    whole = scenario.absolute()
    project = next(
        (folder for folder in whole.parents if any((folder / sign).exists() for sign in _SIGNS)),
        whole.parent,
    )
    inside = whole.relative_to(project)
    return project / _FOLDER / inside.with_name(f"{inside.name}.jsonl")


def _known(line: str) -> Known | None:
    try:
        value: object = json.loads(line)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    data = cast("dict[str, Any]", value)
    fields = [data.get(name) for name in ("schedule", "problem", "circle")]
    if not all(isinstance(field, str) for field in fields):
        return None
    schedule, problem, circle = map(str, fields)
    return Known(schedule=schedule, problem=problem, circle=circle)

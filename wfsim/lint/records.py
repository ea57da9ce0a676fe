"""What the linter says, as data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Finding", "Report", "relative"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One hazard at one place of the user's code."""

    code: str
    message: str
    path: Path
    line: int
    column: int
    """From 1, counted in characters as editors do."""
    end_line: int
    end_column: int
    source: str = ""
    """The line, as it stands in the file."""
    trail: tuple[str, ...] = ()
    """Who leads there: the orchestrator first, the function with the hazard last."""

    @property
    def sort_key(self) -> tuple[str, int, int, str]:
        """Files by name, then places from top to bottom."""
        return (self.path.as_posix(), self.line, self.column, self.code)


def relative(path: Path) -> str:
    """Return a path as seen from the current folder, where it is below it."""
    absolute, here = path.absolute(), Path.cwd()
    shown = absolute.relative_to(here) if absolute.is_relative_to(here) else path
    return shown.as_posix()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of one call."""

    findings: tuple[Finding, ...]
    files: int
    """How many files were read."""
    functions: int
    """How many functions were reached from orchestrators, entities and workflows."""

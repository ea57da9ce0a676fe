"""Lines of planted code by the marks in their comments, such as `# yield: now`."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

__all__ = ["line_of"]


def line_of(module: ModuleType, mark: str) -> int:
    """Return the number of the line that carries a mark, 0 when there is none."""
    lines = Path(str(module.__file__)).read_text(encoding="utf-8").splitlines()
    marks = [[part.strip() for part in line.split("# ")[1:]] for line in lines]
    return next((number for number, found in enumerate(marks, start=1) if mark in found), 0)

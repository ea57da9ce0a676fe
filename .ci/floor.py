"""Print pip constraints that pin every dependency of the project to its declared floor."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def floors() -> list[str]:
    """Return `name==floor` for each dependency in pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [re.sub(r"^([\w.-]+)>=([\w.]+).*$", r"\1==\2", line) for line in project["dependencies"]]


if __name__ == "__main__":
    print(*floors(), sep="\n")

"""Paths as they are shown to people: from where they stand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

__all__ = ["shown"]


def shown(path: Path, config: pytest.Config) -> str:
    """Return a path from the folder in which pytest was started; a test may be in another one."""
    try:
        return Path(os.path.relpath(path, config.invocation_params.dir)).as_posix()
    except ValueError:  # on another drive
        return str(path)

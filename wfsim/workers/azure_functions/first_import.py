"""Lets the SDK be imported in the folder of any app."""

from __future__ import annotations

import json
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Final

__all__ = ["any_host_json"]

_SWITCH: Final = "pytest"


@contextmanager
def any_host_json() -> Generator[None]:
    """Let the SDK be imported where the host.json is not plain JSON.

    On its import the SDK reads the host.json of the current folder, to warn of old extension
    bundles, with a parser that fails on comments; the host takes them. Under pytest it does not
    look. What is really wrong with the file is said where it is read for its settings.
    """
    if _SWITCH in sys.modules or _is_plain(Path("host.json")):
        yield
        return
    stand_in = sys.modules[_SWITCH] = ModuleType(_SWITCH)
    try:
        yield
    finally:
        if sys.modules.get(_SWITCH) is stand_in:
            del sys.modules[_SWITCH]


def _is_plain(file: Path) -> bool:
    try:
        json.loads(file.read_text())
    except FileNotFoundError:
        return True
    except (OSError, ValueError, RecursionError):
        return False
    return True

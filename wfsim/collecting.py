"""Python's garbage collector while a simulation runs."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

__all__ = ["fewer_collections"]

_OBJECTS: Final = 50_000


@contextmanager
def fewer_collections() -> Generator[None]:
    """Let more objects come up before the collector looks at them.

    Histories and traces stay for as long as the simulation does, so looking at the young ones again
    and again finds nothing, and takes a sixth of the time.
    """
    youngest, *older = gc.get_threshold()
    if not 0 < youngest < _OBJECTS:  # switched off, or somebody has thought of it
        yield
        return
    gc.set_threshold(_OBJECTS, *older)
    try:
        yield
    finally:
        gc.set_threshold(youngest, *older)

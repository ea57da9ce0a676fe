"""Python's garbage collector while a simulation runs."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from wfsim.loop import VirtualLoop

__all__ = ["fewer_collections"]

_OBJECTS: Final = 50_000


@contextmanager
def fewer_collections(loop: VirtualLoop) -> Generator[None]:
    """Let more objects come up before the collector looks at them.

    Histories and traces stay for as long as the simulation does, so looking at the young ones again
    and again finds nothing, and takes a sixth of the time.

    Args:
        loop: The simulation's. One that reaches the network is left alone: an app may count on the
            collector to close connections that it has forgotten.
    """
    youngest, *older = gc.get_threshold()
    is_known = 0 < youngest < _OBJECTS  # else it is switched off, or somebody has thought of it
    if type(loop) is not VirtualLoop or not is_known:
        yield
        return
    gc.set_threshold(_OBJECTS, *older)
    try:
        yield
    finally:
        gc.set_threshold(youngest, *older)

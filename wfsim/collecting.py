"""Python's garbage collector while a simulation runs."""

from __future__ import annotations

import gc
from typing import Final

from wfsim.loop import VirtualLoop

__all__ = ["fewer_collections"]

_OBJECTS: Final = 50_000


class fewer_collections:  # noqa: N801 - used like a function
    """Let more objects come up before the collector looks at them.

    Histories and traces stay for as long as the simulation does, so looking at the young ones again
    and again finds nothing, and takes a sixth of the time.

    Args:
        loop: The simulation's. One that reaches the network is left alone: an app may count on the
            collector to close connections that it has forgotten.
    """

    __slots__ = ("_before", "_loop")

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def __enter__(self) -> None:
        """Do so from now on."""
        youngest, *older = before = gc.get_threshold()
        is_known = 0 < youngest < _OBJECTS  # else it is switched off, or somebody has thought of it
        self._before = before if type(self._loop) is VirtualLoop and is_known else None
        if self._before is not None:
            gc.set_threshold(_OBJECTS, *older)

    def __exit__(self, *_: object) -> None:
        """Go back to what was before."""
        if self._before is not None:
            gc.set_threshold(*self._before)

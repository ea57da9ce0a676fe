"""When things happen in a simulation: at which instant, and in which place among all of them."""

from __future__ import annotations

import itertools

from wfsim.clock import VirtualClock

__all__ = ["Stamps"]


class Stamps:
    """Stamps what happens, events of the framework when they are made.

    Functional workflows hold events back until they end, so when one is told is too late.

    Args:
        clock: The simulation's clock.
    """

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._order = itertools.count()
        # With the event, or another one might get its id.
        self._kept: dict[int, tuple[object, int, int, bool]] = {}

    def moment(self) -> dict[str, int]:
        """Return the present instant, and the next place in the order of all that happens."""
        return {"order": next(self._order), "at_us": self._clock.now_us}

    def keep(self, event: object, *, aside: bool) -> None:
        """Stamp an event.

        Args:
            event: The framework's event, which is yet to be told.
            aside: Whether it happened in a task that the workflow's own code has made.
        """
        self._kept[id(event)] = (event, next(self._order), self._clock.now_us, aside)

    def of(self, event: object) -> tuple[int, int, bool]:
        """Return place, instant and `aside` of an event that is told now, once."""
        kept = self._kept.pop(id(event), None)
        if kept is None:
            return next(self._order), self._clock.now_us, False
        return kept[1:]

"""The loop of a workflow simulation: tells when nothing more can happen at an instant."""

from __future__ import annotations

from asyncio import base_events
from collections.abc import Callable

from wfsim.clock import TimeSource
from wfsim.loop import VirtualLoop
from wfsim.loop.places import what_runs
from wfsim.loop.timers import Timer

__all__ = ["FlowLoop"]

_TIMEOUTS = ("_release_waiter", "_on_timeout")
"""What `wait_for`, `wait(timeout=…)` and `timeout()` are called back by."""


class FlowLoop(VirtualLoop):
    """A virtual loop that asks before it is idle.

    Args:
        time_source: See `VirtualLoop`.
        max_steps: See `VirtualLoop`.
    """

    def __init__(self, time_source: TimeSource, *, max_steps: int = 100_000) -> None:
        super().__init__(time_source, max_steps=max_steps)
        self.on_idle: Callable[[], None] | None = None
        """Called when nothing is ready at the present instant; it may make something ready."""

    def __del__(self) -> None:
        # It holds nothing of the machine's, so a simulation that nobody closes may be forgotten.
        if not self.is_closed() and not self.is_running():
            base_events.BaseEventLoop.close(self)

    def _before_idle(self) -> None:
        if self.on_idle is not None:
            self.on_idle()

    @property
    def may_wait(self) -> bool:
        """Whether something is due later, and no timeout is due with it."""
        due_us = self.next_due_us()
        return due_us is not None and not any(
            _is_timeout(timer) for timer in self._scheduled if timer.us == due_us
        )


def _is_timeout(timer: Timer) -> bool:
    name = what_runs(timer).partition(" ")[0]
    return not timer.cancelled() and name.endswith(_TIMEOUTS)

"""Moves virtual time: from one thing that happens to the next, until something is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from wfsim.clock import VirtualClock, format_duration
from wfsim.errors import LivelockError, StuckError
from wfsim.loop import waits_at
from wfsim.workflows.frames import places_in
from wfsim.workflows.loop import FlowLoop

__all__ = ["Motion"]

_SECOND_US: Final = 1_000_000
_SHOWN: Final = 5


@dataclass(eq=False, slots=True, kw_only=True)
class _Planned:
    """Something that happens when its time has come."""

    due_us: int
    do: Callable[[], None]


class Motion:
    """The loop of a simulation, and what is planned on it.

    Args:
        clock: What is moved.
        max_steps: How often time may jump before it counts as an endless row.
        is_over: Asked after every instant; once it says yes, time stands still.
    """

    def __init__(self, clock: VirtualClock, *, max_steps: int, is_over: Callable[[], bool]) -> None:
        self._clock = clock
        self._max_steps = max_steps
        self._is_over = is_over
        self._planned: list[_Planned] = []
        self.on_idle: Callable[[], None] | None = None
        """See `FlowLoop.on_idle`."""
        self.streams: Callable[[], Iterable[object]] = tuple
        """Returns what may wait in an async generator, into which no task can be followed."""
        self.loop = self._make_loop()

    def _make_loop(self) -> FlowLoop:
        loop = FlowLoop(self._clock, max_steps=self._max_steps)
        loop.on_idle = self._idle
        return loop

    def _idle(self) -> None:
        if self.on_idle is not None:
            self.on_idle()

    def renew(self) -> None:
        """Take away all that runs, and go on with what is planned."""
        self.loop.close()
        self.loop = self._make_loop()
        for item in self._planned:
            self._set(item)

    def call_at(self, due_us: int, do: Callable[[], None]) -> None:
        """Call something when virtual time reaches an instant; at once if it has passed."""
        item = _Planned(due_us=due_us, do=do)
        self._planned.append(item)
        self._set(item)

    def _set(self, item: _Planned) -> None:
        ahead_us = max(0, item.due_us - self._clock.now_us)
        self.loop.call_at(self.loop.time() + ahead_us / _SECOND_US, self._come, item)

    def _come(self, item: _Planned) -> None:
        self._planned.remove(item)
        item.do()

    # --- moving ---------------------------------------------------------------------------------

    def drive(self, done: Callable[[], bool], *, title: str, is_patient: bool = False) -> None:
        """Let time jump until `done`.

        Args:
            done: Says when to stop.
            title: What is driven.
            is_patient: Whether it is fine if nothing is due before that.

        Raises:
            StuckError: nothing is due any more, or there is no end.
            LivelockError: something turns at one instant without end.
        """
        for _ in range(self._max_steps):
            self._settle(title)
            if self._is_over() or done():
                return
            due_us = self.loop.next_due_us()
            if due_us is None:
                if is_patient:
                    return
                raise self._stuck(title)
            self._clock.move_to(due_us)
        raise self._endless(title)

    def advance_to(self, target_us: int, *, title: str) -> None:
        """Move time to an instant, stopping wherever something happens.

        Raises:
            LivelockError: something turns at one instant without end.
        """
        while True:
            self._settle(title)
            if self._is_over():
                return
            due_us = self.loop.next_due_us()
            if due_us is None or due_us > target_us:
                break
            self._clock.move_to(due_us)
        self._clock.move_to(target_us)

    def _settle(self, title: str) -> None:
        try:
            self.loop.drain()
        except LivelockError as error:
            raise LivelockError(f"{title} never waits.\n{error}") from None

    def _stuck(self, title: str) -> StuckError:
        return StuckError(
            f"{title} never ends: nothing is ready and no timer is pending at {self._time()}, "
            f"so these would wait forever:\n{self._places()}\n"
            "Set or cancel what they wait for, or give them a timeout."
        )

    def _endless(self, title: str) -> StuckError:
        return StuckError(
            f"{title} does not end: after {self._max_steps} jumps of time it is {self._time()}, "
            f"and these still run:\n{self._places()}\n"
            "Let it end, or give max_steps= to go on for longer."
        )

    def _time(self) -> str:
        return f"T+{format_duration(self._clock.elapsed_us)}"

    def _places(self) -> str:
        """Say where the user's code waits, or the framework's where there is none."""
        tasks = sorted(asyncio.all_tasks(self.loop), key=hash)
        found = [waits_at(task) for task in tasks if not task.done()]
        found += [place for stream in self.streams() for place in places_in(stream)]
        places = list(dict.fromkeys(found))
        users = [place for place in places if "agent_framework" not in place[1]]
        chosen = [place for place in users if "wfsim" not in place[1]] or users or places
        return "\n".join(f"  {name} ({file}:{line})" for name, file, line in chosen[:_SHOWN])

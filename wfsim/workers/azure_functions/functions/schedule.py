"""Timer triggers that fire by their own schedules, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from wfsim.clock import from_us
from wfsim.errors import UsageError
from wfsim.hub.hub import Hub
from wfsim.trace import Finding
from wfsim.workers.azure_functions._sdk import Registered, place_of_function
from wfsim.workers.azure_functions.functions.invoke import FunctionResult
from wfsim.workers.azure_functions.functions.ncrontab import (
    is_frequent,
    next_occurrence,
    next_us,
    resolve,
)

__all__ = ["TIMER", "TimerSchedules", "next_occurrence"]

TIMER: Final = "timerTrigger"
_NEVER: Final = "0001-01-01T00:00:00+00:00"

Fire = Callable[[Registered, object], Awaitable[FunctionResult]]


@dataclass(slots=True, kw_only=True)
class _Timer:
    """One timer trigger, and what the host remembers of it."""

    function: Registered
    expression: str
    """With app settings put in."""
    is_monitored: bool
    last_us: int | None
    next_us: int | None

    def info(self) -> dict[str, object]:
        """Return what the function is told, before the host notes this firing."""
        adjusts = not self.expression.count(":")
        status = None
        if self.is_monitored:
            last = _NEVER if self.last_us is None else _dotnet(self.last_us)
            upcoming = _NEVER if self.next_us is None else _dotnet(self.next_us)
            status = {"Last": last, "Next": upcoming, "LastUpdated": last}
        return {"Schedule": {"AdjustForDST": adjusts}, "ScheduleStatus": status}


def _dotnet(us: int) -> str:
    text = from_us(us).replace(tzinfo=None).isoformat()
    return f"{text.rstrip('0') if '.' in text else text}+00:00"


class TimerSchedules:
    """Fires the timer triggers of an app.

    As the host does it: `run_on_startup` fires once more when the host starts, the next time is
    looked for when a call has ended, so that calls of one function never overlap, and a function
    that fails is fired again all the same.

    Args:
        functions: The app's functions; those without timer trigger are left out.
        hub: The task hub.
        fire: Calls a function with a timer's payload.
    """

    def __init__(self, functions: list[Registered], *, hub: Hub, fire: Fire) -> None:
        self._hub = hub
        self._fire = fire
        self.problems: list[tuple[Registered, str]] = []
        """Functions whose schedules are unusable, and why."""
        self._timers: list[_Timer] = []
        for function in functions:
            if function.trigger.get("type") == TIMER:
                self._add(function)

    def _add(self, function: Registered) -> None:
        now_us = self._hub.clock.now_us
        try:
            expression = resolve(str(function.trigger.get("schedule")))
            upcoming_us = next_us(expression, now_us)
            frequent = is_frequent(expression, now_us)
        except UsageError as error:
            self.problems.append(
                (function, f"{function.function_name!r} has no usable schedule. {error}")
            )
            return
        monitor = function.trigger.get("useMonitor")
        timer = _Timer(
            function=function,
            expression=expression,
            is_monitored=monitor is not False and not frequent,
            last_us=None,
            next_us=upcoming_us,
        )
        self._timers.append(timer)

    def upcoming(self) -> list[tuple[timedelta, str]]:
        """Return how far ahead each schedule fires, and the function's name."""
        now_us = self._hub.clock.now_us
        return [
            (timedelta(microseconds=timer.next_us - now_us), timer.function.function_name)
            for timer in self._timers
            if timer.next_us is not None
        ]

    def arm(self) -> None:
        """Start the schedules."""
        for timer in self._timers:
            if timer.function.trigger.get("runOnStartup"):
                # This one happens once, so time stops for it as for anything else.
                self._plan(timer, self._hub.clock.now_us, is_startup=True)
            else:
                self._arm_next(timer)

    def _arm_next(self, timer: _Timer) -> None:
        if timer.next_us is not None:
            # What has come while the last call still ran happens at once.
            self._plan(timer, max(timer.next_us, self._hub.clock.now_us), is_startup=False)

    def _plan(self, timer: _Timer, due_us: int, *, is_startup: bool) -> None:
        label = f"timer of {timer.function.function_name}"
        self._hub.agenda.add(
            due_us, label, lambda: self._start(timer), is_background=not is_startup
        )

    def _start(self, timer: _Timer) -> None:
        started_us = self._hub.clock.now_us
        task = self._hub.loop.create_task(
            self._fire(timer.function, timer.info()), name=f"timer {timer.function.function_name}"
        )
        task.add_done_callback(lambda done: self._ended(timer, started_us, done))

    def _ended(self, timer: _Timer, started_us: int, task: asyncio.Task[FunctionResult]) -> None:
        if task.cancelled():
            return  # the simulation ends
        error = task.exception()
        if error is not None and not isinstance(error, UsageError):
            raise error  # a test's own exit
        if error is not None:
            self._report(timer.function, error)
        timer.last_us = started_us
        timer.next_us = next_us(timer.expression, started_us)
        self._arm_next(timer)

    def _report(self, function: Registered, error: UsageError) -> None:
        self._hub.report(
            Finding(
                code="WF119",
                message=f"The schedule of {function.function_name!r} cannot call it: {error}",
                way_out="Switch the schedules off and fire it with sim.trigger.",
                instance_id="",
                place=place_of_function(function.call),
            )
        )

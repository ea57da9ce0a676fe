"""The loop: asyncio's own, with a selector that passes virtual time instead of waiting.

`Task`, `gather`, `shield`, `TaskGroup` and `timeout` are the real ones. Only what lies below them
differs: where asyncio would wait for sockets, the loop jumps to its next timer, or reports that
nothing can happen any more. There are no threads and no network.
"""

from __future__ import annotations

import asyncio
import itertools
import math
from asyncio import base_events, events
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar, TypeVarTuple, Unpack, cast
from weakref import WeakSet

from wfsim.clock import LATEST_US, TimeSource, iso
from wfsim.errors import IdleError, LivelockError
from wfsim.loop.places import Places, what_runs, where
from wfsim.loop.refusals import REFUSED, refusal
from wfsim.loop.threads import call_inline, detached
from wfsim.loop.timers import ENDLESS_US, SECOND_US, Timer, delay_us, has_come

if TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = ["LoopError", "VirtualLoop"]

_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")

_MAX_STEPS: Final = 100_000
_MOST_ERRORS: Final = 1_000
"""Exceptions hold on to frames and whatever is in them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopError:
    """A failure that no code looked at: of a forgotten task, of a callback, of a generator."""

    message: str
    exception: BaseException | None
    task: str
    """Name and place of the task, empty when there is none."""


class _OwnTime:
    """The time of a loop that is being closed."""

    def __init__(self, now_us: int) -> None:
        self._now_us = now_us

    @property
    def now_us(self) -> int:
        return self._now_us

    def move_to(self, us: int) -> None:
        self._now_us = us


class _Selector:
    """Stands where asyncio waits for sockets; calls `next_round` once in every round."""

    def __init__(self, next_round: Callable[[], None]) -> None:
        self._next_round = next_round

    def select(self, _timeout: float | None) -> list[NoReturn]:
        """Report no sockets. The loop counts in integers, so the timeout in floats is not used."""
        self._next_round()
        return []

    def close(self) -> None:
        """Nothing is open."""


class VirtualLoop(base_events.BaseEventLoop):
    """An event loop in virtual time.

    Args:
        time_source: What the loop reads and, when it runs alone, moves. The clock of a simulation,
            or a `StalledTime`.
        max_steps: Rounds at one instant after which the loop is taken to be endless.
    """

    _ready: deque[events.Handle]
    _scheduled: list[Timer]
    _stopping: bool
    _timer_cancelled_count: int
    _asyncgens: WeakSet[Any]

    if TYPE_CHECKING:

        def _check_closed(self) -> None: ...

    def __init__(self, time_source: TimeSource, *, max_steps: int = _MAX_STEPS) -> None:
        super().__init__()
        self._selector = self._make_selector()
        # asyncio's own look at the timers, in floats, must find nothing due that is not.
        self._clock_resolution = 0
        self._source = time_source
        self._start_us = time_source.now_us
        self._max_steps = max_steps
        self._steps = 0
        self._draining = False
        self._closing = False
        self._timer_order = itertools.count()
        self._task_names = itertools.count(1)
        self._places = Places()
        self.errors: list[LoopError] = []
        """What went wrong without anybody looking, in order; the latest of it if it was much."""
        self.errors_dropped = 0
        """How many errors were forgotten."""
        self._own_factory = cast("Any", self._make_task)
        self.set_task_factory(self._own_factory)

    def _make_selector(self) -> Any:  # noqa: ANN401
        return _Selector(self._next_round)

    # Time

    def time(self) -> float:
        """Return virtual seconds since the loop was made."""
        return (self._source.now_us - self._start_us) / SECOND_US

    @property
    def now_us(self) -> int:
        """The present instant, in microseconds since 1970."""
        return self._source.now_us

    def call_later(
        self,
        delay: float,
        callback: Callable[[Unpack[_Ts]], object],
        *args: *_Ts,
        context: Context | None = None,
    ) -> events.TimerHandle:
        """Call back after `delay` seconds, counted in whole microseconds."""
        if delay is None:  # pyright: ignore[reportUnnecessaryComparison]
            raise TypeError("delay must not be None")
        us = delay_us(delay)
        return self._call_at_us(self._source.now_us + us, callback, args, context)

    def call_at(
        self,
        when: float,
        callback: Callable[[Unpack[_Ts]], object],
        *args: *_Ts,
        context: Context | None = None,
    ) -> events.TimerHandle:
        """Call back when `time()` is `when`, to the nearest microsecond."""
        if when is None:  # pyright: ignore[reportUnnecessaryComparison]
            raise TypeError("when cannot be None")
        us = round(when * SECOND_US) if math.isfinite(when) else ENDLESS_US
        return self._call_at_us(self._start_us + us, callback, args, context)

    def _call_at_us(
        self,
        us: int,
        callback: Callable[..., object],
        args: tuple[object, ...],
        context: Context | None,
    ) -> events.TimerHandle:
        self._check_closed()
        when = (us - self._start_us) / SECOND_US
        order = next(self._timer_order)
        timer = Timer(when, callback, args, self, context, us=us, order=order)
        timer.push(self._scheduled)
        return timer

    def next_due_us(self) -> int | None:
        """Return when the earliest live timer is due, in microseconds since 1970."""
        scheduled = self._scheduled
        while scheduled and scheduled[0].cancelled():
            self._timer_cancelled_count -= 1
            Timer.pop(scheduled)
        if not scheduled:
            return None
        us = scheduled[0].us
        return us if us <= LATEST_US else None

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is to be called, now or later."""
        return not (self._ready or self._scheduled)

    @property
    def has_ready(self) -> bool:
        """Whether `drain` would run anything at the present instant."""
        if any(not handle.cancelled() for handle in self._ready):
            return True
        return has_come(self.next_due_us(), self._source.now_us)

    # Running

    def drain(self) -> int:
        """Run everything that can run at the present instant, without moving time.

        Returns:
            The number of rounds, 0 if nothing was ready.

        Raises:
            LivelockError: The callbacks make each other ready without end.
        """
        self._check_closed()
        if not self.has_ready:
            return 0
        self._draining, self._steps = True, 0
        try:
            self.run_forever()
        finally:
            self._draining = False
        return self._steps - 1  # the last round found nothing to do

    def run_forever(self) -> None:
        """Run until `stop`, also where another loop is running in this thread."""
        with detached():
            super().run_forever()

    def run_until_complete(self, future: Any) -> Any:  # noqa: ANN401
        """Run the coroutine or future to its end, jumping from timer to timer.

        Raises:
            IdleError: Nothing is ready and no timer is pending, so it would wait forever.
            LivelockError: The callbacks make each other ready without end.
        """
        self._steps = 0
        with detached():
            return super().run_until_complete(future)

    def _next_round(self) -> None:
        self._steps += 1
        if self._steps > self._max_steps:
            raise LivelockError(self._livelock_text())
        if self._ready and not self._scheduled:
            return  # most rounds: something goes on, and no timer is set
        due_us = self.next_due_us()
        if not (self._ready or self._stopping or has_come(due_us, self._source.now_us)):
            self._before_idle()
            due_us = self.next_due_us()
        if not (self._ready or self._stopping or has_come(due_us, self._source.now_us)):
            if self._draining:
                self.stop()
                return
            if due_us is None:
                raise IdleError(self._idle_text())
            self._source.move_to(due_us)
            if not self._closing:
                self._steps = 0
        while has_come(self.next_due_us(), self._source.now_us):
            self._ready.append(Timer.pop(self._scheduled))

    def _before_idle(self) -> None:
        """Do what is left to do where nothing is ready; it may make something ready."""

    def _livelock_text(self) -> str:
        turning = sorted({what_runs(handle) for handle in self._ready if not handle.cancelled()})
        return (
            f"The loop never becomes idle: after {self._max_steps} rounds at "
            f"{iso(self._source.now_us)} there is still something ready.\n"
            f"It turns in {_listed(turning) or 'callbacks'}.\n"
            "Let it wait for something: asyncio.sleep(0) in a loop passes no time."
        )

    def _idle_text(self) -> str:
        waiting = [where(task) for task in self._live_tasks()]
        return (
            f"Nothing is ready and no timer is pending at {iso(self._source.now_us)}, "
            "so these would wait forever:\n"
            f"{_listed(waiting) or 'no task is left'}\n"
            "Set or cancel what they wait for, or give them a timeout. "
            "The simulation has no network and no threads."
        )

    # Tasks

    def create_task(
        self,
        coro: Any,  # noqa: ANN401
        *,
        name: object = None,
        context: Context | None = None,
        **options: Any,  # noqa: ANN401
    ) -> asyncio.Task[Any]:
        """Make a task; without a name it gets the next number of this loop."""
        # asyncio's own numbers count through the whole process, and 3.13.0 forgets them here.
        own_name = f"Task-{next(self._task_names)}" if name is None else str(name)
        if not options and self.get_task_factory() is self._own_factory:
            self._check_closed()
            return self._places.seat(coro, {"loop": self, "name": own_name, "context": context})
        return super().create_task(coro, name=own_name, context=context, **options)

    def _make_task(
        self,
        loop: asyncio.AbstractEventLoop,
        coro: Coroutine[Any, Any, _T],
        **options: Any,  # noqa: ANN401
    ) -> asyncio.Task[_T]:
        return self._places.seat(coro, {"loop": loop, **options})

    def _live_tasks(self) -> list[asyncio.Task[Any]]:
        return sorted(asyncio.all_tasks(self), key=hash)

    # Executors

    def run_in_executor(
        self,
        executor: Executor | None,  # noqa: ARG002
        func: Callable[[Unpack[_Ts]], _T],
        *args: *_Ts,
    ) -> asyncio.Future[_T]:
        """Call `func` at once, as the only thread there is, and return its finished future.

        If it sleeps, the future finishes that much later in virtual time.
        """
        self._check_closed()
        future: asyncio.Future[_T] = self.create_future()
        settle, slept_us = call_inline(func, args)
        if slept_us:
            self._call_at_us(self._source.now_us + slept_us, settle, (future,), None)
        else:
            settle(future)
        return future

    def _write_to_self(self) -> None:
        """Nothing sleeps in a selector, so nothing needs waking."""

    def _process_events(self, event_list: list[Any]) -> None:
        """There are none."""

    # The end

    def default_exception_handler(self, context: dict[str, Any]) -> None:
        """Keep in `errors` what asyncio would print."""
        task: asyncio.Future[Any] | None = context.get("task") or context.get("future")
        self.errors.append(
            LoopError(
                message=str(context.get("message") or "unhandled error in the event loop"),
                exception=context.get("exception"),
                task=where(task) if isinstance(task, asyncio.Task) else "",
            )
        )
        if len(self.errors) > _MOST_ERRORS:
            del self.errors[0]
            self.errors_dropped += 1

    @property
    def has_leftovers(self) -> bool:
        """Whether `close` would let code of somebody's clean up."""
        return bool(self._asyncgens or asyncio.all_tasks(self))

    def close(self) -> None:
        """Cancel what is left, let it clean up, and close; never wait for real.

        Cleaning up may sleep: it does so in a time of its own, not in the simulation's.
        """
        if self.is_closed() or self.is_running():
            super().close()  # which does nothing, or refuses
            return
        self._source = _OwnTime(self._source.now_us)
        self._closing = True
        if leftover := self._live_tasks():
            for task in leftover:
                task.cancel()
            self._finish(self._gathered(leftover))
        if self._asyncgens:
            self._finish(self._end_what_is_no_task())
        super().close()

    async def _end_what_is_no_task(self) -> None:
        await self.shutdown_asyncgens()

    async def _gathered(self, leftover: list[asyncio.Task[Any]]) -> None:
        await asyncio.gather(*leftover, return_exceptions=True)
        for task in leftover:
            error = None if task.cancelled() else task.exception()
            if error is not None:
                message = "a task failed while it was cancelled"
                self.call_exception_handler({"message": message, "exception": error, "task": task})

    def _finish(self, ending: Coroutine[Any, Any, None]) -> None:
        try:
            self.run_until_complete(ending)
        except (IdleError, LivelockError) as error:
            for task in self._live_tasks():
                # Reported here, so that the garbage collector need not do so at some other time.
                cast("Any", task)._log_destroy_pending = False  # noqa: SLF001
            about = {"message": "a cancelled task did not end", "exception": error}
            self.call_exception_handler(about)


def _listed(places: list[str], shown: int = 5) -> str:
    return "; ".join(places[:shown]) + (" …" if len(places) > shown else "")


for _name in REFUSED:
    setattr(VirtualLoop, _name, refusal(_name))

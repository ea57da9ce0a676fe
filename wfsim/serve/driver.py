"""Runs a world for a server: hands requests in, moves time, and never keeps the server waiting."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Protocol

from wfsim.clock import LATEST_US
from wfsim.errors import UsageError, WorkflowError
from wfsim.freeze.originals import ORIGINALS
from wfsim.serve.clocks import Outlook, Pace
from wfsim.serve.loop import ServedLoop
from wfsim.trace import Trace
from wfsim.web import Response
from wfsim.world import World

__all__ = ["SLICE_S", "Driver", "Watcher"]

SLICE_S: Final = 0.05
"""So long the world runs at a stretch before sockets get their turn."""
_WHEN_STUCK_S: Final = 0.1
"""So long it waits where trying again at once would fail again: an endless loop of the app."""
_POLL_S: Final = 0.01
"""So often it looks at the app's connections where the system does not say when one is ready."""
_PERF_COUNTER: Final[Callable[[], float]] = ORIGINALS["perf_counter"]
"""The machine's, also while the world runs."""


class Watcher(Protocol):
    """Who is told of what goes wrong."""

    def problem(self, error: BaseException) -> None:
        """The app did something wrong."""
        ...

    def bug(self, doing: str, error: BaseException) -> None:
        """The simulation did something wrong."""
        ...

    def look(self, trace: Trace) -> None:
        """Something may have been recorded."""
        ...


@dataclass(slots=True)
class _Slice:
    """A stretch of work, and whether it ended early: it took too long, or must wait."""

    must_wait: Callable[[], bool] = lambda: False

    until: float = field(default_factory=lambda: _PERF_COUNTER() + SLICE_S)
    is_over: bool = False

    def ends(self) -> bool:
        self.is_over = self.is_over or _PERF_COUNTER() >= self.until or self.must_wait()
        return self.is_over


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Call:
    """A request on its way into the world."""

    coroutine: Coroutine[Any, Any, Response]
    name: str
    answer: asyncio.Future[Response]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Goal:
    """An instant to which a client moves time."""

    us: int
    reached: asyncio.Future[None]


class Driver:
    """Runs a world beside an event loop, in the same thread.

    Args:
        world: The world; nobody else moves it.
        clock: Where virtual time should be.
        watcher: Who is told of what goes wrong.
    """

    def __init__(self, world: World, clock: Pace, watcher: Watcher) -> None:
        self.world = world
        self.clock = clock
        self._watcher = watcher
        self._calls: deque[_Call] = deque()
        self._goals: deque[_Goal] = deque()
        self._lookers: list[asyncio.Future[None]] = []
        self._open: set[_Call] = set()
        self._is_over = False
        self._kicked = asyncio.Event()
        self._changed_s = time.monotonic()
        self._unmoved_since_s: float | None = None
        self._network = world.loop if isinstance(world.loop, ServedLoop) else None

    # --- what a server asks for -----------------------------------------------------------------

    def submit(
        self, coroutine: Coroutine[Any, Any, Response], name: str
    ) -> asyncio.Future[Response]:
        """Hand in a request, behind those that came before; return its answer to come.

        Once the driver has been cancelled, so is every answer.
        """
        answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        if self._is_over:
            coroutine.close()
            answer.cancel()
            return answer
        self._calls.append(_Call(coroutine=coroutine, name=name, answer=answer))
        self._kicked.set()
        return answer

    async def advance(self, *, to_us: int | None = None, by_us: int = 0) -> None:
        """Move time to an instant, or by a length of time after all moves asked for before.

        Raises:
            UsageError: the instant is past, or beyond the end of time.
            WorkflowError: the app does not let time pass.
        """
        now_us = self._goals[-1].us if self._goals else self.world.clock.now_us
        target_us = now_us + by_us if to_us is None else to_us
        if target_us < now_us:
            raise UsageError("Virtual time never runs backwards. Give a later instant.")
        if target_us > LATEST_US:
            raise UsageError("Virtual time ends with the year 9999. Give an earlier instant.")
        goal = _Goal(us=target_us, reached=asyncio.get_running_loop().create_future())
        self._goals.append(goal)
        self._kicked.set()
        await goal.reached

    async def catch_up(self) -> None:
        """Let what is due by now happen, or at least begin to, before somebody looks."""
        looker: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lookers.append(looker)
        self._kicked.set()
        await looker

    @property
    def open_requests(self) -> int:
        """How many requests have no answer yet."""
        return len(self._calls) + len(self._open)

    async def run(self) -> None:
        """Run the world until this is cancelled."""
        try:
            with self._watching():
                await self._run()
        finally:
            self._give_up()

    async def _run(self) -> None:
        while True:
            self._kicked.clear()
            try:
                wait_s = self._step()
            except Exception as error:  # noqa: BLE001 - whatever it was, others wait for answers
                self._watcher.bug("moving time", error)
                wait_s = _WHEN_STUCK_S
            self._release_lookers()
            await self._rest(wait_s)

    @contextmanager
    def _watching(self) -> Generator[None]:
        """Go on whenever one of the app's connections is ready."""
        number = None if self._network is None else self._network.fileno()
        if number is None:
            yield
            return
        loop = asyncio.get_running_loop()
        loop.add_reader(number, self._kicked.set)
        try:
            yield
        finally:
            loop.remove_reader(number)

    async def _rest(self, wait_s: float | None) -> None:
        if wait_s is not None and wait_s <= 0:
            await asyncio.sleep(0)
            return
        if self._network is not None and self._network.needs_polling:
            wait_s = _POLL_S if wait_s is None else min(wait_s, _POLL_S)
        alarm = None
        if wait_s is not None:
            alarm = asyncio.get_running_loop().call_later(wait_s, self._kicked.set)
        try:
            await self._kicked.wait()
        finally:
            if alarm is not None:
                alarm.cancel()

    def _give_up(self) -> None:
        self._is_over = True
        for call in self._calls:
            call.coroutine.close()
        for call in (*self._calls, *self._open):
            call.answer.cancel()
        for waiter in (*self._lookers, *(goal.reached for goal in self._goals)):
            waiter.cancel()
        self._calls.clear()
        self._goals.clear()

    # --- one step -------------------------------------------------------------------------------

    def _step(self) -> float | None:
        """Run the world for a slice; return after how many seconds to go on, None if not alone."""
        target_us = self._target_us(self._outlook())
        before_us, last = self.world.clock.now_us, self._last_record()
        went_well, work = True, _Slice(must_wait=self._must_wait)
        is_to_move = target_us is not None and target_us > before_us
        if target_us is not None and is_to_move:
            # First of all, so that a request is answered at the instant at which it comes.
            move = partial(self.world.advance_to, min(target_us, LATEST_US), until=work.ends)
            went_well = self._attempt(move)
        was_late = work.is_over
        if self._calls or not is_to_move:
            went_well = self._take_calls(work := _Slice()) and went_well
        has_moved = self.world.clock.now_us > before_us
        if has_moved:
            self._unmoved_since_s = None
        self._watcher.look(self.world.hub.trace)
        is_stuck = not (went_well or has_moved or self._last_record() is not last)
        self._reach_goals(is_stuck=is_stuck)
        if is_stuck:
            return _WHEN_STUCK_S
        if was_late or work.is_over or not went_well:
            return 0
        outlook = self._outlook()
        return outlook.network_left_s if self._goals else self.clock.wait_s(outlook)

    def _target_us(self, outlook: Outlook) -> int | None:
        if self._goals:
            return None if outlook.network_left_s > 0 else self._goals[0].us
        if self._calls and self.clock.name != "real":
            return None  # a request that is here comes before anything that is not due yet
        return self.clock.target_us(outlook)

    def _must_wait(self) -> bool:
        """Whether time stands still for the app's connections, which takes more than a slice."""
        return self.clock.name != "real" and self._network_left_s() > 0

    def _network_left_s(self) -> float:
        return 0.0 if self._network is None else self._network.network_left_s()

    def _take_calls(self, work: _Slice) -> bool:
        calls = list(self._calls)
        self._calls.clear()
        last = self._last_record()
        for call in calls:
            task = self.world.spawn(call.coroutine, name=call.name)
            self._open.add(call)
            task.add_done_callback(partial(self._answer, call))
        went_well = self._attempt(partial(self.world.run_until_idle, until=work.ends), calls)
        if calls and self._last_record() is not last:
            self._changed_s = time.monotonic()
            if self._unmoved_since_s is None:
                self._unmoved_since_s = self._changed_s
        return went_well

    def _attempt(self, run: Callable[[], None], calls: list[_Call] | None = None) -> bool:
        """Run the world; return False if it stopped for something that went wrong."""
        try:
            run()
        except WorkflowError as error:
            self._watcher.problem(error)
        except Exception as error:  # noqa: BLE001 - a server outlives its own bugs
            self._watcher.bug("running the app", error)
            for call in calls or ():
                self._open.discard(call)
                if not call.answer.done():
                    call.answer.set_exception(error)
        except BaseException as error:  # noqa: BLE001 - sys.exit() in a function, and its kin
            self._watcher.problem(error)
        else:
            return True
        return False

    def _answer(self, call: _Call, task: asyncio.Task[Response]) -> None:
        self._open.discard(call)
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if call.answer.done():
            return  # the client has left, or the server is ending
        if error is None:
            call.answer.set_result(task.result())
        elif isinstance(error, Exception):
            call.answer.set_exception(error)
        else:
            # Raised here, it would end the server instead of the request.
            call.answer.set_exception(RuntimeError(f"{type(error).__name__}: {error}"))

    def _reach_goals(self, *, is_stuck: bool) -> None:
        while self._goals:
            goal = self._goals[0]
            if self.world.clock.now_us < goal.us:
                if not is_stuck:
                    return
                if not goal.reached.done():
                    goal.reached.set_exception(
                        WorkflowError("The app does not let time pass; the server's log says why.")
                    )
            elif not goal.reached.done():
                goal.reached.set_result(None)
            self._goals.popleft()

    def _release_lookers(self) -> None:
        for looker in self._lookers:
            if not looker.done():
                looker.set_result(None)
        self._lookers.clear()

    def _last_record(self) -> object:
        trace = self.world.hub.trace
        return trace[-1] if len(trace) else None

    def _outlook(self) -> Outlook:
        now_s = time.monotonic()
        since_s = now_s if self._unmoved_since_s is None else self._unmoved_since_s
        hub = self.world.hub
        keeps_house_only = self._network is not None and self._network.keeps_house_only
        return Outlook(
            next_us=hub.next_due_us(),
            next_work_us=(hub.agenda if keeps_house_only else hub).next_due_us(background=False),
            is_waited_for=bool(self._open) and self.world.loop.next_due_us() is not None,
            quiet_s=now_s - self._changed_s,
            unmoved_s=now_s - since_s,
            network_left_s=self._network_left_s(),
        )

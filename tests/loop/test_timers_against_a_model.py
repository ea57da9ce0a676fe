"""Clock and loop against a list of timers that is sorted by hand."""

from __future__ import annotations

import asyncio

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from wfsim.clock import VirtualClock
from wfsim.loop import VirtualLoop

DELAYS = st.one_of(st.integers(0, 5), st.integers(0, 10**12))


class TimersMatchTheModel(RuleBasedStateMachine):
    """Timers fire at their time, in due order, and those of one instant in creation order."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = VirtualClock()
        self.loop = VirtualLoop(self.clock)
        self.model: list[tuple[int, int]] = []
        self.handles: dict[int, asyncio.TimerHandle] = {}
        self.fired: list[tuple[int, int]] = []
        self.expected: list[tuple[int, int]] = []

    @rule(us=DELAYS, absolute=st.booleans())
    def add(self, us: int, absolute: bool) -> None:
        number = len(self.handles)
        due = self.clock.now_us + us
        if absolute:
            when = (due - self.clock.start_us) / 1_000_000
            handle = self.loop.call_at(when, self.fire, number)
        else:
            handle = self.loop.call_later(us / 1_000_000, self.fire, number)
        self.handles[number] = handle
        self.model.append((due, number))

    def fire(self, number: int) -> None:
        self.fired.append((self.clock.now_us, number))

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        due = data.draw(st.sampled_from(self.model))
        self.handles[due[1]].cancel()
        self.model.remove(due)

    @precondition(lambda self: self.model)
    @rule()
    def jump(self) -> None:
        self.clock.move_to(max(self.clock.now_us, min(self.model)[0]))
        self.drain()

    @rule(us=DELAYS)
    def move(self, us: int) -> None:
        self.clock.move_to(self.clock.now_us + us)
        self.drain()

    def drain(self) -> None:
        self.loop.drain()
        due = sorted(timer for timer in self.model if timer[0] <= self.clock.now_us)
        self.expected += [(self.clock.now_us, number) for _, number in due]
        self.model = [timer for timer in self.model if timer[0] > self.clock.now_us]

    @invariant()
    def same_history(self) -> None:
        assert self.fired == self.expected
        assert self.loop.next_due_us() == min((due for due, _ in self.model), default=None)

    def teardown(self) -> None:
        self.loop.close()


TestTimersMatchTheModel = TimersMatchTheModel.TestCase

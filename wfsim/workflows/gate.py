"""Orders: which of the steps or executors that run at the same time finishes next.

In production the slowest model call decides. In a test everything answers at once, so one order is
all that anybody ever sees. Here whoever has done its work is held at a gate until nothing else can
happen at the instant; then a choice says who is next, and everybody else goes on waiting until it
has finished.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar

from wfsim.choices import Choices

__all__ = ["Gate", "Unit"]

_ABOUT = "next to finish"

_current: ContextVar[Unit | None] = ContextVar("wfsim_unit", default=None)


class Unit:
    """One run of a step or of an executor's handler."""

    __slots__ = ("given", "label", "name", "opened", "parent")

    def __init__(self, name: str, label: str, given: object, parent: Unit | None) -> None:
        self.name = name
        self.label = label
        self.given = given
        """What it was called with."""
        self.parent = parent
        self.opened = asyncio.Event()
        """Set when it may go on."""

    def __repr__(self) -> str:
        return f"<Unit {self.label}>"


Picker = Callable[[Sequence[Unit]], int]
"""Says which of the units is next."""


class Gate:
    """Holds finished units back, and lets one after the other pass.

    Args:
        choices: Where it asks who is next.
        may_wait: Returns whether time may pass while units are held: not when nothing is due, and
            not when a timeout is, which would then fire for a unit that was ready in time.
    """

    def __init__(self, choices: Choices, may_wait: Callable[[], bool]) -> None:
        self.choices = choices
        self.picker: Picker | None = None
        """Asked instead of the choices, where somebody knows the order already."""
        self.finished: list[Unit] = []
        """Those that passed, in order."""
        self._may_wait = may_wait
        self._running: list[Unit] = []
        self._held: list[Unit] = []
        self._next: Unit | None = None
        self._count: Counter[str] = Counter()

    @staticmethod
    def current() -> Unit | None:
        """Return the unit whose code this is."""
        return _current.get()

    @contextmanager
    def running(self, name: str, given: object) -> Generator[Unit]:
        """Count a unit as running meanwhile."""
        self._count[name] += 1
        number = self._count[name]
        label = name if number == 1 else f"{name} #{number}"
        unit = Unit(name, label, given, _current.get())
        self._running.append(unit)
        token = _current.set(unit)
        try:
            yield unit
        finally:
            with suppress(ValueError):  # a coroutine that is thrown away ends in another context
                _current.reset(token)
            self._end(unit)

    def _end(self, unit: Unit) -> None:
        self._running.remove(unit)
        if unit.opened.is_set():
            self.finished.append(unit)
        if unit in self._held:
            self._held.remove(unit)
        if self._next is unit:
            self._next = None

    async def arrive(self, unit: Unit) -> None:
        """Wait until it is this unit's turn; once it was, it goes on without asking again."""
        if unit is self._next:
            unit.opened.set()
        if not unit.opened.is_set() and unit not in self._held:
            self._held.append(unit)
        await unit.opened.wait()

    def reset(self) -> None:
        """Forget every unit: the process in which they ran has died."""
        self._running.clear()
        self._held.clear()
        self._next = None

    def on_idle(self) -> None:
        """Let the next unit pass, if one is held and nothing else can happen at this instant."""
        if not self._held:
            return
        if self._next is None:
            self._choose()
        elif not self._may_wait():
            # It waits for one that is held, or a timeout is due before it can finish.
            self._let_pass(self._held[0])

    def _choose(self) -> None:
        waiting = {id(unit.parent) for unit in self._running}
        behind = [
            unit for unit in self._running if unit not in self._held and id(unit) not in waiting
        ]
        options = [*self._held, *behind]
        chosen = options[self._pick(options)]
        self._next = chosen
        if chosen in self._held:
            self._let_pass(chosen)
        elif not self._may_wait():
            self._let_pass(self._held[0])

    def _pick(self, options: Sequence[Unit]) -> int:
        if self.picker is not None:
            return self.picker(options)
        return self.choices.pick(_ABOUT, [unit.label for unit in options])

    def _let_pass(self, unit: Unit) -> None:
        self._held.remove(unit)
        self._next = unit
        unit.opened.set()

"""The freezer: shows a simulation's clock and chance to user code, and puts everything back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from types import ModuleType, TracebackType
from typing import Self

from wfsim.clock import TimeSource, VirtualClock, from_us
from wfsim.errors import UsageError
from wfsim.freeze.entropy import Entropy
from wfsim.freeze.gun import GunBridge, frozen_us
from wfsim.freeze.machine import WallClock, travelling_us
from wfsim.freeze.replacements import Replacements
from wfsim.freeze.views import SHIFT_US, MainView, SideView, View
from wfsim.loop import VirtualLoop, detached
from wfsim.nested import NOTHING, Nested

__all__ = ["Freezer"]


class Freezer:
    """Time and chance of one simulation, as user code sees them.

    While it is open, the wall clocks show virtual time, in UTC. While an operation runs, so do
    the monotonic clocks and `time.sleep`, and all chance is seeded. Outside of operations those
    are real, so that pytest and an outer event loop go on measuring and waiting.

    Args:
        clock: The simulation's clock.
        seed: Decides every random number, uuid and secret.
        freeze: False leaves all clocks and event loops real; chance is seeded all the same.
        make_loop: Makes the loops of sync code that calls `asyncio.run`.
    """

    def __init__(
        self,
        clock: VirtualClock,
        *,
        seed: int,
        freeze: bool = True,
        make_loop: Callable[[TimeSource], VirtualLoop] = VirtualLoop,
    ) -> None:
        self._clock = clock
        self._freeze = freeze
        self._make_loop = make_loop
        self._inside = MainView(clock)
        self._outside = SideView(clock)
        self.view: View = self._outside
        """The clock that code reads now."""
        self._quiet = SideView(clock)
        """What orchestrators read that draw nothing: for what only goes to logs, one will do."""
        # Passes of one freezer never lie within each other, so one will do as well.
        self._quiet_pass = _QuietPass(self, self._quiet)
        self._wall = WallClock(self._read_us)
        self._gun = GunBridge(clock, self._read_us, lambda: self._outside.last_read_us)
        self._adopted: list[ModuleType] = []
        self._replacements: Replacements | None = None
        self.entropy = Entropy(seed)

    def _read_us(self) -> int:
        return self.view.read_us()

    @staticmethod
    def initial_start() -> datetime | None:
        """Return the time at which a user's freezegun or time_machine stands, if one is active."""
        us = frozen_us()
        if us is None:
            us = travelling_us()
        return None if us is None else from_us(us)

    @property
    def is_open(self) -> bool:
        """Whether the freezer is between `open` and `close`."""
        return self._replacements is not None

    @property
    def passes(self) -> int:
        """How many passes of orchestrators there were; decides what the next one draws."""
        return self.entropy.passes

    def skip_passes(self, number: int) -> None:
        """Go on as if there had been so many more."""
        self.entropy.passes += number

    @property
    def ignored_sleeps_us(self) -> tuple[int, ...]:
        """Calls of `time.sleep` by code that is no activity; virtual time did not move for them."""
        return () if self._replacements is None else tuple(self._replacements.ignored_sleeps_us)

    def open(self) -> None:
        """Show virtual time as the wall clock from now on."""
        if self.is_open:
            return
        self._replacements = Replacements(
            self._clock,
            self.entropy,
            lambda: self.view,
            clocks=self._freeze,
            make_loop=self._make_loop,
        )
        self._replacements.adopt(self._adopted)
        if self._freeze:
            self._wall.start()
            self._gun.open()

    def close(self) -> None:
        """Put the real clocks back; a second call does nothing."""
        if not self.is_open:
            return
        self._replacements = None
        if self._freeze:
            self._wall.stop()
            self._gun.close()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def adopt(self, modules: Iterable[ModuleType]) -> None:
        """Also replace what these modules imported by name, such as `from time import sleep`."""
        chosen = list(modules)
        self._adopted += chosen
        if self._replacements is not None:
            self._replacements.adopt(chosen)

    def operation(self) -> AbstractContextManager[None]:
        """Run code of the simulation: its clock on top, its chance in place, no outer loop.

        Raises:
            UsageError: The freezer is not open.
        """
        return _Operation(self)

    def what_operations_need(self) -> AbstractContextManager[None]:
        """Return what `operation` enters at this moment."""
        replacements = self._replacements
        if replacements is None:
            raise UsageError(
                "Code runs only in an open simulation, but this one is closed.\n"
                "Use it inside its `with` block, or through the fixture."
            )
        if replacements.in_place:
            return NOTHING
        wall = self._wall.on_top() if self._freeze else NOTHING
        gun = self._gun.reading() if self._freeze else NOTHING
        inside = _Inside(self, self._inside)
        return Nested(inside, detached(), wall, gun, self.entropy, replacements.installed())

    def orchestrator_pass(
        self, variant: int = 0, *, is_watched: bool = True, may_draw: bool = True
    ) -> AbstractContextManager[SideView]:
        """Run an orchestrator: its reads and draws have no effect on those of other code.

        Yields the pass, whose `touched` says afterwards whether it read a clock or drew anything.

        Args:
            variant: 0 shows the true time. A check that replays with another one sees shifted
                clocks and other random numbers, which a deterministic orchestrator never notices.
            is_watched: Whether anybody wants to know if it drew something, which takes a while.
            may_draw: Whether it may draw something at all. Putting the streams back takes longer
                than a short orchestrator does.
        """
        if not may_draw:
            return _QuietPass(self, self.side_view(variant)) if variant else self._quiet_pass
        return _Pass(self, variant, is_watched=is_watched)

    def side_view(self, variant: int) -> SideView:
        """Return the clock of one pass."""
        return SideView(self._clock, shift_us=variant * SHIFT_US)

    def begin_pass(self, variant: int) -> tuple[SideView, View, tuple[object, object]]:
        """Begin what `orchestrator_pass` does; return what `end_pass` wants to have."""
        view = self.side_view(variant)
        outer, self.view = self.view, view
        return view, outer, self.entropy.begin_pass(variant)

    def end_pass(
        self, begun: tuple[SideView, View, tuple[object, object]], *, is_watched: bool
    ) -> None:
        """End what `begin_pass` has begun."""
        view, outer, main = begun
        view.touched = self.entropy.end_pass(main, is_watched=is_watched) or view.touched
        self.view = outer

    def sync(self) -> int | None:
        """Return where the user moved a freezegun to, for the simulation to advance there.

        Raises:
            UsageError: The user moved it into the past.
        """
        return self._gun.sync() if self.is_open and self._freeze else None


class _Operation:
    """An operation, which may be made before the freezer is open."""

    __slots__ = ("_freezer", "_needs")

    def __init__(self, freezer: Freezer) -> None:
        self._freezer = freezer

    def __enter__(self) -> None:
        self._needs = self._freezer.what_operations_need()
        self._needs.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._needs.__exit__(kind, error, trace)


class _Inside:
    """Shows one view of the clock."""

    __slots__ = ("_freezer", "_outer", "_view")

    def __init__(self, freezer: Freezer, view: View) -> None:
        self._freezer, self._view = freezer, view

    def __enter__(self) -> None:
        self._outer, self._freezer.view = self._freezer.view, self._view

    def __exit__(self, *_: object) -> None:
        self._freezer.view = self._outer


class _Pass:
    """One pass; a class, since there are two in each episode and a generator takes longer."""

    __slots__ = ("_begun", "_freezer", "_is_watched", "_variant")

    def __init__(self, freezer: Freezer, variant: int, *, is_watched: bool) -> None:
        self._freezer, self._variant, self._is_watched = freezer, variant, is_watched

    def __enter__(self) -> SideView:
        self._begun = self._freezer.begin_pass(self._variant)
        return self._begun[0]

    def __exit__(self, *_: object) -> None:
        self._freezer.end_pass(self._begun, is_watched=self._is_watched)


class _QuietPass:
    """A pass of code that draws nothing."""

    __slots__ = ("_freezer", "_outer", "_view")

    def __init__(self, freezer: Freezer, view: SideView) -> None:
        self._freezer, self._view = freezer, view

    def __enter__(self) -> SideView:
        freezer = self._freezer
        self._outer, freezer.view = freezer.view, self._view
        freezer.entropy.passes += 1
        return self._view

    def __exit__(self, *_: object) -> None:
        self._freezer.view = self._outer

"""What stands behind the façade: one app, one hub and one clock, and who may move time when."""

from __future__ import annotations

import asyncio
import sys
import warnings
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType
from typing import Any, Literal

from wfsim.choices import Schedule
from wfsim.clock import VirtualClock
from wfsim.errors import UsageError, nearest
from wfsim.freeze import Freezer
from wfsim.hub.hub import Hub
from wfsim.hub.settings import HostSettings
from wfsim.loop import VirtualLoop
from wfsim.stubs import StubbedActivities
from wfsim.verdicts import FindingPolicy, Verdicts
from wfsim.workers.azure_functions import AzureActivities, AzureWorker, load_app

__all__ = ["Options", "Replay", "World"]

Replay = Literal["every", "off"]

_NOISE = (
    # The SDK warns of what is legal: two completions for one task, and payloads without a type.
    "Potential duplicate Task completion",
    "azure.functions df_loads was called without expected_type",
    "azure.functions Durable JSON codec reconstructed",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The arguments of a simulation; see `Simulation`.

    Raises:
        UsageError: one of them makes no sense.
    """

    start: datetime | None
    seed: int
    schedule: Schedule | None
    faults: None
    replay: Replay
    freeze: bool
    findings: FindingPolicy
    max_steps: int
    settings: HostSettings | None

    def __post_init__(self) -> None:
        if not _is_int(self.seed):
            raise UsageError(f"seed={self.seed!r} must be an int.")
        if self.faults is not None:
            raise UsageError(
                f"faults={self.faults!r}: this version injects no faults yet. Leave it out."
            )
        if self.replay not in {"every", "off"}:
            raise UsageError(f"replay={self.replay!r} must be 'every' or 'off'.")
        if not isinstance(self.freeze, bool):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageError(f"freeze={self.freeze!r} must be True or False.")
        if self.settings is not None and not isinstance(self.settings, HostSettings):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageError(f"settings={self.settings!r} must be a HostSettings.")
        if not _is_int(self.max_steps) or self.max_steps < 1:
            raise UsageError(f"max_steps={self.max_steps!r} must be an int of at least 1.")


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


class World:
    """An app with its hub and clock, between opening and closing.

    Args:
        app: See `Simulation`.
        options: See `Simulation`.

    Raises:
        AppLoadError: the app cannot be loaded.
    """

    def __init__(self, app: object, options: Options) -> None:
        self.clock = VirtualClock(options.start or Freezer.initial_start())
        self._freezer = Freezer(self.clock, seed=options.seed, freeze=options.freeze)
        self.loop = VirtualLoop(self.clock)
        self.is_open = True
        self._is_moving = False
        self._escaped: list[BaseException] = []
        self._errors_seen = 0
        try:
            with self._frozen(), _quiet_sdk():
                self.app = load_app(app)
            self.hub = _hub(self.clock, self.loop, options)
            self.verdicts = Verdicts(self.hub, options.findings)
        except BaseException:
            self._shut()
            raise
        self._adopted: set[ModuleType] = set()
        self._adopt(self.app.modules())
        self.hub.worker = AzureWorker(
            self.app, settings=self.hub.settings, chance=self._freezer, report=self.hub.report
        )
        self.stubs = StubbedActivities(
            AzureActivities(self.app, loop=self.loop, report=self.hub.report)
        )
        self.hub.activities = self.stubs

    # --- life -----------------------------------------------------------------------------------

    def enter(self) -> None:
        """Show virtual time as the wall clock until `close`, outside of operations too."""
        self.require_open()
        self._freezer.open()

    def close(self, *, check: bool) -> None:
        """See `Simulation.close`."""
        if not self.is_open:
            return
        self._refuse_while_moving()
        try:
            if check:
                with self.looking():
                    self.verdicts.conclude()
        finally:
            self._shut()
        if check:
            self.verdicts.raise_or_warn(final=True)

    def _shut(self) -> None:
        self.is_open = False
        try:
            with self._frozen():
                self.loop.close()
        finally:
            self._freezer.close()

    @contextmanager
    def _frozen(self) -> Generator[None]:
        """Put clocks and chance in place for one operation.

        A simulation that nobody entered leaves no frozen clock behind when it is forgotten.
        """
        was_open = self._freezer.is_open
        self._freezer.open()
        try:
            with self._freezer.operation():
                yield
        finally:
            if not was_open:
                self._freezer.close()

    def require_open(self) -> None:
        """Refuse what makes sense only while the simulation is open.

        Raises:
            UsageError: it is closed.
        """
        if not self.is_open:
            raise UsageError(
                "The simulation is closed. Run orchestrations inside its `with` block."
            )

    def _refuse_while_moving(self) -> None:
        if self._is_moving:
            raise UsageError(
                "Time is moving already: this was called from inside the simulation, such as from "
                "sim.at or a stub. Only the test moves time."
            )

    # --- running user code ----------------------------------------------------------------------

    @contextmanager
    def _operation(self) -> Generator[None]:
        """Run user code: its modules, clocks and chance in place."""
        self.require_open()
        self._refuse_while_moving()
        self._is_moving = True
        try:
            with self.looking():
                self._follow_freezegun()
                yield
        finally:
            self._is_moving = False

    def _raise_what_showed(self) -> None:
        self._raise_escaped()
        self.hub.raise_problems()
        self.verdicts.raise_or_warn()

    @contextmanager
    def looking(self) -> Generator[None]:
        """Let orchestrators be replayed to look at them, without anything happening."""
        self.require_open()
        with self._frozen(), self.app.active(), _quiet_sdk():
            yield

    def _raise_escaped(self) -> None:
        """Raise what a coroutine of the test raised, which asyncio itself only logs."""
        if self._escaped:
            error = self._escaped[0]
            self._escaped.clear()
            raise error

    def _has_escaped(self) -> bool:
        # pytest.fail() and its kin are no `Exception`: no activity may swallow them.
        errors = self.loop.errors
        while self._errors_seen < len(errors):
            error = errors[self._errors_seen].exception
            self._errors_seen += 1
            if error is not None and not isinstance(error, Exception):
                self._escaped.append(error)
        return bool(self._escaped)

    # --- moving time ----------------------------------------------------------------------------

    def run_until_idle(self) -> None:
        """Let everything happen that can at this instant."""
        with self._operation():
            self.hub.run_ready(until=self._has_escaped)
        self._raise_what_showed()

    def advance_to(self, target_us: int) -> None:
        """Move time to an instant, stopping wherever something happens."""
        with self._operation():
            self.hub.advance_to(target_us, until=self._has_escaped)
        self._raise_what_showed()

    def _follow_freezegun(self) -> None:
        target_us = self._freezer.sync()
        if target_us is not None and target_us > self.clock.now_us:
            self.hub.advance_to(target_us, until=self._has_escaped)

    def catch_up(self) -> None:
        """Follow a frozen time that the user has moved by hand."""
        if not self.is_open or self._is_moving:
            return
        target_us = self._freezer.sync()
        if target_us is not None and target_us > self.clock.now_us:
            with self._operation():
                pass  # following is all there is to do
            self._raise_what_showed()

    def move_until(self, done: Callable[[], bool], deadline_us: int) -> None:
        """Move time from one thing that happens to the next until `done`, or the deadline."""

        def over() -> bool:
            return self._has_escaped() or done()

        with self._operation():
            self._move_until(over, deadline_us)
        self._raise_what_showed()

    def _move_until(self, over: Callable[[], bool], deadline_us: int) -> None:
        while True:
            self.hub.run_ready(until=over)
            due_us = self.hub.next_due_us()
            if over() or self.hub.problems or due_us is None:
                return
            if due_us > deadline_us:
                break
            self.hub.advance_to(due_us, until=over)
        self.hub.advance_to(deadline_us, until=over)

    def is_stuck(self) -> bool:
        """Whether nothing can happen any more by itself, now or later."""
        return self.hub.is_idle and self.hub.next_due_us() is None

    def call_at(self, due_us: int, do: Callable[[], None], name: str) -> None:
        """Call something when virtual time reaches an instant."""
        self.require_open()
        self.hub.agenda.add(due_us, f"call {name}", do)

    def call(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> None:
        """Call a function of the test; what it returns to be awaited goes on the virtual loop."""
        made = fn(*args)
        if hasattr(made, "__await__"):
            self.loop.create_task(made).add_done_callback(self._take_error)

    def _take_error(self, task: asyncio.Task[Any]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._escaped.append(error)

    def take_in(self, fn: Callable[..., Any]) -> None:
        """Let a function of the test, such as a stub, see this world's clocks and chance."""
        module = sys.modules.get(getattr(fn, "__module__", None) or "")
        if module is not None:
            self._adopt([module])

    def _adopt(self, modules: Iterable[ModuleType]) -> None:
        fresh = set(modules) - self._adopted
        self._adopted |= fresh
        self._freezer.adopt(sorted(fresh, key=lambda module: module.__name__))

    # --- looking things up ----------------------------------------------------------------------

    def check_registered(self, kind: str, name: str) -> None:
        """Refuse a name that the app does not have.

        Raises:
            UsageError: there is no function of that kind and name.
        """
        if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageError(f"An {kind} is called by its name, as text, and not by {name!r}.")
        if self.app.find(kind, name) is None:
            raise UsageError(
                f"The app {self.app.title} has no {kind} {name!r}."
                f"{nearest(name, self.app.names(kind))}"
            )


def _hub(clock: VirtualClock, loop: VirtualLoop, options: Options) -> Hub:
    return Hub(
        clock,
        loop,
        schedule=options.schedule,
        seed=options.seed,
        settings=options.settings or HostSettings(),
        max_steps=options.max_steps,
        replay=options.replay == "every",
    )


@contextmanager
def _quiet_sdk() -> Generator[None]:
    outer = sys.unraisablehook

    def without_abandoned_generators(unraisable: sys.UnraisableHookArgs) -> None:
        # The SDK drops the generator of every episode. One that yields in a `finally` block
        # complains each time, and there is nothing that anybody could do about it.
        if str(unraisable.exc_value) != "generator ignored GeneratorExit":
            outer(unraisable)

    with warnings.catch_warnings():
        for message in _NOISE:
            warnings.filterwarnings("ignore", message=message)
        sys.unraisablehook = without_abandoned_generators
        try:
            yield
        finally:
            sys.unraisablehook = outer

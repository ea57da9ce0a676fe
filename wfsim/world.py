"""What stands behind the façade: one app, one hub and one clock, and who may move time when."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Generator, Iterable
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
from types import ModuleType
from typing import Any, TypeVar

from wfsim.agents import AgentScripts, framework_modules
from wfsim.clock import VirtualClock, format_duration, parse_duration
from wfsim.collecting import fewer_collections
from wfsim.errors import FunctionFailed, UsageError, nearest
from wfsim.freeze import Freezer
from wfsim.guarding import hub_of, worker_of
from wfsim.http_stubs import HttpStubs
from wfsim.nested import NOTHING, Nested
from wfsim.options import Options
from wfsim.quiet import quiet_sdk
from wfsim.stubs import StubbedActivities
from wfsim.verdicts import Verdicts
from wfsim.workers.azure_functions import (
    AppHost,
    AzureActivities,
    AzureEntities,
    DurableHttp,
    LoadedApp,
    folder_of,
    load_app,
    loaded_before,
    shortcuts,
)
from wfsim.workers.azure_functions.appsettings import app_environment
from wfsim.workers.azure_functions.client import answering
from wfsim.workers.azure_functions.hostjson import read_host_json
from wfsim.workers.azure_functions.network import AllowedNetwork

__all__ = ["World"]

_T = TypeVar("_T")


class World:
    """An app with its hub and clock, between opening and closing.

    Args:
        app: See `Simulation`.
        options: See `Simulation`.

    Raises:
        AppLoadError: the app cannot be loaded.
    """

    def __init__(self, app: object, options: Options) -> None:
        self.source, address = app, options.base_url.partition("://")[2]
        self.environment = app_environment(folder_of(app), address=address)
        self.clock = VirtualClock(options.start or Freezer.initial_start())
        self.chance = Freezer(
            self.clock, seed=options.seed, freeze=options.freeze, make_loop=options.make_loop
        )
        self.loop = options.make_loop(self.clock)
        self.agents = AgentScripts(live=options.live_models)
        self.is_open, self._is_moving = True, False
        self._escaped, self._errors_seen = list[BaseException](), 0
        try:
            self.app = loaded_before(app) or self._loaded(app)
            if folder_of(app) is None:
                self.environment = app_environment(self.app.root, address=address)
            environ = self.environment.merged()
            self.app = self.app.without_disabled(environ)
            settings = options.settings
            if settings is None:
                settings = read_host_json(self.app.root, environ)
            self.hub = hub_of(self.clock, self.loop, options, settings)
            self.verdicts = Verdicts(self.hub, options.findings)
            self.agents.watch(self.hub.trace.add, self.clock, self.hub.faults)
            self._furnish(options)
        except BaseException:
            self._shut()
            raise

    def _loaded(self, app: object) -> LoadedApp:
        with self._frozen(), quiet_sdk():
            return load_app(app)

    def _furnish(self, options: Options) -> None:
        """Put the app into the hub, and what surrounds the app around it."""
        self._adopted: set[ModuleType] = set()
        self._adopt([*self.app.modules(), *framework_modules()])
        hub = self.hub
        self.host = AppHost(self.app, hub, base_url=options.base_url)
        self.http_stubs = HttpStubs()
        http = DurableHttp(
            loop=self.loop,
            origins=lambda: self.host.origins,
            answer=self.host.answer,
            stubs=self.http_stubs,
            network=AllowedNetwork(options.allow_network) if options.allow_network else None,
            escape=self._escaped.append,
            strict=options.strict_http,
        )
        self.stubs = StubbedActivities(
            AzureActivities(
                self.app,
                loop=self.loop,
                report=hub.report,
                further=self.host.functions.further,
                http=http,
            ),
            hub,
        )
        hub.worker = worker = worker_of(self.app, hub, self.chance, options)
        self.borders = worker.borders
        hub.activities, hub.shares_state = self.stubs, hub.is_heard and self.app.shares_state
        hub.entity_runner = AzureEntities(self.app, loop=self.loop, report=hub.report)
        if options.timer_triggers:
            with self._frozen():
                self.host.functions.schedules().arm()

    # --- life -----------------------------------------------------------------------------------

    def enter(self) -> None:
        """Show virtual time as the wall clock until `close`, outside of operations too."""
        self.require_open()
        self.chance.open()
        self.agents.open()
        self.environment.apply()

    def close(self, *, check: bool) -> None:
        """See `Simulation.close`."""
        if not self.is_open:
            return
        self.refuse_while_moving()
        try:
            if check:
                with self.looking():
                    self.verdicts.conclude()
        finally:
            self.hub.conclude()
            self._shut()
        if check:
            self.agents.conclude()
            self.hub.raise_problems()
            self.verdicts.raise_or_warn(final=True)

    def _shut(self) -> None:
        self.is_open = False
        try:
            with self._frozen() if self.loop.has_leftovers else nullcontext():
                self.loop.close()
        finally:
            self.environment.restore()
            self.agents.close()
            self.chance.close()

    def _frozen(self, *further: AbstractContextManager[Any]) -> Nested:
        """Put clocks and chance in place for one operation, and then what is given.

        A simulation that nobody entered leaves no frozen clock behind when it is forgotten.
        """
        return Nested(
            NOTHING if self.chance.is_open else self._opened(),
            self.environment.on_top(),
            self.chance.operation(),
            self.agents.active(),
            *further,
        )

    @contextmanager
    def _opened(self) -> Generator[None]:
        self.chance.open()
        try:
            yield
        finally:
            self.environment.restore()
            self.chance.close()

    def require_open(self) -> None:
        """Refuse what makes sense only while the simulation is open.

        Raises:
            UsageError: it is closed.
        """
        if not self.is_open:
            raise UsageError("The simulation is closed. Run orchestrations in its `with` block.")

    def refuse_while_moving(self) -> None:
        """Refuse what moves time while it moves already."""
        if self._is_moving:
            raise UsageError(
                "Time is moving already: this was called from inside the simulation, such as from "
                "sim.at or a stub. Only the test moves time."
            )

    # --- running user code ----------------------------------------------------------------------

    def _operate(self, move: Callable[[], object]) -> None:
        """Run user code, with its modules, clocks and chance in place; raise what showed."""
        self.refuse_while_moving()
        place = self.looking(fewer_collections(self.loop))
        self._is_moving = True
        try:
            with place:
                self._follow_freezegun()
                move()
        finally:
            self._is_moving = False
        self._raise_what_showed()

    def _raise_what_showed(self) -> None:
        self._raise_escaped()
        self.agents.raise_problems()
        self.hub.raise_problems()
        self.verdicts.raise_or_warn()

    def looking(self, innermost: AbstractContextManager[None] = NOTHING) -> Nested:
        """Let orchestrators be replayed to look at them, without anything happening."""
        self.require_open()
        transport = answering(self.host.transport)
        return self._frozen(self.app.active(), transport, quiet_sdk(), shortcuts(), innermost)

    def _raise_escaped(self) -> None:
        """Raise what a coroutine of the test raised, which asyncio itself only logs."""
        if self._escaped:
            error = self._escaped[0]
            self._escaped.clear()
            raise error

    def _has_escaped(self) -> bool:
        # pytest.fail() and its kin are no `Exception`: no activity may swallow them.
        loop = self.loop
        unseen = loop.errors_dropped + len(loop.errors) - self._errors_seen
        if unseen > 0:
            self._errors_seen += unseen
            errors = [item.exception for item in loop.errors[-unseen:]]
            self._escaped += [
                error for error in errors if error is not None and not isinstance(error, Exception)
            ]
        return bool(self._escaped) or self.agents.has_news

    # --- moving time ----------------------------------------------------------------------------

    def run_until_idle(self, *, until: Callable[[], bool] | None = None) -> None:
        """Let everything happen that can at this instant, or stop early when `until` says so."""
        self._operate(lambda: self.hub.run_ready(until=self._over(until)))

    def advance_to(self, target_us: int, *, until: Callable[[], bool] | None = None) -> None:
        """Move time to an instant, stopping wherever something happens.

        When `until` says so it ends early, and the clock stays where it is.
        """
        self._operate(lambda: self.hub.advance_to(target_us, until=self._over(until)))

    def _over(self, until: Callable[[], bool] | None) -> Callable[[], bool]:
        if until is None:
            return self._has_escaped
        if self.hub.is_heard:
            return lambda: self._has_escaped() or self.hub.polled(until)
        loop, agents = self.loop, self.agents

        def is_over() -> bool:
            is_news = loop.errors or self._escaped or (agents.is_in_use and agents.has_news)
            return (bool(is_news) and self._has_escaped()) or until()

        return is_over

    def _follow_freezegun(self) -> None:
        target_us = self.chance.sync()
        if target_us is not None and target_us > self.clock.now_us:
            self.hub.advance_to(target_us, until=self._has_escaped)

    def catch_up(self) -> None:
        """Follow a frozen time that the user has moved by hand."""
        if not self.is_open or self._is_moving:
            return
        target_us = self.chance.sync()
        if target_us is not None and target_us > self.clock.now_us:
            self._operate(lambda: None)  # following is all there is to do

    def move_until(self, done: Callable[[], bool], deadline_us: int) -> None:
        """Move time from one thing that happens to the next until `done`, or the deadline."""
        self.refuse_while_moving()
        if self.chance.sync() is None and self.hub.polled(done):
            self._raise_what_showed()
            return
        self._operate(
            lambda: self.hub.advance_to(deadline_us, until=self._over(done), is_idling=False)
        )

    @property
    def is_moving(self) -> bool:
        """Whether this is asked from inside the simulation, where nobody may move time."""
        return self._is_moving

    def spawn(self, work: Coroutine[Any, Any, _T], *, name: str) -> asyncio.Task[_T]:
        """Put a coroutine on the virtual loop; it runs when the simulation does."""
        if not self.is_open:
            work.close()  # or Python warns that nobody awaited it
        self.require_open()
        task = self.loop.create_task(work, name=name)
        if self._is_moving:
            # Nobody may ever look at it; what is the test's own to know must come out anyway.
            task.add_done_callback(self._take_error)
        return task

    def settle(self, task: asyncio.Task[Any], timeout: timedelta | str) -> None:
        """Let time pass until a task is done; from inside the simulation return at once.

        Raises:
            FunctionFailed: it was not done in time.
        """
        if self._is_moving:
            return
        try:
            self.wait_for(task.done, task.get_name(), timeout=timeout)
        except BaseException:
            task.cancel()
            raise
        task.result()

    def wait_for(
        self, done: Callable[[], bool], what: str, *, timeout: timedelta | str = "230s"
    ) -> None:
        """Let time pass until `done`.

        Raises:
            FunctionFailed: it was not in time.
        """
        limit_us = parse_duration(timeout, what="timeout")
        self.move_until(done, self.clock.now_us + limit_us)
        if done():
            return
        if self.is_stuck():
            raise FunctionFailed(
                f"{what} never ends: it waits for something, and nothing more will happen."
            )
        raise FunctionFailed(
            f"{what} has not ended after {format_duration(limit_us)} of virtual time. "
            "Give it a longer timeout=, or find out why it takes that long."
        )

    def is_stuck(self) -> bool:
        """Whether nothing can happen any more by itself, now or later."""
        return self.hub.is_idle and self.hub.next_due_us() is None

    def call_at(self, due_us: int, do: Callable[[], None], name: str) -> None:
        """Call something when virtual time reaches an instant."""
        self.require_open()
        self.hub.agenda.add(due_us, f"call {name}", do)

    def call(self, fn: Callable[[], Any]) -> None:
        """Call a function of the test; what it returns to be awaited goes on the virtual loop."""
        made = fn()
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
        self.chance.adopt(sorted(fresh, key=lambda module: module.__name__))

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

"""The façade: an app, a task hub and a clock, in one process and in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from types import TracebackType
from typing import Any, Literal, Self

from wfsim.choices import Choices, Schedule
from wfsim.clock import format_duration, parse_when
from wfsim.elsewhere import replay_elsewhere
from wfsim.errors import UsageError
from wfsim.history.jsontext import write
from wfsim.hub import management
from wfsim.hub.faults import ALL_FAULTS, FaultChoices, Faults
from wfsim.hub.settings import DEFAULT_MAX_STEPS, HostSettings
from wfsim.invariants import Check, Invariants
from wfsim.options import GuardMode, Options, Replay
from wfsim.outside import Outside
from wfsim.report.forms import Form, drawn
from wfsim.runs import OrchestrationRun
from wfsim.trace import Finding, Trace
from wfsim.verdicts import FindingPolicy
from wfsim.when import future_us, span_us
from wfsim.workers.azure_functions import dump_input
from wfsim.world import World

__all__ = ["Pending", "Simulation"]

Duration = timedelta | str

Pending = tuple[timedelta, str]
"""How far ahead something lies, and what it is."""


class Simulation(Outside):
    """Runs a function app in memory, in virtual time; time moves only when you move it.

    Use it as a context manager: inside, the wall clock shows virtual time, in the test's own code
    too. Without `with`, it does so only while the simulation runs code of the app.

    Args:
        app: A `DFApp`, `FunctionApp` or `Blueprint`; the text "module:attribute"; or the path of
            a `function_app.py` or of its folder.
        start: Where virtual time starts; a naive time is UTC. The default is where a user's
            freezegun stands, else 2000-01-01.
        seed: Decides all chance: uuids, random numbers, ids that the host makes up.
        schedule: Answers to the choices of the world: a list of numbers, or a function
            `(about, options) -> index`. The default is first-in-first-out.
        faults: What may go wrong where the schedule says so: `Faults(…)` says how often, "all" is
            once of each kind.
        replay: Which episodes are replayed: "every", "search", "all" or "off"; see `Options`.
        freeze: Whether user code sees virtual time in `datetime`, `time` and `asyncio`.
        findings: What findings do: "default" raises certain bugs and warns of the others at the
            end, "error" raises all, "warn" raises none, "ignore" only records them.
        guard: What clocks, chance, files and the like do in orchestrators: "warn", "error", "off".
        max_steps: Episodes that one instance may have at one instant before the app counts as
            never becoming idle.
        settings: What differs from host to host; the default is what the app's `host.json` says.
        timer_triggers: Whether timer triggers fire by their schedules, and not by `trigger` only.
        allow_network: Whether `call_http` may reach the real network: URL patterns with `*`, or
            True for all. Off, everything that is neither stubbed nor the app itself is an error.

    Raises:
        AppLoadError: the app cannot be loaded.
        UsageError: an argument makes no sense.
    """

    def __init__(  # noqa: PLR0913 - keyword-only, each with a default
        self,
        app: object,
        *,
        start: datetime | None = None,
        seed: int = 0,
        schedule: Schedule | None = None,
        faults: Faults | Literal["all"] | None = None,
        replay: Replay = "every",
        freeze: bool = True,
        findings: FindingPolicy = "default",
        guard: GuardMode = "warn",
        max_steps: int = DEFAULT_MAX_STEPS,
        settings: HostSettings | None = None,
        timer_triggers: bool = False,
        allow_network: bool | Sequence[str] = False,
    ) -> None:
        self._world = World(
            app,
            Options(
                start=start,
                seed=seed,
                schedule=schedule,
                faults=ALL_FAULTS if faults == "all" else faults,
                replay=replay,
                freeze=freeze,
                findings=findings,
                guard=guard,
                max_steps=max_steps,
                settings=settings,
                timer_triggers=timer_triggers,
                allow_network=allow_network,
            ),
        )
        self._invariants = Invariants(self._world)

    # --- life -----------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._world.enter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close(check=error is None)

    def close(self, *, check: bool = True) -> None:
        """End the simulation and put the real clocks back; a second call does nothing.

        Args:
            check: Whether to look for what was left behind, and to warn or raise.

        Raises:
            FindingError: something certain was found, and no call has raised it yet.
            InvariantError: something has not come to hold.
        """
        is_first = self._world.is_open and check
        broken = self._invariants.conclude() if is_first else None
        self._world.close(check=check)
        if broken is not None:
            raise broken

    # --- what must hold -------------------------------------------------------------------------

    def always(self, check: Check, *, name: str | None = None) -> None:
        """Demand that something holds now and after every step of the simulation.

        Args:
            check: Called without arguments; it is wrong if it raises or returns what is false.
                None counts as right, so it may just assert.
            name: What it is called where it breaks.

        Raises:
            InvariantError: it does not hold now; later the operation that breaks it raises.
        """
        self._invariants.always(check, name=name)

    def eventually(
        self, check: Check, *, within: Duration | None = None, name: str | None = None
    ) -> None:
        """Demand that something holds now or after some step, at the latest at the end.

        Args:
            check: As for `always`.
            within: How much virtual time there is for it.
            name: What it is called where it never comes.
        """
        self._invariants.eventually(check, within=within, name=name)

    # --- for scenarios --------------------------------------------------------------------------

    @property
    def now_us(self) -> int:
        """The present instant in microseconds since 1970."""
        return self._world.clock.now_us

    def move_until(self, done: Callable[[], bool], deadline_us: int) -> None:
        """Move time from one thing that happens to the next until `done`, or the deadline."""
        self._world.move_until(done, deadline_us)

    def call_at(self, due_us: int, do: Callable[[], None], name: str = "step") -> None:
        """Call something when virtual time reaches an instant."""
        self._world.call_at(due_us, do, name)

    def check_orchestrator(self, name: str) -> None:
        """Raise `UsageError` if the app has no such orchestrator."""
        self._world.check_registered("orchestrator", name)

    def check_activity(self, name: str) -> None:
        """Raise `UsageError` if the app has no such activity."""
        self._world.check_registered("activity", name)

    def check_function(self, name: str) -> None:
        """Raise `UsageError` if the app has no function of that name that `trigger` could call."""
        self._world.host.functions.find(name)

    @property
    def is_idle(self) -> bool:
        """Whether nothing more can happen at this instant."""
        return self._world.hub.is_idle

    @property
    def has_busy_entities(self) -> bool:
        """Whether some entity has still to run what it was asked."""
        entities = self._world.hub.entities.values()
        return any(entity.running or entity.queue for entity in entities)

    @property
    def faults(self) -> FaultChoices | None:
        """Where faults fell so far; None where there are none."""
        return self._world.hub.faults

    def replay_elsewhere(self) -> None:
        """Replay every instance as a worker would that starts now: with freshly imported modules.

        Raises:
            NonDeterminismError: an instance would decide otherwise there.
        """
        replay_elsewhere(self._world)

    # --- time -----------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The present instant of virtual time, in UTC."""
        self._world.catch_up()
        return self._world.clock.now

    def run_until_idle(self) -> None:
        """Let everything happen that can at this instant.

        Raises:
            NonDeterminismError: an episode replayed differently.
            LivelockError: the app never becomes idle.
            FindingError: a certain bug showed.
        """
        self._world.run_until_idle()

    def advance(
        self,
        by: Duration | None = None,
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
    ) -> None:
        """Move time forward, stopping at each instant at which something happens.

        Args:
            by: A `timedelta`, or text such as "24h" or "1d 12h".
            days: Instead of `by`; the four add up.
            hours: See `days`.
            minutes: See `days`.
            seconds: See `days`.

        Raises:
            UsageError: the duration is negative or given twice.
        """
        parts = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        self._world.advance_to(self._world.clock.now_us + span_us(by, parts))

    def advance_to(self, when: datetime | Duration) -> None:
        """Move time to an instant: a `datetime`, or a duration since the start.

        Raises:
            UsageError: the instant is past.
        """
        target_us = parse_when(
            when, self._world.clock, what="advance_to", since_us=self._world.clock.start_us
        )
        if target_us < self._world.clock.now_us:
            raise UsageError(
                f"Cannot advance to {when!r}: virtual time never runs backwards, and it is "
                f"{self._world.clock.now.isoformat()} now. Start a new Simulation instead."
            )
        self._world.advance_to(target_us)

    def at(
        self,
        when: datetime | Duration,
        fn: Callable[..., object],
        *args: Any,  # noqa: ANN401
        **options: Any,  # noqa: ANN401
    ) -> None:
        """Call `fn(*args, **options)` when virtual time reaches an instant.

        Args:
            when: A `datetime`, or a duration from now: "2h".
            fn: A function; a coroutine function runs on the simulation's loop.
            args: Its arguments.
            options: Its keyword arguments.

        Raises:
            UsageError: the instant is past.
        """
        due_us = future_us(when, self._world.clock)
        name = getattr(fn, "__qualname__", repr(fn))
        self._world.take_in(fn)
        self.call_at(due_us, lambda: self._world.call(partial(fn, *args, **options)), name)

    @property
    def pending(self) -> list[Pending]:
        """What will happen later by itself: how far ahead, and what; soonest first."""
        now_us = self._world.clock.now_us
        return [
            (timedelta(microseconds=entry.due_us - now_us), entry.label)
            for entry in self._world.hub.agenda.pending()
        ]

    # --- runs -----------------------------------------------------------------------------------

    def start(
        self,
        name: str,
        input: object = None,  # noqa: A002 - the name the field uses
        *,
        instance_id: str | None = None,
        version: str = "",
    ) -> OrchestrationRun:
        """Schedule an orchestration; nothing runs until time or `run_until_idle` lets it.

        Args:
            name: The orchestrator.
            input: What `context.get_input()` returns; sent as the Python client sends it.
            instance_id: Its id; without one the host makes one up.
            version: What `context.version` returns.

        Raises:
            UsageError: there is no such orchestrator, or the input is not JSON.
            InstanceError: the id is not legal, or is in use.
        """
        self._world.require_open()
        self._world.check_registered("orchestrator", name)
        instance = management.start(
            self._world.hub, name, self._encode(input), instance_id=instance_id, version=version
        )
        return OrchestrationRun(self._world, instance.instance_id)

    def run(self, instance_id: str) -> OrchestrationRun:
        """Return the handle of an instance that exists, such as a child.

        Raises:
            InstanceError: there is none of that id.
        """
        management.find(self._world.hub, instance_id)
        return OrchestrationRun(self._world, instance_id)

    @property
    def runs(self) -> list[OrchestrationRun]:
        """The handles of all instances, in the order in which they were started."""
        self._world.hub.look()
        return [
            OrchestrationRun(self._world, instance_id) for instance_id in self._world.hub.instances
        ]

    def _encode(self, value: object) -> str | None:
        if value is None:
            return None
        try:
            return write(dump_input(value))
        except (TypeError, ValueError) as error:
            raise UsageError(
                f"The input {value!r} is not JSON: {error}. Give plain JSON, or objects with "
                "to_json and from_json."
            ) from None

    # --- what happened --------------------------------------------------------------------------

    @property
    def trace(self) -> Trace:
        """Every event of every instance, in one order."""
        self._world.hub.look()
        return self._world.hub.trace

    @property
    def findings(self) -> list[Finding]:
        """What has shown about the app so far."""
        self._world.hub.look()
        return self._world.hub.trace.findings

    @property
    def choices(self) -> Choices:
        """The choices made so far; `choices.answers` repeats the run as `schedule=`."""
        return self._world.hub.choices

    def timeline(self, form: Form = "text", *, width: int | None = None) -> str:
        """Return what happened as a picture.

        Args:
            form: "text" is for a terminal, without colours: a line for each thing that happened,
                and a column for each instance, entity, agent or function as long as it lives.
                "html" is a page that needs no network; "mermaid" a sequence diagram for Markdown;
                "perfetto" trace-event JSON for https://ui.perfetto.dev.
            width: Columns of the text; the default is 100.

        Raises:
            UsageError: there is no such form.
        """
        self._world.hub.look()
        return drawn(self._world.hub.trace, form, title=self._world.app.title, width=width)

    def __repr__(self) -> str:
        state = "" if self._world.is_open else " closed"
        elapsed = format_duration(self._world.clock.elapsed_us)
        return f"<Simulation of {self._world.app.title} at T+{elapsed}{state}>"

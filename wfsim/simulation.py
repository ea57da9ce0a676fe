"""The façade: an app, a task hub and a clock, in one process and in virtual time."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Literal, Self

from wfsim.choices import Choices, Schedule
from wfsim.clock import VirtualClock, format_duration, parse_duration, parse_when
from wfsim.errors import UsageError, nearest
from wfsim.freeze import Freezer
from wfsim.history.jsontext import write
from wfsim.hub import management
from wfsim.hub.hub import Hub
from wfsim.hub.settings import HostSettings
from wfsim.loop import VirtualLoop
from wfsim.report.timeline import render_timeline
from wfsim.runs import OrchestrationRun
from wfsim.stubs import UNSET, ActivityStub, Answer, StubbedActivities, Unset
from wfsim.trace import Finding, Trace
from wfsim.verdicts import FindingPolicy, Verdicts
from wfsim.workers.azure_functions import AzureActivities, AzureWorker, load_app
from wfsim.workers.azure_functions._sdk import dump_input

__all__ = ["Pending", "Replay", "Simulation"]

Replay = Literal["every", "off"]
Duration = timedelta | str

Pending = tuple[timedelta, str]
"""How far ahead something lies, and what it is."""

_NOISE = (
    # The SDK warns of what is legal: two completions for one task, and payloads without a type.
    "Potential duplicate Task completion",
    "azure.functions df_loads was called without expected_type",
    "azure.functions Durable JSON codec reconstructed",
)


class Simulation:
    """Runs a function app in memory, in virtual time; time moves only when you move it.

    Use it as a context manager: while it is open the wall clock shows virtual time.

    Args:
        app: A `DFApp`, `FunctionApp` or `Blueprint`; the text "module:attribute"; or the path of
            a `function_app.py` or of its folder.
        start: Where virtual time starts; a naive time is UTC. The default is where a user's
            freezegun stands, else 2000-01-01.
        seed: Decides all chance: uuids, random numbers, ids that the host makes up.
        schedule: Answers to the choices of the world: a list of numbers, or a function
            `(about, options) -> index`. The default is first-in-first-out.
        faults: Reserved for fault injection; must be None.
        replay: "every" replays each episode in a fresh generator and compares; "off" does not.
        freeze: Whether user code sees virtual time in `datetime`, `time` and `asyncio`.
        findings: What findings do: "default" raises certain bugs and warns of the others at the
            end, "error" raises all, "warn" raises none, "ignore" only records them.
        max_steps: Episodes that one instance may have at one instant before the app counts as
            never becoming idle.
        settings: What differs from host to host.

    Raises:
        AppLoadError: the app cannot be loaded.
        UsageError: an argument makes no sense.
    """

    def __init__(
        self,
        app: object,
        *,
        start: datetime | None = None,
        seed: int = 0,
        schedule: Schedule | None = None,
        faults: None = None,
        replay: Replay = "every",
        freeze: bool = True,
        findings: FindingPolicy = "default",
        max_steps: int = 1_000,
        settings: HostSettings | None = None,
    ) -> None:
        _check_arguments(seed=seed, faults=faults, replay=replay, max_steps=max_steps)
        self._clock = VirtualClock(start or Freezer.initial_start())
        self._freezer = Freezer(self._clock, seed=seed, freeze=freeze)
        self._loop = VirtualLoop(self._clock)
        self._is_open = True
        self._is_moving = False
        self._freezer.open()
        try:
            with self._freezer.operation(), _quiet_sdk():
                self._app = load_app(app)
            self._hub = Hub(
                self._clock,
                self._loop,
                schedule=schedule,
                seed=seed,
                settings=settings or HostSettings(),
                max_steps=max_steps,
                replay=replay == "every",
            )
        except BaseException:
            self._shut()
            raise
        self._freezer.adopt(self._app.modules())
        self._hub.worker = AzureWorker(
            self._app,
            settings=self._hub.settings,
            chance=self._freezer,
            report=self._hub.report,
        )
        self._stubs = StubbedActivities(
            AzureActivities(self._app, loop=self._loop, report=self._hub.report)
        )
        self._hub.activities = self._stubs
        self._verdicts = Verdicts(self._hub, findings)

    # --- life -----------------------------------------------------------------------------------

    def __enter__(self) -> Self:
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
        """
        if not self._is_open:
            return
        try:
            if check:
                with self._freezer.operation(), self._app.active(), _quiet_sdk():
                    self._verdicts.conclude()
        finally:
            self._shut()
        if check:
            self._verdicts.raise_or_warn(final=True)

    def _shut(self) -> None:
        self._is_open = False
        try:
            if self._freezer.is_open:
                with self._freezer.operation():
                    self._loop.close()
        finally:
            self._freezer.close()

    @contextmanager
    def _operation(self) -> Generator[None]:
        """Run user code: its modules, clocks and chance in place; raise what it showed."""
        if not self._is_open:
            raise UsageError(
                "The simulation is closed. Run orchestrations inside its `with` block."
            )
        if self._is_moving:
            raise UsageError(
                "Time is moving already: this was called from inside the simulation, such as from "
                "sim.at or a stub. Only the test moves time."
            )
        self._is_moving = True
        try:
            with self._freezer.operation(), self._app.active(), _quiet_sdk():
                self._follow_freezegun()
                yield
        finally:
            self._is_moving = False
        self._hub.raise_problems()
        self._verdicts.raise_or_warn()

    def _follow_freezegun(self) -> None:
        target_us = self._freezer.sync()
        if target_us is not None and target_us > self._clock.now_us:
            self._hub.advance_to(target_us)

    # --- for the handles ------------------------------------------------------------------------

    @property
    def now_us(self) -> int:
        """The present instant in microseconds since 1970."""
        return self._clock.now_us

    @contextmanager
    def looking(self) -> Generator[None]:
        """Let orchestrators be replayed to look at them, without anything happening."""
        if not self._is_open:
            raise UsageError("The simulation is closed; ask what a run waits for before that.")
        with self._freezer.operation(), self._app.active(), _quiet_sdk():
            yield

    def move_until(self, done: Callable[[], bool], deadline_us: int) -> None:
        """Move time from one thing that happens to the next until `done`, or the deadline."""
        with self._operation():
            while True:
                self._hub.run_ready(until=done)
                due_us = self._hub.next_due_us()
                if done() or self._hub.problems or due_us is None:
                    return
                if due_us > deadline_us:
                    break
                self._hub.advance_to(due_us, until=done)
            self._hub.advance_to(deadline_us)

    def is_stuck(self) -> bool:
        """Whether nothing can happen any more by itself, now or later."""
        return self._hub.is_idle and self._hub.next_due_us() is None

    # --- time -----------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The present instant of virtual time, in UTC."""
        target_us = self._freezer.sync() if self._is_open and not self._is_moving else None
        if target_us is not None and target_us > self._clock.now_us:
            with self._operation():
                pass  # following the freezer is all there is to do
        return self._clock.now

    def run_until_idle(self) -> None:
        """Let everything happen that can at this instant.

        Raises:
            NonDeterminismError: an episode replayed differently.
            LivelockError: the app never becomes idle.
            FindingError: a certain bug showed.
        """
        with self._operation():
            self._hub.run_ready()

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
            UsageError: the duration is negative, missing or given twice.
        """
        parts = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        if by is not None and parts:
            raise UsageError(f"Advance by {by!r} or by days=, hours=, …, not by both.")
        span_us = parse_duration(parts if by is None else by, what="advance")
        with self._operation():
            self._hub.advance_to(self._clock.now_us + span_us)

    def advance_to(self, when: datetime | Duration) -> None:
        """Move time to an instant: a `datetime`, or a duration since the start.

        Raises:
            UsageError: the instant is past.
        """
        target_us = parse_when(
            when, self._clock, what="advance_to", since_us=self._clock.start_us
        )
        if target_us < self._clock.now_us:
            raise UsageError(
                f"Cannot advance to {when!r}: virtual time never runs backwards, and it is "
                f"{self._clock.now.isoformat()} now. Start a new Simulation instead."
            )
        with self._operation():
            self._hub.advance_to(target_us)

    def at(self, when: datetime | Duration, fn: Callable[..., object], *args: Any) -> None:  # noqa: ANN401
        """Call `fn(*args)` when virtual time reaches an instant.

        Args:
            when: A `datetime`, or a duration from now: "2h".
            fn: A function; a coroutine function runs on the simulation's loop.
            args: Its arguments.

        Raises:
            UsageError: the instant is past.
        """
        due_us = parse_when(when, self._clock, what="at")
        if due_us < self._clock.now_us:
            raise UsageError(f"Cannot call something at {when!r}: that instant is past.")
        name = getattr(fn, "__qualname__", repr(fn))
        self._hub.agenda.add(due_us, f"call {name}", lambda: self._call(fn, args))

    def _call(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> None:
        made = fn(*args)
        if hasattr(made, "__await__"):
            self._loop.create_task(made)

    @property
    def pending(self) -> list[Pending]:
        """What will happen later by itself: how far ahead, and what; soonest first."""
        now_us = self._clock.now_us
        return [
            (timedelta(microseconds=entry.due_us - now_us), entry.label)
            for entry in self._hub.agenda.pending()
        ]

    # --- runs -----------------------------------------------------------------------------------

    def start(
        self,
        name: str,
        *,
        input: object = None,  # noqa: A002 - the name the field uses
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
        self._check_registered("orchestrator", name)
        instance = management.start(
            self._hub, name, self._encode(input), instance_id=instance_id, version=version
        )
        return OrchestrationRun(self, instance.instance_id)

    def run(self, instance_id: str) -> OrchestrationRun:
        """Return the handle of an instance that exists, such as a child.

        Raises:
            InstanceError: there is none of that id.
        """
        management.find(self._hub, instance_id)
        return OrchestrationRun(self, instance_id)

    @property
    def runs(self) -> list[OrchestrationRun]:
        """The handles of all instances, in the order in which they were started."""
        return [OrchestrationRun(self, instance_id) for instance_id in self._hub.instances]

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

    def _check_registered(self, kind: str, name: str) -> None:
        if self._app.find(kind, name) is None:
            raise UsageError(
                f"The app {self._app.title} has no {kind} {name!r}."
                f"{nearest(name, self._app.names(kind))}"
            )

    # --- the outside world ----------------------------------------------------------------------

    def stub_activity(
        self,
        name: str,
        *,
        returns: object | Unset = UNSET,
        raises: BaseException | type[BaseException] | None = None,
        takes: Duration | None = None,
        calls: Callable[[Any], object] | None = None,
        answers: Sequence[Answer] | None = None,
    ) -> ActivityStub:
        """Answer calls of an activity instead of running it.

        Args:
            name: The activity.
            returns: Its result.
            raises: What it raises.
            takes: How long it lasts; alone, the app's own activity runs and lasts that long.
            calls: A function of its input to run in its place, sync or async.
            answers: One `Answer` per call instead; the last one repeats.

        Returns:
            The stub, whose `calls` lists the inputs.

        Raises:
            UsageError: the app has no such activity, or the arguments contradict each other.
        """
        if name.casefold() != "builtin::httpactivity":
            self._check_registered("activity", name)
        if answers is None:
            answers = [Answer(returns=returns, raises=raises, takes=takes, calls=calls)]
        elif not answers:
            raise UsageError(f"The stub of {name!r} has an empty list of answers; give one.")
        stub = ActivityStub(name=name, answers=tuple(answers))
        self._stubs.add(stub)
        return stub

    # --- what happened --------------------------------------------------------------------------

    @property
    def trace(self) -> Trace:
        """Every event of every instance, in one order."""
        return self._hub.trace

    @property
    def findings(self) -> list[Finding]:
        """What has shown about the app so far."""
        return self._hub.trace.findings

    @property
    def choices(self) -> Choices:
        """The choices made so far; `choices.answers` repeats the run as `schedule=`."""
        return self._hub.choices

    def timeline(self, *, width: int | None = None) -> str:
        """Return what happened as text for a terminal, without colours."""
        return render_timeline(self._hub.trace, width=width)

    def __repr__(self) -> str:
        state = "" if self._is_open else " closed"
        elapsed = format_duration(self._clock.elapsed_us)
        return f"<Simulation of {self._app.title} at T+{elapsed}{state}>"


def _check_arguments(*, seed: int, faults: object, replay: str, max_steps: int) -> None:
    if not isinstance(seed, int) or isinstance(seed, bool):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageError(f"seed={seed!r} must be an int.")
    if faults is not None:
        raise UsageError(
            f"faults={faults!r}: this version injects no faults yet. Leave it out."
        )
    if replay not in {"every", "off"}:
        raise UsageError(f"replay={replay!r} must be 'every' or 'off'.")
    if not isinstance(max_steps, int) or max_steps < 1:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageError(f"max_steps={max_steps!r} must be an int of at least 1.")


@contextmanager
def _quiet_sdk() -> Generator[None]:
    with warnings.catch_warnings():
        for message in _NOISE:
            warnings.filterwarnings("ignore", message=message)
        yield


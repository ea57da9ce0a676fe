"""The façade: a workflow and a clock, in one process and in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from agent_framework import CheckpointStorage

from wfsim.choices import Choices, Schedule
from wfsim.clock import format_duration, parse_duration
from wfsim.errors import UsageError
from wfsim.hub.faults import Faults
from wfsim.when import future_us, span_us
from wfsim.workflows.checkpoints import CheckpointStore, id_of
from wfsim.workflows.deadlines import Deadline
from wfsim.workflows.flow import Flow
from wfsim.workflows.legs import Player
from wfsim.workflows.options import DEFAULT_MAX_STEPS, Options
from wfsim.workflows.requests import OpenRequest
from wfsim.workflows.run import WorkflowRun
from wfsim.workflows.source import source_of

if TYPE_CHECKING:
    from wfsim.chat import Script
    from wfsim.chat.sources import ScriptSource

__all__ = ["WorkflowSimulation"]

Duration = timedelta | str


class WorkflowSimulation:
    """Runs a workflow in memory, in virtual time.

    Use it as a context manager: inside, the wall clock shows virtual time, in the test's own code
    too. It may be used in `async def` tests as it is.

    Args:
        workflow: What `@workflow` made, a graph `Workflow`, a `WorkflowBuilder`, a function
            without parameters that builds one, or the text "module:attribute" that names one.
        start: Where virtual time starts; a naive time is UTC. The default is where a user's
            freezegun stands, else 2000-01-01.
        seed: Decides all chance: uuids and random numbers.
        schedule: Answers to the question which of the steps or executors that run at the same time
            finishes next: a list of numbers, a function `(about, options) -> index`, or "random",
            which the seed decides. Without one, they finish as in any event loop.
        freeze: Whether user code sees virtual time in `datetime` and `time`.
        max_steps: So often may time jump in one operation, and so many rounds may the loop turn at
            one instant, before the workflow counts as never ending.
        storage: Where checkpoints are kept; the default is a `CheckpointStore`.
        checkpoints: False runs the workflow without a checkpoint storage.
        faults: How much may befall the workflow where the schedule says so. `episode_crashes` is
            how often its process may die right after a checkpoint was saved, and a new one go on
            from there; `model_failures`, how often the model of an agent may fail or time out.
            With any budget, a script's streams may also come in other chunks.

    Raises:
        UsageError: an argument makes no sense.
    """

    def __init__(  # noqa: PLR0913 - keyword-only, each with a default
        self,
        workflow: object,
        *,
        start: datetime | None = None,
        seed: int = 0,
        schedule: Schedule | Literal["random"] | None = None,
        freeze: bool = True,
        max_steps: int = DEFAULT_MAX_STEPS,
        storage: CheckpointStorage | None = None,
        checkpoints: bool = True,
        faults: Faults | None = None,
    ) -> None:
        self._flow = Flow(
            source_of(workflow),
            Options(
                start=start,
                seed=seed,
                schedule=schedule,
                freeze=freeze,
                max_steps=max_steps,
                storage=CheckpointStore() if storage is None else storage,
                checkpoints=checkpoints,
                faults=faults,
            ),
        )
        self._runs: dict[int, WorkflowRun] = {}

    # --- life -----------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._flow.enter()
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
            check: Whether to look for turns of scripts that nobody asked for, and for deadlines
                of requests that were never made.

        Raises:
            ScriptError: turns of a script were never used.
            UsageError: `on_timeout` named a request that was never made.
        """
        self._flow.close(check=check)

    def forget(self) -> None:
        """Put globals, closures and caches of the workflow's code back to before the first run."""
        self._flow.restore_memory()

    def __repr__(self) -> str:
        state = "" if self._flow.is_open else " closed"
        elapsed = format_duration(self._flow.clock.elapsed_us)
        return f"<WorkflowSimulation of {self._flow.source.title} at T+{elapsed}{state}>"

    # --- the world ------------------------------------------------------------------------------

    def script(self, agent: str, source: Script | ScriptSource) -> Script:
        """Let a script answer in place of an agent's model; see `wfsim.chat.Script`.

        Agents without a script fail, so no test reaches a model by accident.

        Args:
            agent: The agent's name.
            source: Turns, rules, a function of the request, or the path of a YAML file.

        Returns:
            The script, whose `requests` lists what was asked.

        Raises:
            UsageError: the source is none of these.
        """
        return self._flow.mishaps.bind(agent, source)

    def chat_client(self, agent: str, client: object) -> None:
        """Let an agent ask a chat client of the test's own in place of its own.

        Args:
            agent: The agent's name.
            client: Anything with the framework's `get_response`.

        Raises:
            UsageError: it is no chat client.
        """
        self._flow.scripts.bind_client(agent, client)

    @property
    def storage(self) -> CheckpointStorage:
        """Where the checkpoints are kept."""
        return self._flow.options.storage

    @property
    def choices(self) -> Choices:
        """The choices made so far; `choices.answers` repeats the order as `schedule=`."""
        return self._flow.choices

    # --- time -----------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The present instant of virtual time, in UTC."""
        return self._flow.clock.now

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
        self._flow.advance_to(self._flow.clock.now_us + span_us(by, parts))

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
            fn: A function, such as `sim.respond`; a coroutine function runs on the simulation's
                loop.
            args: Its arguments.
            options: Its keyword arguments.

        Raises:
            UsageError: the instant is past.
        """
        due_us = future_us(when, self._flow.clock)
        self._flow.call_at(due_us, partial(fn, *args, **options))

    # --- runs -----------------------------------------------------------------------------------

    def run(self, message: Any = None, **options: Any) -> WorkflowRun:  # noqa: ANN401
        """Run the workflow until it ends or pauses, letting virtual time jump.

        A workflow that raises does not raise here: see `WorkflowRun.failure` and `result`.
        A second run takes place in the same workflow object, as a next turn.

        Args:
            message: What the workflow gets.
            options: More keyword arguments of the framework's `run`, such as `tools`.

        Raises:
            StuckError: it waits for something that cannot come, or never ends.
            ScriptError: an agent asked what its script does not answer.
            UsageError: the framework refuses the call.
        """
        return self._handle(self._flow.start(message, options))

    def resume_from(
        self,
        checkpoint: object,
        *,
        responses: Mapping[str, Any] | None = None,
        message: Any = None,  # noqa: ANN401
        restart: bool = True,
        **options: Any,  # noqa: ANN401
    ) -> WorkflowRun:
        """Restore a checkpoint in fresh objects, as after a restart of the process.

        A definition is built anew, a function that builds is called anew, a graph is copied from
        what it was before the first run. What is still running is gone.

        Args:
            checkpoint: One of `run.checkpoints`, its id, or its place among all that were saved.
            responses: Answers, by the ids of the requests. Those that had been given before the
                checkpoint was saved are handed over by themselves where the framework wants them.
            message: The next message, once what was restored has ended.
            restart: Whether globals, closures, class attributes and caches that the workflow's code
                reaches are put back to what they were before the first run, as a new process has
                them. False keeps them, as in a process that goes on.
            options: More keyword arguments of the framework's `run`.

        Raises:
            UsageError: the checkpoint is none, or the workflow cannot be made anew.
        """
        known = [saved.checkpoint for saved in self._flow.saved]
        player = self._flow.resume(
            id_of(checkpoint, known),
            responses=responses,
            message=message,
            restart=restart,
            options=options,
        )
        return self._handle(player)

    def _handle(self, player: Player) -> WorkflowRun:
        self._runs.setdefault(id(player), WorkflowRun(player))
        if player.heir is not None:  # one run, in two processes
            self._runs[id(player.heir)] = self._runs[id(player)]
        return self._runs[id(player)]

    @property
    def runs(self) -> list[WorkflowRun]:
        """All runs, oldest first."""
        return list(dict.fromkeys(self._handle(player) for player in self._flow.players))

    # --- answers --------------------------------------------------------------------------------

    @property
    def pending(self) -> list[OpenRequest]:
        """What the latest run waits for."""
        return list(self._latest().pending.values())

    def _latest(self) -> Player:
        if not self._flow.players:
            raise UsageError("Nothing has run yet. Call sim.run(…) first.")
        return self._flow.players[-1]

    def respond(self, request: object = "*", value: Any = ..., *, raw: bool = False) -> WorkflowRun:  # noqa: ANN401
        """Answer a request of the latest run, and let it go on until it ends or pauses again.

        From inside the simulation, as by `sim.at`, it only answers; the run goes on by itself.

        Args:
            request: Its id, who asked, the class of its data, or the request itself; "*" is the
                only one that is open.
            value: The answer, of the type that was asked for.
            raw: Hands the answer to the framework unchecked, to see what it does: `request` is
                then an id, open or not. What the framework raises is raised.

        Returns:
            The run.

        Raises:
            UsageError: no such request is open, more than one is meant, or the value has another
                type.
        """
        player = self._latest()
        self._flow.respond(player, request, value, raw=raw)
        return self._handle(player)

    def respond_all(self, answers: Mapping[str, Any]) -> WorkflowRun:
        """Answer several requests of the latest run at once.

        Args:
            answers: The answers, by what `respond` takes as names.

        Raises:
            UsageError: as `respond`.
        """
        player = self._latest()
        self._flow.respond_all(player, answers)
        return self._handle(player)

    def on_timeout(self, request: str, *, after: Duration, answer: Any) -> None:  # noqa: ANN401
        """Say what happens when nobody answers in time.

        It is about every request of that name, those that are open and those to come, counted from
        when each was made. An earlier answer cancels it.

        Args:
            request: As in `respond`.
            after: How long is waited, in virtual time.
            answer: The answer that is given then; an exception that the run ends with; or a
                function of the `OpenRequest` that returns the one or raises the other.
        """
        after_us = parse_duration(after, what="after")
        self._flow.on_timeout(Deadline(name=request, after_us=after_us, answer=answer))

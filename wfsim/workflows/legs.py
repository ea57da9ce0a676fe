"""Plays a run on the loop: each call of the framework's `run` is one leg of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from wfsim.errors import UsageError
from wfsim.quick import quick
from wfsim.workflows.checkpoints import Saved
from wfsim.workflows.log import Answered, Began, Checkpointed, Died, Entry, Happened
from wfsim.workflows.requests import OpenRequest

if TYPE_CHECKING:
    from agent_framework import WorkflowCheckpoint

    from wfsim.workflows.flow import Flow
    from wfsim.workflows.source import Kind

__all__ = ["Player"]

_HAPPENED: Final = quick(Happened)
_BEGAN: Final = quick(Began)


class Player:
    """One workflow object in which a run takes place, and all that is known of the run.

    Args:
        flow: The simulation that it is part of.
        workflow: The framework's object.
        kind: Functional workflows want all earlier answers again with each new one.
        options: Handed to the framework with the first leg.
    """

    def __init__(
        self,
        flow: Flow,
        workflow: Any,  # noqa: ANN401
        kind: Kind,
        options: Mapping[str, Any],
    ) -> None:
        self.flow = flow
        self.workflow = workflow
        self.kind: Kind = kind
        self.title: str = workflow.name
        self.options = dict(options)
        self.given = dict(options)
        self.heir: Player | None = None
        """The run of the process that took over when this one's had died."""
        self.is_heir = False
        self.events: list[Any] = []
        self.entries: list[Entry] = []
        self.saved: list[Saved] = []
        self.pending: dict[str, OpenRequest] = {}
        self.answers: dict[str, Any] = {}
        self.failure: Exception | None = None
        self.status = "STARTED"
        self.is_dead = False
        self.leg = 0
        self._task: asyncio.Task[None] | None = None
        self._waiting: dict[str, Any] = {}
        self._asked: set[str] = set()
        self._since: dict[str, int] = {}
        self.stream: object = self
        """What the framework tells the latest leg in."""

    @property
    def is_busy(self) -> bool:
        """Whether a leg is being played."""
        return self.is_left and not self.is_dead

    @property
    def is_left(self) -> bool:
        """Whether there is a task that has not ended, be it of a process that has died."""
        return self._task is not None and not self._task.done()

    @property
    def task(self) -> asyncio.Task[None] | None:
        """The leg that is being played, or was played last."""
        return self._task

    # --- legs -----------------------------------------------------------------------------------

    def begin(
        self,
        message: Any = None,  # noqa: ANN401
        *,
        checkpoint: str | None = None,
        responses: Mapping[str, Any] | None = None,
        then: Callable[[], None] | None = None,
    ) -> None:
        """Put a leg on the loop; it is played when the simulation runs.

        Args:
            message: What the workflow is run with.
            checkpoint: What it is restored from.
            responses: Answers, by the ids of the requests.
            then: Called when the leg has ended.

        Raises:
            UsageError: the framework refuses the call.
        """
        self.leg += 1
        self._asked.clear()
        self._note(_BEGAN(**self._now(), leg=self.leg, message=message, checkpoint=checkpoint))
        arguments: dict[str, Any] = {"stream": True, **self.options}
        if self.flow.ledger is not None:
            arguments["checkpoint_storage"] = self.flow.ledger
        if checkpoint is not None:
            arguments["checkpoint_id"] = checkpoint
        if responses:
            arguments["responses"] = dict(responses)
        self.stream = stream = self._stream(message, arguments)
        if self.kind == "graph":
            self.options = {}  # the framework goes on with those of the first leg
        self._task = self.flow.spawn(self._play(stream), name=f"{self.title} {self.leg}")
        self._task.add_done_callback(lambda task: self.flow.guard(lambda: self._after(task, then)))

    def _stream(self, message: Any, arguments: dict[str, Any]) -> Any:  # noqa: ANN401
        try:
            return self.workflow.run(message, **arguments)
        except (TypeError, ValueError) as error:
            raise UsageError(f"{self.title} cannot be run like this: {error}") from error

    async def _play(self, stream: Any) -> None:  # noqa: ANN401
        try:
            async for event in stream:
                self._take(event)
        except Exception as error:  # noqa: BLE001 - a workflow may raise anything
            self.failure = error
            self.status = "FAILED"

    def _after(self, task: asyncio.Task[None], then: Callable[[], None] | None) -> None:
        # A run is kept for what happened in it, and not for the framework's machinery.
        self._task, self.stream = None, self
        if self.is_dead or task.cancelled() or task.exception() is not None:
            return
        if self.kind == "functional":
            self.pending = {key: self.pending[key] for key in self.pending if key in self._asked}
        if self.failure is not None:
            self.pending.clear()
        elif then is not None:
            then()
        elif self._waiting:
            answers, self._waiting = self._waiting, {}
            self._answer(answers)

    @property
    def has_told_of_failure(self) -> bool:
        """Whether the framework took the latest leg for a run that failed, and not for refused."""
        last = [entry for entry in self.entries if isinstance(entry, Happened)]
        return any(entry.event.type == "failed" for entry in last if entry.leg == self.leg)

    def position(self) -> tuple[dict[str, OpenRequest], dict[str, Any], str]:
        """Return what `return_to` needs."""
        return dict(self.pending), dict(self.answers), self.status

    def return_to(self, position: tuple[dict[str, OpenRequest], dict[str, Any], str]) -> None:
        """Take back a leg that the framework has refused."""
        self.pending, self.answers, self.status = position
        self.failure = None

    # --- what the framework tells ---------------------------------------------------------------

    def _take(self, event: Any) -> None:  # noqa: ANN401
        order, at_us, aside = self.flow.stamps.of(event)
        entry = _HAPPENED(order=order, at_us=at_us, leg=self.leg, event=event, aside=aside)
        self.entries.append(entry)
        self.events.append(event)
        kind = event.type
        if kind == "status":
            self.status = str(event.state.name)
        elif kind == "request_info":
            self._ask(event, at_us)

    def _ask(self, event: Any, at_us: int) -> None:  # noqa: ANN401
        request = OpenRequest(
            id=event.request_id,
            data=event.data,
            response_type=event.response_type,
            executor=event.source_executor_id,
            since_us=self._since.get(event.request_id, at_us),
        )
        self._asked.add(request.id)
        if request.id not in self.pending and request.id not in self._waiting:
            self.pending[request.id] = request
            self.flow.asked(self, request)

    def saves(self, checkpoint: WorkflowCheckpoint) -> Saved:
        """Note a checkpoint."""
        number = len(self.flow.saved) + 1
        now = self._now()
        self._note(Checkpointed(**now, number=number, checkpoint_id=checkpoint.checkpoint_id))
        saved = Saved(
            **now,
            checkpoint=checkpoint,
            number=number,
            run=self,
            answers=dict(self.answers),
            finished=self.flow.finished,
        )
        self.saved.append(saved)
        return saved

    def inherit(self, dead: Player) -> None:
        """Go on for the run of a process that has died."""
        dead.heir, self.is_heir = self, True
        self.leg = dead.leg
        self.entries, self.saved = dead.entries, dead.saved
        if self.kind == "graph":
            self.events = dead.events  # a functional workflow tells all of them again
        self.answers = dict(dead.answers)
        self._since = {key: request.since_us for key, request in dead.pending.items()}
        self._waiting = dead.take_waiting()

    def take_waiting(self) -> dict[str, Any]:
        """Return the answers that nobody has got yet; whoever takes them hands them over."""
        waiting, self._waiting = self._waiting, {}
        return waiting

    def die(self) -> None:
        """Note that the process has died."""
        self.is_dead = True
        self.status = "DIED"
        self._note(Died(**self._now()))

    def give_up(self, error: Exception) -> None:
        """End a leg that does not end by itself."""
        self.failure = error
        self.pending.clear()
        if self._task is not None:
            self._task.cancel()

    def _now(self) -> dict[str, int]:
        return self.flow.stamps.moment()

    def _note(self, entry: Entry) -> None:
        self.entries.append(entry)

    # --- answers --------------------------------------------------------------------------------

    def answer(self, answers: Mapping[str, Any], *, by: str) -> None:
        """Answer requests; while a leg is being played they wait for its end."""
        for key, value in answers.items():
            self._note(Answered(**self._now(), request_id=key, value=value, by=by))
            self.pending.pop(key, None)
        self.answers.update(answers)
        if self.is_busy:
            self._waiting.update(answers)
        else:
            self._answer(answers)

    def _answer(self, answers: Mapping[str, Any]) -> None:
        # A functional workflow runs its function again, which asks for everything again.
        again = dict(self.answers) if self.kind == "functional" else dict(answers)
        self.begin(responses=again)

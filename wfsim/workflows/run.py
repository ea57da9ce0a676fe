"""The handle of a run: what it shows, and what one may ask of it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from wfsim.clock import format_duration
from wfsim.errors import StuckError, UsageError
from wfsim.workflows.errors import WorkflowRunFailed
from wfsim.workflows.log import Entry, Happened
from wfsim.workflows.recorded import Checkpoints, Events
from wfsim.workflows.requests import OpenRequest
from wfsim.workflows.timeline import render

if TYPE_CHECKING:
    from wfsim.workflows.legs import Player

__all__ = ["WorkflowRun"]


class WorkflowRun:
    """One run of a workflow: everything between a message and the end, pauses included."""

    def __init__(self, player: Player) -> None:
        self._first = player

    @property
    def _player(self) -> Player:
        """What goes on: where a process has died, the run of the one that took over."""
        player = self._first
        while player.heir is not None:
            player = player.heir
        return player

    def __repr__(self) -> str:
        return f"<WorkflowRun of {self.workflow}: {self.status}>"

    # --- what it shows --------------------------------------------------------------------------

    @property
    def workflow(self) -> str:
        """The workflow's name."""
        return self._player.title

    @property
    def instance(self) -> Any:  # noqa: ANN401 - a `Workflow` or a `FunctionalWorkflow`
        """The framework's workflow object in which it runs."""
        return self._player.workflow

    @property
    def events(self) -> Events:
        """Every event of the framework, in the order in which it told of them: a list."""
        player = self._player
        told = [entry for entry in self.log if isinstance(entry, Happened)]
        return Events(player.events, told=told, kind=player.kind, failure=player.failure)

    @property
    def log(self) -> list[Entry]:
        """What happened, in order of time: events, checkpoints, answers.

        A functional workflow tells of its events only when it ends or pauses; here they stand
        where they happened.
        """
        return sorted(self._player.entries, key=lambda entry: entry.order)

    @property
    def outputs(self) -> list[Any]:
        """What came out of the workflow, in order."""
        return [event.data for event in self._player.events if event.type == "output"]

    @property
    def intermediate(self) -> list[Any]:
        """What came out on the way: outputs that the workflow calls intermediate, and data."""
        kinds = {"intermediate", "data"}
        return [event.data for event in self._player.events if event.type in kinds]

    @property
    def status(self) -> str:
        """The framework's name for its state, such as "IDLE" or "IDLE_WITH_PENDING_REQUESTS"."""
        return self._player.status

    @property
    def failure(self) -> Exception | None:
        """What the workflow raised, or None."""
        return self._player.failure

    @property
    def pending(self) -> list[OpenRequest]:
        """What it asked for and waits for, oldest first."""
        return list(self._player.pending.values())

    @property
    def answers(self) -> dict[str, Any]:
        """What has been answered so far, by the ids of the requests."""
        return dict(self._player.answers)

    @property
    def checkpoints(self) -> Checkpoints:
        """Copies of the checkpoints that it wrote, in order of saving: a list."""
        times = [entry.at_us for entry in self.log]
        copies = (copy.deepcopy(saved.checkpoint) for saved in self._player.saved)
        return Checkpoints(copies, start_us=min(times, default=0), end_us=max(times, default=0))

    @property
    def elapsed(self) -> timedelta:
        """How much virtual time lies between its beginning and the last that happened in it."""
        entries = self.log
        return (
            timedelta(microseconds=entries[-1].at_us - entries[0].at_us) if entries else timedelta()
        )

    @property
    def is_running(self) -> bool:
        """Whether the framework is at work in it."""
        return self._player.is_busy

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will come of it: it has ended, failed, or died."""
        return not self._player.is_busy and (
            self._player.failure is not None or self._player.is_dead or not self._player.pending
        )

    # --- what one may ask of it -----------------------------------------------------------------

    def respond(self, request: object = "*", value: Any = ..., *, raw: bool = False) -> None:  # noqa: ANN401
        """Answer a request, and let the run go on until it ends or pauses again.

        See `WorkflowSimulation.respond`.
        """
        self._player.flow.respond(self._player, request, value, raw=raw)

    def respond_all(self, answers: Mapping[str, Any]) -> None:
        """Answer several requests at once; see `WorkflowSimulation.respond_all`."""
        self._player.flow.respond_all(self._player, answers)

    def result(self) -> Any:  # noqa: ANN401 - whatever the workflow gives out
        """Return the only output, letting time jump to the answers that are planned.

        Returns:
            The output; None if there was none.

        Raises:
            WorkflowRunFailed: the workflow raised; its exception is chained.
            StuckError: it waits for an answer that nobody will give.
            UsageError: it has several outputs.
        """
        self._player.flow.drive(lambda: self.has_ended)
        player = self._player
        if player.failure is not None:
            raise self._failed(player.failure)
        if not self.has_ended or player.is_dead:
            raise StuckError(self._why_stuck())
        outputs = self.outputs
        if len(outputs) > 1:
            raise UsageError(
                f"{self.workflow} has {len(outputs)} outputs and not one: {outputs!r}\n"
                "Use run.outputs."
            )
        return outputs[0] if outputs else None

    def _failed(self, failure: Exception) -> WorkflowRunFailed:
        error = WorkflowRunFailed(
            f"{self.workflow} ended as {self.status}: {type(failure).__name__}: {failure}"
        )
        error.workflow, error.status = self.workflow, self.status
        error.__cause__ = failure
        return error

    def _why_stuck(self) -> str:
        if self._player.is_dead:
            return (
                f"The process in which {self.workflow} ran has died. "
                "Resume it from one of run.checkpoints with sim.resume_from."
            )
        listed = "".join(f"\n  {request}" for request in self.pending)
        return (
            f"{self.workflow} waits for an answer that nobody will give:{listed}\n"
            "Give one with sim.respond, sim.at or sim.on_timeout."
        )

    # --- for people and for comparing -----------------------------------------------------------

    def timeline(self) -> str:
        """Return what happened as text for people."""
        return render(
            self.log, title=f"{self.workflow}: {self.status} after {self._elapsed_text()}"
        )

    def _elapsed_text(self) -> str:
        return format_duration(self.elapsed // timedelta(microseconds=1))

    def to_data(self) -> dict[str, Any]:
        """Return the run as plain data that is the same in every process; see `data`."""
        from wfsim.workflows.data import run_data  # noqa: PLC0415 - it knows this module's kin

        return run_data(self)

"""Lists of what a run told, which know when it did so: `snapshot.view` shows that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from agent_framework import WorkflowCheckpoint, WorkflowEvent

from wfsim.workflows.log import Happened
from wfsim.workflows.source import Kind

__all__ = ["Checkpoints", "Events"]


class Events(list[WorkflowEvent[Any]]):
    """The events of a run, in the order in which the framework told of them.

    Args:
        events: These.
        told: When each happened, in order of time.
        kind: Whether the workflow is a graph or a function.
        failure: What it raised.
    """

    def __init__(
        self,
        events: Iterable[WorkflowEvent[Any]] = (),
        *,
        told: Sequence[Happened] = (),
        kind: Kind = "graph",
        failure: Exception | None = None,
    ) -> None:
        super().__init__(events)
        self.told = told
        self.kind: Kind = kind
        self.failure = failure


class Checkpoints(list[WorkflowCheckpoint]):
    """The checkpoints of a run, in order of saving.

    Args:
        checkpoints: These.
        start_us: When the run began.
        end_us: When the last thing in it happened.
    """

    def __init__(
        self, checkpoints: Iterable[WorkflowCheckpoint] = (), *, start_us: int = 0, end_us: int = 0
    ) -> None:
        super().__init__(checkpoints)
        self.start_us = start_us
        self.end_us = end_us

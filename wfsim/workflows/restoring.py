"""Whether today's workflow takes over a checkpoint that another version has saved; nothing runs."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent_framework import FileCheckpointStorage, WorkflowCheckpoint
from agent_framework.exceptions import WorkflowCheckpointException

from wfsim.clock import VirtualClock
from wfsim.errors import nearest
from wfsim.loop import VirtualLoop
from wfsim.workflows import _sdk
from wfsim.workflows.source import source_of

__all__ = ["Takeover", "take_over"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Takeover:
    """What becomes of a checkpoint."""

    problem: str = ""
    """Why today's workflow does not take it over; empty where it does."""
    cause: str = ""
    """What was probably done to the workflow."""
    is_stuck: bool = False
    """Whether the framework would restore it, and a message would then reach nobody."""
    is_unreadable: bool = False
    """Whether the checkpoint could not even be loaded."""


def take_over(workflow: object, path: Path, checkpoint_id: str) -> Takeover:
    """Load a checkpoint as `FileCheckpointStorage` saved it, and restore it, without going on.

    Args:
        workflow: As for `WorkflowSimulation`.
        path: The file.
        checkpoint_id: Which checkpoint it holds.

    Raises:
        UsageError: the workflow is none.
    """
    today = source_of(workflow).build_again()
    loop = VirtualLoop(VirtualClock())
    try:
        with _silence():
            found: Takeover = loop.run_until_complete(_take_over(today, path, checkpoint_id))
            return found
    finally:
        loop.close()


async def _take_over(today: Any, path: Path, checkpoint_id: str) -> Takeover:  # noqa: ANN401
    storage = FileCheckpointStorage(path.parent)
    try:
        saved = await storage.load(checkpoint_id)
    except Exception as error:  # noqa: BLE001 - whatever its content makes of being read
        return Takeover(problem=_reason(error), is_unreadable=True)
    if saved.graph_signature_hash != today.graph_signature_hash:
        return Takeover(
            problem="the framework refuses it: the workflow has changed since it was saved",
            cause=_changed(today, saved),
        )
    if not _sdk.is_graph(today):
        return Takeover()
    try:
        await _sdk.restore(today, checkpoint_id, storage)
    except Exception as error:  # noqa: BLE001 - the user's own on_checkpoint_restore may raise
        return Takeover(problem=f"restoring it fails: {_reason(error)}")
    return _delivered(today, saved)


def _changed(today: Any, saved: WorkflowCheckpoint) -> str:  # noqa: ANN401 - a workflow
    if not _sdk.is_graph(today):
        return "a step or a function that the workflow reaches has changed"
    now = set(map(str, today.executors))
    then = set(map(str, saved.state.get("_executor_state", {})))
    gone, come = sorted(then - now), sorted(now - then)
    if gone:
        return f"executor {gone[0]!r} is gone.{nearest(gone[0], come or now)}"
    if then and come:
        return f"executor {come[0]!r} was added"
    return "an edge, or the class of an executor, has changed"


def _delivered(today: Any, saved: WorkflowCheckpoint) -> Takeover:  # noqa: ANN401 - a workflow
    for source, messages in saved.messages.items():
        for message in messages:
            targets = list(_targets(today, source, message))
            if targets and not any(executor.can_handle(message) for executor in targets):
                names = ", ".join(repr(executor.id) for executor in targets)
                kind = type(message.data).__name__
                return Takeover(
                    problem=f"a {kind} from {source!r} reaches nobody",
                    cause=f"no handler of {names} takes a {kind} any more",
                    is_stuck=True,
                )
    return Takeover()


def _targets(today: Any, source: str, message: Any) -> Iterable[Any]:  # noqa: ANN401
    if message.target_id:
        return [today.executors[message.target_id]] if message.target_id in today.executors else []
    edges = [edge for group in today.edge_groups for edge in group.edges]
    return [today.executors[edge.target_id] for edge in edges if edge.source_id == source]


def _reason(error: BaseException) -> str:
    """Return the innermost text of an error: the framework's own says only that it failed."""
    inner: BaseException = error
    while isinstance(inner, WorkflowCheckpointException) and inner.__cause__ is not None:
        inner = inner.__cause__
    return f"{type(inner).__name__}: {inner}"


@contextmanager
def _silence() -> Generator[None]:
    """Keep the framework from logging what is reported anyway."""
    logger = logging.getLogger("agent_framework")
    was, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = was

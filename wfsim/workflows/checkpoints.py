"""A checkpoint storage that keeps order, and what a simulation notes of any storage."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from agent_framework import CheckpointStorage, WorkflowCheckpoint
from agent_framework.exceptions import WorkflowCheckpointException

from wfsim.errors import UsageError, nearest

__all__ = ["CheckpointStore", "Ledger", "Saved", "known_answers", "not_saved"]


class CheckpointStore:
    """Keeps checkpoints in memory, in the order in which they were saved.

    It follows the framework's `CheckpointStorage` protocol. Unlike the framework's own storages it
    never compares timestamps: the latest checkpoint is the one that was saved last, also where the
    clock stands still. What it hands out is a copy, as from a disk.
    """

    def __init__(self) -> None:
        self._saved: dict[str, WorkflowCheckpoint] = {}

    def __repr__(self) -> str:
        names = sorted({item.workflow_name for item in self._saved.values()})
        of = f" of {', '.join(names)}" if names else ""
        count = len(self._saved)
        return f"<CheckpointStore: {count} checkpoint{'' if count == 1 else 's'}{of}>"

    def __len__(self) -> int:
        return len(self._saved)

    def __bool__(self) -> bool:
        # The framework asks `storage or another`, and an empty one is a storage, too.
        return True

    def __iter__(self) -> Iterator[WorkflowCheckpoint]:
        return iter(self.all)

    @property
    def all(self) -> list[WorkflowCheckpoint]:
        """Copies of all checkpoints, in order of saving."""
        return [copy.deepcopy(item) for item in self._saved.values()]

    async def save(self, checkpoint: WorkflowCheckpoint) -> str:
        """Keep a copy of a checkpoint; one with an id that is known takes the last place."""
        return self.keep(copy.deepcopy(checkpoint))

    def keep(self, checkpoint: WorkflowCheckpoint) -> str:
        """Keep a checkpoint as it is; nobody may change it any more."""
        self._saved.pop(checkpoint.checkpoint_id, None)
        self._saved[checkpoint.checkpoint_id] = checkpoint
        return checkpoint.checkpoint_id

    async def load(self, checkpoint_id: str) -> WorkflowCheckpoint:
        """Return a copy of a checkpoint.

        Raises:
            WorkflowCheckpointException: there is none of that id.
        """
        if checkpoint_id not in self._saved:
            raise WorkflowCheckpointException(
                f"There is no checkpoint {checkpoint_id!r}.{nearest(checkpoint_id, self._saved)}"
            )
        return copy.deepcopy(self._saved[checkpoint_id])

    async def list_checkpoints(self, *, workflow_name: str) -> list[WorkflowCheckpoint]:
        """Return copies of a workflow's checkpoints, in order of saving."""
        return [item for item in self.all if item.workflow_name == workflow_name]

    async def list_checkpoint_ids(self, *, workflow_name: str) -> list[str]:
        """Return the ids of a workflow's checkpoints, in order of saving."""
        return [key for key, item in self._saved.items() if item.workflow_name == workflow_name]

    async def get_latest(self, *, workflow_name: str) -> WorkflowCheckpoint | None:
        """Return a copy of the checkpoint that a workflow saved last, or None."""
        ids = await self.list_checkpoint_ids(workflow_name=workflow_name)
        return await self.load(ids[-1]) if ids else None

    async def delete(self, checkpoint_id: str) -> bool:
        """Forget a checkpoint, and return whether there was one of that id."""
        return self._saved.pop(checkpoint_id, None) is not None

    def to_data(self) -> list[dict[str, Any]]:
        """Return the checkpoints as plain data that is the same in every process; see `data`."""
        from wfsim.workflows.data import checkpoint_data  # noqa: PLC0415 - it knows this module's kin

        return checkpoint_data(self.all)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """One checkpoint as it was saved, and what was known then."""

    checkpoint: WorkflowCheckpoint
    number: int
    """Counts the checkpoints of the simulation, from 1."""
    order: int
    """Its place among all that happened."""
    at_us: int
    run: Any
    """The `WorkflowRun` that wrote it."""
    answers: dict[str, Any] = field(default_factory=dict[str, Any])
    """What had been answered by then, by the ids of the requests."""
    finished: int = 0
    """How many steps or executors had passed the gate."""


class Ledger:
    """Stands between a workflow and its storage, and notes what is saved.

    It also lets a process die: right after a certain checkpoint was saved, nothing else happens.

    Args:
        storage: Where the checkpoints are kept.
        note: Called with each checkpoint once it is saved.
    """

    def __init__(self, storage: CheckpointStorage, note: Any) -> None:  # noqa: ANN401 - a callback
        self.storage = storage
        self._note = note
        self._order: list[str] = []
        self.lost: list[Exception] = []
        """Why checkpoints could not be saved."""
        self.is_dead = False
        """Whether the process that writes has died: it saves nothing any more."""

    async def save(self, checkpoint: WorkflowCheckpoint) -> str:
        """Save a checkpoint, and note it."""
        if self.is_dead:
            return checkpoint.checkpoint_id
        try:
            kept = copy.deepcopy(checkpoint)
            if isinstance(self.storage, CheckpointStore):
                saved = self.storage.keep(kept)
            else:
                saved = await self.storage.save(checkpoint)
        except Exception as error:
            self.lost.append(error)
            raise
        if saved in self._order:
            self._order.remove(saved)
        self._order.append(saved)
        await self._note(kept)
        return saved

    async def load(self, checkpoint_id: str) -> WorkflowCheckpoint:
        """Load a checkpoint."""
        return await self.storage.load(checkpoint_id)

    async def list_checkpoints(self, *, workflow_name: str) -> list[WorkflowCheckpoint]:
        """List a workflow's checkpoints in order of saving, whatever the storage's own order."""
        found = await self.storage.list_checkpoints(workflow_name=workflow_name)
        return sorted(found, key=lambda item: self._place(item.checkpoint_id))

    async def list_checkpoint_ids(self, *, workflow_name: str) -> list[str]:
        """List the ids of a workflow's checkpoints in order of saving."""
        found = await self.storage.list_checkpoint_ids(workflow_name=workflow_name)
        return sorted(found, key=self._place)

    def _place(self, checkpoint_id: str) -> tuple[int, str]:
        # What was there before the simulation comes first, in an order that is always the same.
        known = checkpoint_id in self._order
        return (self._order.index(checkpoint_id), "") if known else (-1, checkpoint_id)

    async def get_latest(self, *, workflow_name: str) -> WorkflowCheckpoint | None:
        """Return the checkpoint that a workflow saved last."""
        ids = await self.list_checkpoint_ids(workflow_name=workflow_name)
        return await self.load(ids[-1]) if ids else None

    async def delete(self, checkpoint_id: str) -> bool:
        """Delete a checkpoint."""
        return await self.storage.delete(checkpoint_id)


def id_of(checkpoint: object, known: list[WorkflowCheckpoint]) -> str:
    """Return the id of a checkpoint that is given as such, by its id or by its place.

    Raises:
        UsageError: it is none of these, or the place is not taken.
    """
    if isinstance(checkpoint, WorkflowCheckpoint):
        return checkpoint.checkpoint_id
    if isinstance(checkpoint, str):
        return checkpoint
    if isinstance(checkpoint, int) and not isinstance(checkpoint, bool):
        try:
            return known[checkpoint].checkpoint_id
        except IndexError:
            raise UsageError(
                f"There is no checkpoint {checkpoint}: {len(known)} were saved."
            ) from None
    raise UsageError(
        f"A checkpoint is one of run.checkpoints, its id or its place there, not {checkpoint!r}."
    )


def known_answers(saved: Iterable[Saved], checkpoint_id: str, *, kind: str) -> dict[str, Any]:
    """Return what had been answered when a checkpoint was saved, as far as it has to be told again.

    A graph has it in the checkpoint; and nothing is known of one from elsewhere.
    """
    for item in saved:
        if kind == "functional" and item.checkpoint.checkpoint_id == checkpoint_id:
            return item.answers
    return {}


def not_saved(title: str, error: Exception) -> str:
    """Return what a warning says of a checkpoint that could not be saved."""
    return (
        f"A checkpoint of {title} could not be saved: {type(error).__name__}: {error}\n"
        "The framework only logs this, and a run that is interrupted loses what happened since "
        "the checkpoint before."
    )

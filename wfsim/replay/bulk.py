"""Replays any number of histories, here or in other processes, with one result for each in order.

Histories are read one after another and handed out in batches; no more than a few batches exist at
any time, so that memory does not grow with their number.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Final, Protocol, TypeVar

from wfsim.errors import AppLoadError
from wfsim.replay.checkpoints import CheckpointReplayer, workflow_of
from wfsim.replay.records import RecordedCheckpoint, RecordedHistory, Unreadable
from wfsim.replay.replayer import Replayer
from wfsim.replay.results import ReplayResult

__all__ = [
    "Batch",
    "Histories",
    "Submit",
    "local_workers",
    "replay_all",
    "replay_batch",
    "replay_with",
]

_A = TypeVar("_A")
_R = TypeVar("_R")

_BATCH: Final = 50
_AHEAD: Final = 2
"""Batches for each worker that are under way, or wait for one."""

Recorded = RecordedHistory | RecordedCheckpoint | Unreadable
Histories = Iterable[Recorded]


def replay_all(app: str, histories: Histories) -> Iterator[ReplayResult]:
    """Replay histories one after another in this process.

    Raises:
        AppLoadError: the app cannot be loaded.
    """
    with _opened(app) as replayer:
        for batch in _batches(histories):
            # Whoever takes the results must not see the clocks of a replay.
            with replayer.active():
                results = [replayer.replay(history) for history in batch]
            yield from results


class Submit(Protocol):
    """Lets somebody else call a function."""

    def __call__(self, function: Callable[[_A], _R], argument: _A) -> Future[_R]:
        """Return what will be the function's answer."""
        ...


def replay_with(
    submit: Submit, app: str, histories: Histories, *, workers: int
) -> Iterator[ReplayResult]:
    """Let others replay them: processes of this machine, or of a cluster.

    Args:
        submit: Gives a batch to one of them.
        app: What every worker loads.
        histories: What to replay.
        workers: How many there are.

    Raises:
        AppLoadError: the app cannot be loaded.
    """
    batches = _batches(histories)
    pending: deque[Future[list[ReplayResult]]] = deque()
    try:
        while True:
            while len(pending) < workers * _AHEAD and (batch := next(batches, None)) is not None:
                pending.append(submit(replay_batch, Batch(app=app, histories=batch)))
            if not pending:
                return
            yield from pending.popleft().result()
    finally:
        for future in pending:
            future.cancel()


@contextlib.contextmanager
def local_workers(jobs: int) -> Generator[Submit]:
    """Open as many processes on this machine."""
    pool = ProcessPoolExecutor(
        jobs, mp_context=multiprocessing.get_context("spawn"), initializer=_ignore_interrupts
    )

    def submit(function: Callable[[_A], _R], argument: _A) -> Future[_R]:
        return pool.submit(function, argument)

    try:
        yield submit
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What a worker gets at a time."""

    app: str
    histories: list[Recorded]


def replay_batch(batch: Batch) -> list[ReplayResult]:
    """Replay some histories in this process."""
    replayer = _replayer(batch.app)
    with replayer.active():
        return [replayer.replay(history) for history in batch.histories]


def _batches(histories: Histories) -> Iterator[list[Recorded]]:
    source = iter(histories)
    while batch := [item for _, item in zip(range(_BATCH), source, strict=False)]:
        yield batch


def _opened(app: str) -> Replayer | CheckpointReplayer:
    try:
        return Replayer(app)
    except AppLoadError:
        workflow = workflow_of(app)
        if workflow is None:
            raise
        return CheckpointReplayer(workflow)


_replayer = cache(_opened)


def _ignore_interrupts() -> None:
    """Leave Ctrl-C to the process that gives out the work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

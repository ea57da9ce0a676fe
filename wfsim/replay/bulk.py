"""Replays any number of histories, here or in other processes, with one result for each in order.

Histories are read one after another and handed out in batches; no more than a few batches exist at
any time, so that memory does not grow with their number.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from functools import cache
from typing import Final

from wfsim.replay.records import RecordedHistory, Unreadable
from wfsim.replay.replayer import Replayer
from wfsim.replay.results import ReplayResult

__all__ = ["Histories", "local_workers", "replay_all", "replay_with"]

_BATCH: Final = 50
_AHEAD: Final = 2
"""Batches for each worker that are under way, or wait for one."""

Histories = Iterable[RecordedHistory | Unreadable]


def replay_all(app: str, histories: Histories) -> Iterator[ReplayResult]:
    """Replay histories one after another in this process.

    Raises:
        AppLoadError: the app cannot be loaded.
    """
    with Replayer(app) as replayer:
        for batch in _batches(histories):
            # Whoever takes the results must not see the clocks of a replay.
            with replayer.active():
                results = [replayer.replay(history) for history in batch]
            yield from results


def replay_with(
    executor: Executor, app: str, histories: Histories, *, workers: int
) -> Iterator[ReplayResult]:
    """Let others replay them: processes of this machine, or of a cluster.

    Args:
        executor: Runs functions elsewhere.
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
                pending.append(executor.submit(_replay_batch, app, batch))
            if not pending:
                return
            yield from pending.popleft().result()
    finally:
        for future in pending:
            future.cancel()


@contextlib.contextmanager
def local_workers(jobs: int) -> Generator[Executor]:
    """Open as many processes on this machine."""
    pool = ProcessPoolExecutor(
        jobs, mp_context=multiprocessing.get_context("spawn"), initializer=_ignore_interrupts
    )
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _batches(histories: Histories) -> Iterator[list[RecordedHistory | Unreadable]]:
    source = iter(histories)
    while batch := [item for _, item in zip(range(_BATCH), source, strict=False)]:
        yield batch


def _replay_batch(app: str, batch: list[RecordedHistory | Unreadable]) -> list[ReplayResult]:
    replayer = _replayer(app)
    with replayer.active():
        return [replayer.replay(history) for history in batch]


@cache
def _replayer(app: str) -> Replayer:
    return Replayer(app)


def _ignore_interrupts() -> None:
    """Leave Ctrl-C to the process that gives out the work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

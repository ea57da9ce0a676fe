"""A Dask cluster as a place where functions are called."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Generator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any, TypeVar

from wfsim.errors import UsageError
from wfsim.explore.helper import call_apart

__all__ = ["Cluster", "cluster"]

_A = TypeVar("_A")
_R = TypeVar("_R")


class Cluster:
    """Calls functions on a cluster, each worker in a process of its own beside it.

    Args:
        executor: The cluster's.
        folder: Where workers stand: relative paths count from there.
    """

    def __init__(self, executor: Executor, folder: str) -> None:
        self._executor = executor
        self._folder = folder

    def __call__(self, function: Callable[[_A], _R], argument: _A) -> Future[_R]:
        """Let a worker call a function that a module holds."""
        return self._executor.submit(call_apart, function, argument, self._folder)


@contextlib.contextmanager
def cluster(address: str) -> Generator[tuple[Cluster, int]]:
    """Open a cluster; yield what calls functions there, and how many workers it has.

    Args:
        address: Of its scheduler.

    Raises:
        UsageError: distributed is not installed, or there is no such cluster.
    """
    try:
        distributed: Any = importlib.import_module("distributed")
    except ModuleNotFoundError:
        raise UsageError(
            "A Dask cluster needs the package distributed: pip install 'wfsim[scale]'."
        ) from None
    try:
        client = distributed.Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise UsageError(f"There is no Dask scheduler at {address!r}: {error}.") from None
    with client:
        workers = sum(client.nthreads().values())
        if not workers:
            raise UsageError(f"The Dask scheduler at {address!r} has no workers. Start some.")
        yield Cluster(client.get_executor(), str(Path.cwd())), workers

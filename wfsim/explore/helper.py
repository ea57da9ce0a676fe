"""A process that plays shards for another one.

A worker of a cluster may be a thread among others, in a process that minds the time. A simulation
wants a process of its own, whose clock it stops. Shards come in at standard input and runs go out
at standard output, pickled; the end of the input is the end of the process.
"""

from __future__ import annotations

import atexit
import os
import pickle
import subprocess
import sys
import threading
from typing import BinaryIO, Final, cast

from wfsim.explore.records import Observed
from wfsim.explore.shards import Shard, play_shard

__all__ = ["main", "play_apart", "serve", "stop"]

_MAIN: Final = "from wfsim.explore.helper import main; main()"

_idle: dict[str, list[_Helper]] = {}
"""Helpers with nothing to do, by the folder in which they work."""
_lock = threading.Lock()


def play_apart(shard: Shard, folder: str) -> list[Observed]:
    """Play a shard in a helper of this process.

    Args:
        shard: What is played.
        folder: Where the helper works: paths of scenarios and apps count from there.
    """
    with _lock:
        waiting = _idle.setdefault(folder, [])
        helper = waiting.pop() if waiting else None
    helper = helper or _Helper(folder)
    try:
        return helper.play(shard)
    finally:
        if helper.is_alive:
            with _lock:
                _idle.setdefault(folder, []).append(helper)
        else:
            helper.stop()


def stop() -> None:
    """End the helpers that have nothing to do; their process does so when it ends."""
    with _lock:
        helpers = [helper for waiting in _idle.values() for helper in waiting]
        _idle.clear()
    for helper in helpers:
        helper.stop()


atexit.register(stop)


class _Helper:
    def __init__(self, folder: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", _MAIN],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def play(self, shard: Shard) -> list[Observed]:
        """Return what the helper says.

        Raises:
            Exception: what the helper raised.
        """
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        pickle.dump(shard, process.stdin)
        process.stdin.flush()
        answer: object = pickle.load(process.stdout)  # noqa: S301 - from our own child
        if isinstance(answer, BaseException):
            raise answer
        return cast("list[Observed]", answer)

    def stop(self) -> None:
        """Say that there is no more, and wait."""
        self._process.communicate()


def serve(shards: BinaryIO, runs: BinaryIO) -> None:
    """Play shards until there are no more.

    Args:
        shards: Where they come from.
        runs: Where runs, or an error, go.
    """
    while True:
        try:
            shard = pickle.load(shards)  # noqa: S301 - from our own parent
        except EOFError:
            return
        try:
            answer: object = play_shard(shard)
        except Exception as error:  # noqa: BLE001 - the parent raises it
            answer = error
        pickle.dump(answer, runs)
        runs.flush()


def main() -> None:
    """Serve whoever started this process."""
    # What an app writes must not get between the runs.
    with open(os.dup(1), "wb") as runs:  # noqa: PTH123 - no path
        os.dup2(2, 1)
        serve(sys.stdin.buffer, runs)

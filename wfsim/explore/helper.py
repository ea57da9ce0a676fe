"""A process that plays shards for another one: `python -m wfsim.explore.helper`.

A worker of a cluster may be a thread among others, in a process that minds the time. A simulation
wants a process of its own, whose clock it stops. Shards come in at standard input and runs go out
at standard output, pickled; the end of the input is the end of the process.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from typing import BinaryIO, cast

from wfsim.explore.records import Observed
from wfsim.explore.shards import Shard, play_shard

__all__ = ["play_apart", "serve"]

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
    runs = helper.play(shard)
    with _lock:
        waiting.append(helper)
    return runs


class _Helper:
    def __init__(self, folder: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "wfsim.explore.helper"],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

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
        answer = pickle.load(process.stdout)  # noqa: S301 - from our own child
        if isinstance(answer, BaseException):
            raise answer
        return cast("list[Observed]", answer)


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


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)

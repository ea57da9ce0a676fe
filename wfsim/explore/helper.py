"""A process that works for another one.

A worker of a cluster may be a thread among others, in a process that minds the time. A simulation
wants a process of its own, whose clock it stops. Calls come in at standard input and what they
return goes out at standard output, pickled; the end of the input is the end of the process.
"""

from __future__ import annotations

import atexit
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import BinaryIO, Final, TypeVar, cast

__all__ = ["call_apart", "main", "serve", "stop"]

_A = TypeVar("_A")
_R = TypeVar("_R")

_MAIN: Final = "from wfsim.explore.helper import main; main()"

_idle: dict[str, list[_Helper]] = {}
"""Helpers with nothing to do, by the folder in which they work."""
_lock = threading.Lock()


def call_apart(function: Callable[[_A], _R], argument: _A, folder: str) -> _R:
    """Call a function in a helper of this process.

    Args:
        function: One that a module holds, so that the helper finds it.
        argument: What it is given.
        folder: Where the helper works: paths of scenarios and apps count from there.

    Raises:
        Exception: what the function raised.
    """
    with _lock:
        waiting = _idle.setdefault(folder, [])
        helper = waiting.pop() if waiting else None
    helper = helper or _Helper(folder)
    try:
        return cast("_R", helper.call(function, argument))
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

    def call(self, function: Callable[[_A], object], argument: _A) -> object:
        """Return what the helper says.

        Raises:
            Exception: what the helper raised.
        """
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        pickle.dump((function, argument), process.stdin)
        process.stdin.flush()
        answer: object = pickle.load(process.stdout)  # noqa: S301 - from our own child
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def stop(self) -> None:
        """Say that there is no more, and wait."""
        self._process.communicate()


def serve(calls: BinaryIO, answers: BinaryIO) -> None:
    """Answer calls until there are no more.

    Args:
        calls: Where they come from: a function and its argument each.
        answers: Where what it returned, or its error, goes.
    """
    while True:
        try:
            function, argument = pickle.load(calls)  # noqa: S301 - from our own parent
        except EOFError:
            return
        try:
            answer: object = function(argument)
        except Exception as error:  # noqa: BLE001 - the parent raises it
            answer = error
        pickle.dump(answer, answers)
        answers.flush()


def main() -> None:
    """Serve whoever started this process."""
    # What an app writes must not get between the answers.
    with open(os.dup(1), "wb") as answers:  # noqa: PTH123 - no path
        os.dup2(2, 1)
        serve(sys.stdin.buffer, answers)

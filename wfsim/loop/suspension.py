"""Lets the operation of an entity, which is sync, end with a coroutine on the loop.

The Functions worker calls entity functions in threads. Agent Framework's ones block their thread
until another thread, with a loop, has run the agent. A simulation has one thread: there such an
operation is left by an exception, and the coroutine runs as a task among all others, so that two
agents that answer at the same time do so in virtual time, too.
"""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

__all__ = ["Suspended", "may_suspend", "suspending"]


class Suspended(BaseException):
    """Leaves an operation whose last act is to wait for `work`; no user code may catch it."""

    def __init__(self, work: Coroutine[Any, Any, object]) -> None:
        super().__init__("an entity's operation ends with a coroutine")
        self.work = work


_allowed: ContextVar[bool] = ContextVar("wfsim_may_suspend", default=False)


def may_suspend() -> bool:
    """Whether the code that runs is an entity's operation, which `Suspended` may leave."""
    return _allowed.get()


@contextmanager
def suspending() -> Generator[None]:
    """Let `Suspended` leave the code within."""
    token = _allowed.set(True)
    try:
        yield
    finally:
        _allowed.reset(token)

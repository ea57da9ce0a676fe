"""Tasks of the host's replay machine: completed by history, continued inline.

The host resumes everything that can go on right after each history event, before it looks at the
next one (semantics 2.2). asyncio would defer continuations to a later turn of its loop, so the
walk of an orchestrator's actions runs on these instead.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator, Sequence
from typing import Any

from wfsim.errors import InternalError

__all__ = ["Cancelled", "HostTask", "spawn", "when_all", "when_any"]


class Cancelled(Exception):
    """The task was cancelled by the orchestrator."""


class HostTask:
    """The outcome of one action, now or later."""

    __slots__ = ("_callbacks", "done", "error", "value")

    def __init__(self) -> None:
        self.done = False
        self.value: Any = None
        self.error: Exception | None = None
        self._callbacks: list[Callable[[HostTask], None]] = []

    @classmethod
    def completed(cls, value: object = None) -> HostTask:
        """Return a task that is done already."""
        task = cls()
        task.set_result(value)
        return task

    @classmethod
    def failed(cls, error: Exception) -> HostTask:
        """Return a task that has failed already."""
        task = cls()
        task.set_error(error)
        return task

    def set_result(self, value: object) -> None:
        """Complete the task and run what waits for it, inline."""
        self.value = value
        self._finish()

    def set_error(self, error: Exception) -> None:
        """Fail the task and run what waits for it, inline."""
        self.error = error
        self._finish()

    def cancel(self) -> bool:
        """Cancel the task if it is still open; say whether it was."""
        if self.done:
            return False
        self.set_error(Cancelled())
        return True

    def on_done(self, callback: Callable[[HostTask], None]) -> None:
        """Call `callback` when the task is done, at once if it is."""
        if self.done:
            callback(self)
        else:
            self._callbacks.append(callback)

    def result(self) -> Any:  # noqa: ANN401 - payloads are whatever the action yields
        """Return the value, or raise the error."""
        if self.error is not None:
            raise self.error
        return self.value

    def _finish(self) -> None:
        if self.done:
            raise InternalError("A task of the host completed twice.")
        self.done = True
        if self._callbacks:
            callbacks, self._callbacks = self._callbacks, []
            for callback in callbacks:
                callback(self)

    def __await__(self) -> Generator[HostTask, None, Any]:
        if not self.done:
            yield self
        return self.result()


def when_all(tasks: Sequence[HostTask]) -> HostTask:
    """Return a task that is done when all are, even if one failed early (semantics 2.4)."""
    both = HostTask()
    left = len(tasks)

    def one_done(_task: HostTask) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            error = next((task.error for task in tasks if task.error is not None), None)
            if error is None:
                both.set_result([task.value for task in tasks])
            else:
                both.set_error(error)

    if not tasks:
        both.set_result([])
    for task in tasks:
        task.on_done(one_done)
    return both


def when_any(tasks: Sequence[HostTask]) -> HostTask:
    """Return a task that is done, never failed, as soon as one of `tasks` is."""
    first = HostTask()

    def one_done(task: HostTask) -> None:
        if not first.done:
            first.set_result(task)

    for task in tasks:
        task.on_done(one_done)
    return first


def spawn(coroutine: Coroutine[HostTask, None, Any]) -> HostTask:
    """Run a coroutine that awaits host tasks; return the task of its outcome."""
    outcome = HostTask()

    def step(_task: HostTask | None = None) -> None:
        try:
            waits_for = coroutine.send(None)
        except StopIteration as stop:
            outcome.set_result(stop.value)
        except Exception as error:  # noqa: BLE001 - the error is the outcome
            outcome.set_error(error)
        else:
            waits_for.on_done(step)

    step()
    return outcome

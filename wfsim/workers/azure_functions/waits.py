"""The extension's side of external events (semantics 2.7).

It ignores case, gives an event to the newest waiter, and keeps unmatched events in order; the SDK
has rules of its own, and where the two disagree users meet what production does.
"""

from __future__ import annotations

from collections import deque

from wfsim.hub.futures import HostTask

__all__ = ["ExternalEvents"]


class ExternalEvents:
    """Waiters and unmatched events of one pass."""

    def __init__(self) -> None:
        self._waiters: dict[str, list[tuple[str, HostTask]]] = {}
        self._buffered: dict[str, deque[str | None]] = {}

    def wait(self, name: str) -> HostTask:
        """Wait for an event; a buffered one is given to this waiter at once."""
        task = HostTask()
        key = name.casefold()
        self._waiters.setdefault(key, []).append((name, task))
        buffered = self._buffered.get(key)
        if buffered:
            self.arrive(name, buffered.popleft())
        return task

    def arrive(self, name: str, payload: str | None) -> None:
        """Give an event to the newest waiter, or keep it."""
        key = name.casefold()
        waiters = self._waiters.get(key)
        if waiters:
            _, task = waiters.pop()
            task.set_result(payload)
        else:
            self._buffered.setdefault(key, deque()).append(payload)

    @property
    def waiting(self) -> list[str]:
        """Names that somebody still waits for."""
        return [name for waiters in self._waiters.values() for name, _ in waiters]

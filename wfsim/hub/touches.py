"""What each step of the hub has to do with, noted for a schedule that wants to know.

Steps that have nothing in common may change places, and whoever tries all orders need not try both.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

__all__ = ["APP", "EVERYTHING", "LOOP", "Touched", "Touches"]

APP: Final = "the app's own state"
"""What activities may share, beside instances and entities: globals, and answers of stubs."""
LOOP: Final = "the event loop"
"""What coroutines share: those that are ready go on in one step."""
EVERYTHING: Final = "everything"
"""What a step touches that depends on all others, such as on who is next to wake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """What happened since the hub last told of it: one step, and what it or time brought about."""

    step: str = ""
    """The label of the work item; empty before the first."""
    groups: tuple[frozenset[str], ...] = ()
    """Instances, entities and other state, together where one piece of code had to do with them."""
    is_seen: bool = False
    """Whether the test itself looked, or did something, between this step and the next."""
    is_watched: bool = False
    """Whether somebody looks at everything after each step."""

    @property
    def names(self) -> frozenset[str]:
        """All that was touched."""
        return frozenset[str]().union(*self.groups)


class Touches:
    """Collects what happens, and tells of it before each step.

    Args:
        hear: Is told.
        is_watched: Whether somebody looks at everything after each step.
    """

    def __init__(self, hear: Callable[[Touched], None], is_watched: Callable[[], bool]) -> None:
        self._hear = hear
        self._is_watched = is_watched
        self._step = ""
        self._has_begun = False
        self._groups: list[frozenset[str]] = []
        self._open: set[str] | None = None
        """What the code touches that runs now; None while the test's own does."""
        self._awaited: set[str] = set()
        self._is_seen = False
        self._is_polled = False

    def touch(self, name: str) -> None:
        """Note that something happens to an instance, an entity or other state."""
        if self._open is not None:
            self._open.add(name)
            return
        self._groups.append(frozenset({name}))
        # What it does before anything has happened cannot depend on what happens.
        self._is_seen = self._is_seen or self._has_begun

    def look(self, name: str) -> None:
        """Note that somebody reads of an instance or an entity what it shows at this moment."""
        if self._is_polled:
            return
        if self._open is not None:
            self._open.add(name)
        elif self._has_begun and name not in self._awaited:
            self._is_seen = True

    def wait(self, name: str) -> None:
        """Note that the test waited for the end of an instance: what it shows is no moment's."""
        if self._open is None:
            self._awaited.add(name)

    @contextmanager
    def polled(self) -> Generator[None]:
        """Let looks not count: whether a wait is over is asked after each step, whatever comes."""
        outer, self._is_polled = self._is_polled, True
        try:
            yield
        finally:
            self._is_polled = outer

    @contextmanager
    def together(self) -> Generator[None]:
        """Note in one group what is touched meanwhile."""
        outer, self._open = self._open, set()
        try:
            yield
        finally:
            if self._open:
                self._groups.append(frozenset(self._open))
            self._open = outer

    @contextmanager
    def during(self, step: str) -> Generator[None]:
        """Note what a step touches; see `tell`, which comes before it."""
        self._step, self._has_begun = step, True
        with self.together():
            yield

    def conclude(self, *, is_cut: bool) -> None:
        """Tell what has happened in the end, when nothing can come of what the test looks at.

        Args:
            is_cut: Whether more was to happen at this instant: so how far others have come depends
                on the order.
        """
        self._is_seen = is_cut
        self.tell()

    def tell(self) -> None:
        """Tell what has happened since the last time."""
        touched = Touched(
            step=self._step,
            groups=tuple(self._groups),
            is_seen=self._is_seen,
            is_watched=self._is_watched(),
        )
        self._groups.clear()
        self._step, self._is_seen = "", False
        self._hear(touched)

"""Several context managers as one, for what is entered so often that generators take too long."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

__all__ = ["NOTHING", "Nested", "Nothing"]


class Nothing:
    """A context manager that does nothing, where there is nothing to do."""

    __slots__ = ()

    def __enter__(self) -> None:
        """Do nothing."""

    def __exit__(self, *_: object) -> None:
        """Do nothing."""


NOTHING = Nothing()


class Nested:
    """Enters its parts one after the other, and leaves those that it has entered in reverse.

    Errors pass through it: no part may swallow one.

    Args:
        parts: What is entered, the outermost first. A part is asked to enter only once those before
            it have.
    """

    __slots__ = ("_entered", "_parts")

    def __init__(self, *parts: AbstractContextManager[Any]) -> None:
        self._parts = [part for part in parts if part is not NOTHING]

    def __enter__(self) -> None:
        """Enter all parts; where one fails, leave those before it."""
        self._entered: list[AbstractContextManager[Any]] = []
        try:
            for part in self._parts:
                part.__enter__()
                self._entered.append(part)
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave all parts, also where one of them fails to."""
        entered = self._entered
        try:
            while entered:
                entered.pop().__exit__(kind, error, trace)
        finally:
            if entered:
                self.__exit__(kind, error, trace)

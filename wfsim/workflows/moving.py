"""The time in which one operation moves virtual time."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Moving"]


class _Mover(Protocol):
    def begin_moving(self) -> None:
        """Let nobody else move time."""
        ...

    def end_moving(self, *, has_failed: bool) -> None:
        """End that, and say what became known meanwhile."""
        ...


class Moving:
    """Lets one operation alone move time; leaving it raises what became known meanwhile.

    Args:
        mover: Who moves it.
    """

    __slots__ = ("_mover",)

    def __init__(self, mover: _Mover) -> None:
        self._mover = mover

    def __enter__(self) -> None:
        """Begin."""
        self._mover.begin_moving()

    def __exit__(self, kind: object, *_: object) -> None:
        """End; what failed by itself is not hidden by anything else."""
        self._mover.end_moving(has_failed=kind is not None)

"""Pickles that are the same bytes in every process: sets are written in order."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Iterable
from typing import Any, Final, cast

__all__ = ["dumps"]

_BATCH: Final = 1_000
_PLAIN: Final[Any] = cast("Any", pickle)._Pickler


def _in_order(items: Iterable[object]) -> list[object]:
    return sorted(items, key=lambda item: (type(item).__name__, repr(item)))


class _Pickler(_PLAIN):  # type: ignore[misc] # Python's own, which has no stub
    """Python's pickler, but for the order of sets."""

    def _save_set(self, items: set[object]) -> None:
        self.write(pickle.EMPTY_SET)
        self.memoize(items)
        ordered = _in_order(items)
        for start in range(0, len(ordered), _BATCH):
            self.write(pickle.MARK)
            for item in ordered[start : start + _BATCH]:
                self.save(item)
            self.write(pickle.ADDITEMS)

    def _save_frozenset(self, items: frozenset[object]) -> None:
        self.write(pickle.MARK)
        for item in _in_order(items):
            self.save(item)
        self.write(pickle.FROZENSET)
        self.memoize(items)

    dispatch: Final[dict[type, Callable[..., None]]] = {
        **_PLAIN.dispatch,
        set: _save_set,
        frozenset: _save_frozenset,
    }


def dumps(value: object, protocol: int = 4) -> bytes:
    """Return `value` as `pickle.dumps` does, with the members of sets in order.

    Args:
        value: What to pickle.
        protocol: At least 4, which has an operation for sets.
    """
    buffer = io.BytesIO()
    _Pickler(buffer, max(protocol, 4)).dump(value)
    return buffer.getvalue()

"""Keeps back what the SDK says of things that are legal, or that nobody can do anything about."""

from __future__ import annotations

import re
import sys
import warnings
from typing import Final

__all__ = ["quiet_sdk"]

_NOISE = (
    # The SDK warns of what is legal: two completions for one task, and payloads without a type.
    "Potential duplicate Task completion",
    "azure.functions df_loads was called without expected_type",
    "azure.functions Durable JSON codec reconstructed",
)


class quiet_sdk:  # noqa: N801 - used like a function
    """Filter warnings and complaints of the SDK while its code runs."""

    __slots__ = ("_outer", "_warnings")

    def __enter__(self) -> None:
        """Do so from now on."""
        self._outer = sys.unraisablehook
        self._warnings = warnings.catch_warnings()
        self._warnings.__enter__()
        _ignore_noise()
        sys.unraisablehook = self._hear

    def _hear(self, unraisable: sys.UnraisableHookArgs) -> None:
        # The SDK drops the generator of every episode. One that yields in a `finally` block
        # complains each time, and there is nothing that anybody could do about it.
        if str(unraisable.exc_value) != "generator ignored GeneratorExit":
            self._outer(unraisable)

    def __exit__(self, *_: object) -> None:
        """Let them through again."""
        sys.unraisablehook = self._outer
        self._warnings.__exit__(None, None, None)


def _ignore_noise() -> None:
    if sys.version_info >= (3, 14):  # filters may be kept elsewhere
        for message in _NOISE:
            warnings.filterwarnings("ignore", message=message)
    else:
        # `catch_warnings` has just made a new list, so nobody has looked into it yet.
        warnings.filters[:0] = _FILTERS  # type: ignore[index] # typeshed: a sequence


_FILTERS: Final = tuple(
    ("ignore", re.compile(message, re.IGNORECASE), Warning, None, 0) for message in _NOISE
)

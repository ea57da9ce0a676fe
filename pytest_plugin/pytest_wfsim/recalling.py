"""Schedules that failed are kept in pytest's cache, and tried first the next time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import pytest

from wfsim.errors import UsageError
from wfsim.explore.words import Deviation, parse_words

__all__ = ["recalled", "remember"]


def recalled(item: pytest.Item) -> list[Sequence[Deviation]]:
    """Return what a test failed with the last time, to be tried before all others."""
    cache = _cache(item)
    words = None if cache is None else cache.get(_key(item), None)
    try:
        return [parse_words(words)] if isinstance(words, str) else []
    except UsageError:  # somebody wrote it by hand
        return []


def remember(item: pytest.Item, words: str | None) -> None:
    """Keep the schedule with which a test failed; None if it passed."""
    cache = _cache(item)
    if cache is not None and cache.get(_key(item), None) != words:
        cache.set(_key(item), words)


def _cache(item: pytest.Item) -> Any:  # noqa: ANN401 - its plugin may be off
    return getattr(item.config, "cache", None)


def _key(item: pytest.Item) -> str:
    # A file for each test: workers of pytest-xdist write at the same time.
    return f"wfsim/schedules/{hashlib.sha256(item.nodeid.encode()).hexdigest()[:16]}"

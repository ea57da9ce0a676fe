"""Keeps what an app prints and logs from being said again for each of a thousand runs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator

__all__ = ["hushed"]


@contextlib.contextmanager
def hushed() -> Generator[None]:
    """Let both standard outputs go nowhere."""
    with (
        open(os.devnull, "w", encoding="utf-8") as nowhere,  # noqa: PTH123 - no file
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        yield

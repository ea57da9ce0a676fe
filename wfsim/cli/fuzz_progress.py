"""The line that says how far `wfsim fuzz` is, on terminals."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from wfsim.explore.search import Progress

__all__ = ["ProgressLine"]

_EVERY_SECONDS = 0.1


class ProgressLine:
    """Shows what is known so far on standard error, where that is a terminal.

    Args:
        title: What is explored.
        schedules: How many schedules may be tried.
    """

    def __init__(self, title: str, schedules: int) -> None:
        # The file itself: what the app prints while it is explored goes elsewhere.
        self._console = Console(file=sys.stderr)
        self._title = title
        self._schedules = schedules
        self._began = self._shown = time.monotonic()
        self._live = Live(
            console=self._console,
            transient=True,
            auto_refresh=False,  # a thread of its own would see the virtual time of a run
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._live.stop()

    def __call__(self, progress: Progress) -> None:
        """Show what is known after a run, ten times a second at most."""
        now = time.monotonic()
        if self._live.is_started and now - self._shown >= _EVERY_SECONDS:
            self._shown = now
            text = Text(self.line(progress, now), no_wrap=True, overflow="ellipsis")
            self._live.update(text, refresh=True)

    def line(self, progress: Progress, now: float) -> str:
        """Return what is shown.

        Args:
            progress: What is known.
            now: Real time in seconds.
        """
        rate = progress.schedules / max(now - self._began, 0.001)
        parts = [
            f"{progress.schedules:,} of {self._schedules:,} schedules",
            f"{rate:,.0f} a second",
            f"{len(progress.counts)} outcome{'' if len(progress.counts) == 1 else 's'}",
        ]
        if progress.failures:
            parts.append(f"{len(progress.failures)} failed")
        return f"{', '.join(parts)}: {self._title}"

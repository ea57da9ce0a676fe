"""What a server says on stderr while it runs."""

from __future__ import annotations

import traceback
from typing import TextIO

from rich.console import Console
from rich.text import Text

from wfsim.clock import format_duration
from wfsim.history import ExecutionCompleted, RuntimeStatus
from wfsim.history.printable import printable
from wfsim.report.rows import rows
from wfsim.serve.options import Noise
from wfsim.trace import (
    ActivityFinished,
    EntityOperated,
    Finding,
    FindingMade,
    FunctionFinished,
    HistoryAppended,
    Record,
    Trace,
)

__all__ = ["Log"]

_TOLD_BY_ERRORS = {"WF109", "WF110"}
"""Findings whose whole story an error tells."""
_MOST_TOLD = 1_000
_BAD_FROM = 400
_WORSE_FROM = 500


class Log:
    """Writes short lines: plain ones where stderr is no terminal.

    Args:
        noise: How much to say.
        file: Where to write instead of stderr.
    """

    def __init__(self, noise: Noise, *, file: TextIO | None = None) -> None:
        stderr = file is None
        self._console = Console(stderr=stderr, file=file, highlight=False, markup=False)
        self._noise = noise
        self._seen = 0
        self._told: dict[str, None] = {}
        self._last_bug: BaseException | None = None

    # --- what goes wrong ------------------------------------------------------------------------

    def problem(self, error: BaseException) -> None:
        """Say once what the app did wrong."""
        text = printable(str(error), lines=True)
        if not isinstance(error, Exception):
            text = f"A function ended with {type(error).__name__}({text}); the server goes on."
        if text in self._told:
            return
        self._told[text] = None
        if len(self._told) > _MOST_TOLD:
            del self._told[next(iter(self._told))]
        self._say(Text(text, style="red"))

    def bug(self, doing: str, error: BaseException) -> None:
        """Say that wfsim failed, and where; once, however many requests it fails."""
        if error is self._last_bug:
            return
        self._last_bug = error
        what = printable(f"{type(error).__name__}: {error}")
        line = Text("wfsim: ", style="bold red")
        line.append(f"this is a bug in wfsim, please report it ({doing}): {what}", style="red")
        self._say(line)
        frames = "".join(traceback.format_tb(error.__traceback__))
        self._say(Text(printable(frames.rstrip(), lines=True), style="dim"))

    def look(self, trace: Trace) -> None:
        """Say what was recorded since the last look: findings, and what failed."""
        total = trace.dropped + len(trace)
        first = max(0, self._seen - trace.dropped)
        self._seen = total
        for record in trace[first:] if first < len(trace) else ():
            if isinstance(record, FindingMade):
                if record.finding.code not in _TOLD_BY_ERRORS:
                    self._finding(record.finding)
            elif self._noise != "quiet" and _is_failure(record):
                self._failure(record, trace.start_us)

    def _finding(self, finding: Finding) -> None:
        style = "bold red" if finding.is_certain else "bold yellow"
        text = Text(f"{finding.code} {finding.title}", style=style)
        text.append(f"\n  {printable(finding.message, lines=True)}", style="not bold default")
        text.append(f"\n  → {printable(finding.way_out, lines=True)}", style="not bold green")
        if finding.place is not None:
            text.append(f"\n  {finding.place}", style="not bold default dim")
        self._say(text)

    def _failure(self, record: Record, start_us: int) -> None:
        for row in rows([record], start_us=start_us):
            line = Text(f"T+{format_duration(row.at_us - start_us)}  ", style="dim")
            said = printable(f"{row.instance_id}: {row.text}")
            line.append(f"{row.mark} {said}", style="not dim red")
            self._say(line)

    # --- what goes right ------------------------------------------------------------------------

    def request(self, method: str, path: str, status: int, took_s: float) -> None:
        """Say that a request was answered, if every one is to be told."""
        if self._noise != "verbose":
            return
        style = "red" if status >= _WORSE_FROM else "yellow" if status >= _BAD_FROM else "green"
        line = Text(printable(f"{method} {path} "))
        line.append(str(status), style=style)
        line.append(f" {took_s * 1000:.0f}ms", style="dim")
        self._say(line)

    def note(self, text: str) -> None:
        """Say something that is neither good nor bad."""
        self._say(Text(printable(text), style="dim"))

    def _say(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True)


def _is_failure(record: Record) -> bool:
    match record:
        case ActivityFinished() | FunctionFinished() | EntityOperated():
            return record.failure is not None
        case HistoryAppended(event=ExecutionCompleted(status=RuntimeStatus.FAILED)):
            return True
        case _:
            return False

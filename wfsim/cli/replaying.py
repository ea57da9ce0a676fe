"""`wfsim replay`: reads histories, lets them be replayed, and tells what came out."""

from __future__ import annotations

import contextlib
import glob
import os
import sys
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from wfsim.cli.show import wide_console
from wfsim.errors import UsageError
from wfsim.explore.cluster import cluster
from wfsim.history.printable import printable
from wfsim.replay.bulk import Histories, local_workers, replay_all, replay_with
from wfsim.replay.documents import JsonWriter, JUnitWriter, Writer
from wfsim.replay.load import load_histories
from wfsim.replay.page import html_page
from wfsim.replay.results import ReplayResult, Verdict
from wfsim.replay.summary import Group, Summary
from wfsim.replay.text import group_lines, result_line, summary_lines

__all__ = ["ReplayOptions", "replay"]

_FEW: Final = 20
"""So many histories get a line each without being asked for."""
_EVERY_SECONDS: Final = 0.1
_STYLES: Final = {
    Verdict.COMPATIBLE: "green",
    Verdict.WARNING: "yellow",
    Verdict.INCOMPATIBLE: "bold red",
    Verdict.STUCK: "bold red",
    Verdict.NOT_REPLAYABLE: "bold",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayOptions:
    """What the command line says."""

    app: str
    as_json: bool = False
    junit: Path | None = None
    html: Path | None = None
    lists_all: bool = False
    jobs: int = 1
    dask: str | None = None


def replay(paths: Sequence[str], options: ReplayOptions) -> int:
    """Replay histories and print the verdicts; return the exit code.

    Raises:
        UsageError: a path does not exist, the app cannot be loaded, or an argument is wrong.
    """
    if options.jobs < 1 or (options.jobs > 1 and options.dask is not None):
        raise UsageError(
            f"--jobs {options.jobs} must be at least 1, and stands alone: a Dask cluster has "
            "workers of its own."
        )
    files = _paths(paths)
    for target in (options.junit, options.html):
        if target is not None and not target.parent.is_dir():
            raise UsageError(f"There is no folder {str(target.parent)!r} for {str(target)!r}.")
    summary = Summary()
    lines: list[str] | None = []
    is_interrupted = False
    with _writers(options) as writers, _progress(files, options) as progress:
        results = _results(_histories(files), options)
        try:
            for result in results:
                summary.add(result)
                for writer in writers:
                    writer.add(result)
                lines = _remembered(lines, result, options)
                progress.tell(result)
        except KeyboardInterrupt:
            is_interrupted = True
        for writer in writers:
            writer.finish(summary)
    if options.html is not None:
        title = f"Histories replayed against {options.app}"
        options.html.write_text(html_page(summary, title=title), encoding="utf-8")
    if not options.as_json:
        _print(summary, lines or [])
    if is_interrupted:
        print("wfsim: interrupted; the rest was not replayed", file=sys.stderr)
        return 130
    if summary.total == 0:
        raise UsageError(f"There is no history in {', '.join(paths)}. See `wfsim replay --help`.")
    return summary.exit_code


def _paths(paths: Sequence[str]) -> list[Path]:
    """Return what the arguments name; a pattern that a shell left alone counts, too."""
    found: dict[Path, None] = {}
    for path in paths:
        if Path(path).exists():
            found[Path(path)] = None
            continue
        matches = sorted(glob.glob(path, recursive=True))  # noqa: PTH207 - patterns with folders
        if not matches:
            raise UsageError(f"There is no file, folder or match for {path!r}.")
        found.update(dict.fromkeys(map(Path, matches)))
    return list(found)


def _histories(paths: Iterable[Path]) -> Histories:
    """Yield the histories of all paths, in their order."""
    for path in paths:
        yield from load_histories(path)


def _results(histories: Histories, options: ReplayOptions) -> Iterator[ReplayResult]:
    if options.dask is not None:
        with cluster(options.dask) as (submit, workers):
            yield from replay_with(submit, options.app, histories, workers=workers)
    elif options.jobs > 1:
        with local_workers(options.jobs) as submit:
            yield from replay_with(submit, options.app, histories, workers=options.jobs)
    else:
        yield from replay_all(options.app, histories)


def _remembered(
    lines: list[str] | None, result: ReplayResult, options: ReplayOptions
) -> list[str] | None:
    """Return the lines for single histories; None once there are too many to be read."""
    if options.lists_all and not options.as_json:
        _print_result(wide_console(), result_line(result), result.verdict)
        return None
    if lines is None or len(lines) >= _FEW:
        return None
    return [*lines, result_line(result)]


# --- output --------------------------------------------------------------------------------------


@contextlib.contextmanager
def _writers(options: ReplayOptions) -> Generator[list[Writer]]:
    writers: list[Writer] = [JsonWriter(sys.stdout)] if options.as_json else []
    with contextlib.ExitStack() as stack:
        if options.junit is not None:
            writers.append(stack.enter_context(JUnitWriter(options.junit, "wfsim replay")))
        yield writers


class _Progress:
    """Shows how many histories are done, on terminals: a bar over the files they come from."""

    def __init__(self, bar: Progress | None = None, *, files: int = 0) -> None:
        self._bar = bar
        self._task = TaskID(0) if bar is None else bar.add_task("", total=files or None)
        self._done = self._bad = 0
        self._files: set[str] = set()
        self._shown = 0.0

    def tell(self, result: ReplayResult) -> None:
        """Count a verdict, and show it ten times a second at most."""
        self._done += 1
        self._bad += result.verdict.is_bad
        if self._bar is None:
            return
        self._files.add(result.source.path)
        now = time.monotonic()
        if now - self._shown >= _EVERY_SECONDS:
            self._shown = now
            would_break = f", {self._bad:,} would break" if self._bad else ""
            text = f"{self._done:,} histories{would_break}"
            self._bar.update(self._task, completed=len(self._files), description=text)
            self._bar.refresh()


@contextlib.contextmanager
def _progress(paths: Sequence[Path], options: ReplayOptions) -> Generator[_Progress]:
    console = Console(file=sys.stderr)
    if not console.is_terminal or options.lists_all:
        yield _Progress()
        return
    files = sum(_files_in(path) for path in paths)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    # No thread of its own: it would see the virtual time of a replay.
    with Progress(*columns, console=console, transient=True, auto_refresh=False) as bar:
        yield _Progress(bar, files=files if files > 1 else 0)


def _files_in(path: Path) -> int:
    return sum(len(names) for _, _, names in os.walk(path)) if path.is_dir() else 1


def _print(summary: Summary, lines: Sequence[str]) -> None:
    console = wide_console()
    for line in lines:
        _print_result(console, line, _verdict_of(line))
    if lines:
        console.print()
    for group in summary.groups:
        _print_group(console, group)
    for line in summary_lines(summary):
        console.print(Text(printable(line)), soft_wrap=True)


def _print_group(console: Console, group: Group) -> None:
    first, *rest = group_lines(group)
    _print_result(console, first, group.verdict)
    for line in rest:
        console.print(Text(line), soft_wrap=True)
    console.print()


def _print_result(console: Console, line: str, verdict: Verdict) -> None:
    text = Text(line)
    text.stylize(_STYLES[verdict], 0, len(verdict))
    console.print(text, soft_wrap=True)


def _verdict_of(line: str) -> Verdict:
    return next(verdict for verdict in Verdict if line.startswith(f"{verdict} "))

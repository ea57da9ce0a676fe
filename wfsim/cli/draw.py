"""Draws what trace files hold: for terminals, browsers and other programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text

from wfsim.cli.find import is_folder
from wfsim.cli.show import wide_console
from wfsim.errors import UsageError
from wfsim.history.printable import printable
from wfsim.report.charts import chart
from wfsim.report.difference import first_difference
from wfsim.report.html import html_report
from wfsim.report.mermaid import mermaid
from wfsim.report.perfetto import perfetto
from wfsim.report.timeline import render_timeline, timeline_lines
from wfsim.trace import Trace

__all__ = ["DrawOptions", "draw"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawOptions:
    """What `wfsim report` was told besides the traces."""

    html: Path | None = None
    mermaid: bool = False
    perfetto: bool = False
    output: Path | None = None
    title: str | None = None


def draw(paths: Sequence[Path], options: DrawOptions) -> None:
    """Read all traces before anything is written; then write all or nothing.

    Raises:
        UsageError: a trace cannot be read, the report not be written, or both do not fit.
    """
    _check(options, paths)
    traces = [Trace.load(path) for path in paths]
    titles = _titles(paths)
    title = options.title or " and ".join(titles)
    if options.html is not None:
        charts = [chart(trace, title=name) for trace, name in zip(traces, titles, strict=True)]
        _write(html_report(charts, title=title), options.html)
    elif options.mermaid:
        _give(mermaid(chart(traces[0], title=title)), options.output)
    elif options.perfetto:
        _give(perfetto(chart(traces[0], title=title)), options.output)
    elif options.output is not None:
        _give(_plain(traces, titles), options.output)
    else:
        _show(traces, titles)


def _check(options: DrawOptions, paths: Sequence[Path]) -> None:
    for flag, is_given in (("--mermaid", options.mermaid), ("--perfetto", options.perfetto)):
        if is_given and len(paths) > 1:
            raise UsageError(
                f"{flag} draws one trace, and got {len(paths)}. Draw one by one, or use --html."
            )
    if options.html is not None and options.output is not None:
        raise UsageError("--html names its file itself. Leave --output away.")
    for flag, path in (("--html", options.html), ("--output", options.output)):
        if path is not None and (is_folder(path) or not is_folder(path.absolute().parent)):
            raise UsageError(
                f"{flag} {str(path)!r} is not a file in a folder that exists. Make the folder "
                "first."
            )
        if path is not None and path.absolute() in {trace.absolute() for trace in paths}:
            raise UsageError(
                f"{flag} {str(path)!r} is the trace itself, which would be lost. Name another file."
            )


def _titles(paths: Sequence[Path]) -> list[str]:
    """Return how the traces are called: by file, with folders where files have one name."""
    names = [path.name for path in paths]
    return names if len(set(names)) == len(names) else [str(path) for path in paths]


def _show(traces: Sequence[Trace], titles: Sequence[str]) -> None:
    console = wide_console()
    for trace, title in zip(traces, titles, strict=True):
        if len(traces) > 1:
            console.print(Text(printable(title), style="bold underline"), soft_wrap=True)
        for line in timeline_lines(trace, width=console.width):
            console.print(line, no_wrap=True, overflow="ellipsis", crop=True)
        if len(traces) > 1:
            console.print()
    if len(traces) == 2:
        console.print(Text(_parting(traces), style="bold"), soft_wrap=True)


def _plain(traces: Sequence[Trace], titles: Sequence[str]) -> str:
    if len(traces) == 1:
        return render_timeline(traces[0])
    named = zip(traces, titles, strict=True)
    parts = [f"{printable(title)}\n{render_timeline(trace)}" for trace, title in named]
    return "\n\n".join([*parts, _parting(traces)] if len(traces) == 2 else parts)


def _parting(traces: Sequence[Trace]) -> str:
    difference = first_difference(chart(traces[0]), chart(traces[1]))
    if difference is None:
        return "The two runs are equal but for made-up ids."
    return f"First difference: {difference.text}"


def _give(text: str, output: Path | None) -> None:
    whole = text if text.endswith("\n") else f"{text}\n"
    if output is None:
        print(whole, end="")
    else:
        _write(whole, output)


def _write(text: str, path: Path) -> None:
    """Write a file, whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        try:
            part.write_bytes(text.encode("utf-8", "backslashreplace"))
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageError(
            f"The report cannot be written to {str(path)!r}: {error.strerror or error}. Name "
            "another file."
        ) from None

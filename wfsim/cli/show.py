"""What `wfsim run` prints of one scenario: its timeline, its findings, its outcome."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from wfsim.clock import format_duration
from wfsim.errors import FindingError
from wfsim.history.jsontext import write
from wfsim.history.printable import printable
from wfsim.report.failures import cause
from wfsim.report.timeline import timeline_lines
from wfsim.scenario import AnswerReport, EntityReport, LoadedScenario, Outcome, RunReport
from wfsim.trace import Finding

__all__ = ["show", "summary", "wide_console"]

_LONGEST = 300
_FILE_WIDTH = 100


def wide_console() -> Console:
    """Return standard output; what is no terminal gets lines of the same width everywhere."""
    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _FILE_WIDTH
    return console


def show(console: Console, scenario: LoadedScenario, outcome: Outcome, *, is_good: bool) -> None:
    """Print one scenario."""
    console.print(Text(_text(str(scenario.path)), style="bold underline"), soft_wrap=True)
    for line in timeline_lines(outcome.trace, width=console.width):
        console.print(line, no_wrap=True, overflow="ellipsis", crop=True)
    for text in _below(outcome):
        console.print()
        console.print(text, soft_wrap=True)
    console.print()
    console.print(_verdict(outcome, is_good=is_good), soft_wrap=True)


def summary(scenarios: int, failed: Sequence[Path]) -> Text:
    """Return the last word on several scenarios: how many failed, and which."""
    if not failed:
        return Text(f"✓ all {scenarios} scenarios", style="bold green")
    text = Text(f"✗ {len(failed)} of {scenarios} scenarios failed:", style="bold red")
    for path in failed:
        text.append(f"\n  {_text(str(path))}", style="not bold")
    return text


def _text(text: str) -> str:
    return printable(text, lines=True)


def _below(outcome: Outcome) -> Iterator[Text]:
    if outcome.error is not None and not isinstance(outcome.error, FindingError):
        yield Text(_text(str(outcome.error)), style="red")
    for finding in outcome.findings:
        if finding.code not in {"WF109", "WF110"}:  # those are the error above
            yield _finding(finding)
    if outcome.mismatches:
        text = Text("expected otherwise:", style="bold red")
        for item in outcome.mismatches:
            of_run = f"{item.instance_id}." if item.instance_id else ""
            text.append(f"\n  {printable(f'{of_run}{item.key}')}", style="not bold")
            text.append(f"\n    expected {_cut(item.wanted)}", style="not bold default")
            text.append(f"\n    got      {_cut(item.got)}", style="not bold default")
        yield text


def _finding(finding: Finding) -> Text:
    style = "bold red" if finding.is_certain else "bold yellow"
    text = Text(f"{finding.code} {finding.title}", style=style)
    text.append(f"\n  {_text(finding.message)}", style="not bold default")
    text.append(f"\n  → {_text(finding.way_out)}", style="not bold green")
    if finding.place is not None:
        text.append(f"\n  {finding.place}", style="not bold default dim")
    return text


def _verdict(outcome: Outcome, *, is_good: bool) -> Text:
    text = Text()
    text.append("✓ " if is_good else "✗ ", style="bold green" if is_good else "bold red")
    ended = [printable(_ended(run)) for run in outcome.runs]
    spent = f"  ({format_duration(outcome.elapsed_us)} of virtual time)"
    if len(ended) == 1:
        text.append(ended[0]).append(spent, style="dim")
    else:
        text.append(f"{len(ended) or 'no'} runs").append(spent, style="dim")
        for line in ended:
            text.append(f"\n  {line}")
    for line in (*map(_answered, outcome.answers), *map(_stands, outcome.entities)):
        text.append(f"\n  {line}")
    return text


def _answered(answer: AnswerReport) -> str:
    status = "no answer" if answer.status is None else str(answer.status)
    at = f"at T+{format_duration(answer.at_us)}"
    return f"{_cut(f'{answer.method} {answer.path}')} {status} {at}"


def _stands(entity: EntityReport) -> str:
    state = f"is {_cut(write(entity.state))}" if entity.exists else "does not exist"
    return f"{printable(entity.entity_id)} {state}"


def _ended(run: RunReport) -> str:
    said = f"{run.orchestrator} {run.instance_id} {run.status}"
    if run.finished_us is None:
        waits = ", ".join(f"{kind} {', '.join(items)}" for kind, items in run.waiting_for.items())
        return f"{said}, waits for {waits}" if waits else said
    at = f"{said} at T+{format_duration(run.finished_us)}"
    if run.status != "Completed":
        why = cause(str(run.output or ""))
        return f"{at}: {_cut(why)}" if why else at
    return at if run.output is None else f"{at} {_cut(write(run.output))}"


def _cut(text: str) -> str:
    text = printable(text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"

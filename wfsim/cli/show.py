"""What `wfsim run` prints of one scenario: its timeline, its findings, its outcome."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from wfsim.clock import format_duration
from wfsim.history.jsontext import write
from wfsim.report.timeline import timeline_lines
from wfsim.scenario import LoadedScenario, Outcome, RunReport
from wfsim.trace import Finding

__all__ = ["show"]

_LONGEST = 300


def show(
    console: Console, scenario: LoadedScenario, outcome: Outcome, *, is_good: bool
) -> None:
    """Print one scenario."""
    console.print(Text(str(scenario.path), style="bold underline"))
    for line in timeline_lines(outcome.trace, width=console.width):
        console.print(line, no_wrap=True, overflow="ellipsis", crop=True)
    for text in _below(outcome):
        console.print()
        console.print(text, soft_wrap=True)
    console.print()
    console.print(_verdict(outcome, is_good=is_good), soft_wrap=True)


def _below(outcome: Outcome) -> Iterator[Text]:
    if outcome.error is not None:
        yield Text(str(outcome.error), style="red")
    for finding in outcome.findings:
        if finding.code not in {"WF109", "WF110"}:  # those are the error above
            yield _finding(finding)
    if outcome.mismatches:
        text = Text("expected otherwise:", style="bold red")
        for item in outcome.mismatches:
            text.append(f"\n  {item.instance_id}.{item.key}", style="red")
            text.append(f"\n    expected {_cut(item.wanted)}\n    got      {_cut(item.got)}")
        yield text


def _finding(finding: Finding) -> Text:
    style = "bold red" if finding.is_certain else "bold yellow"
    text = Text(f"{finding.code} {finding.title}", style=style)
    text.append(f"\n  {finding.message}", style="not bold")
    text.append(f"\n  → {finding.way_out}", style="not bold green")
    if finding.place is not None:
        text.append(f"\n  {finding.place}", style="dim")
    return text


def _verdict(outcome: Outcome, *, is_good: bool) -> Text:
    text = Text("✓ " if is_good else "✗ ", style="bold green" if is_good else "bold red")
    text.append("; ".join(_ended(run) for run in outcome.runs) or "nothing was started")
    text.append(f"  ({format_duration(outcome.elapsed_us)} of virtual time)", style="dim")
    return text


def _ended(run: RunReport) -> str:
    said = f"{run.orchestrator} {run.instance_id} {run.status}"
    if run.finished_us is None:
        waits = ", ".join(f"{kind} {', '.join(items)}" for kind, items in run.waiting_for.items())
        return f"{said}, waits for {waits}" if waits else said
    output = "" if run.output is None else f" {_cut(write(run.output).partition(chr(92) + 'n')[0])}"
    return f"{said} at T+{format_duration(run.finished_us)}{output}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"

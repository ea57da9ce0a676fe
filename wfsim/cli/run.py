"""`wfsim run`: plays scenarios and prints what happened."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from wfsim.cli.document import document
from wfsim.cli.find import is_folder, scenario_files
from wfsim.cli.show import show, summary, wide_console
from wfsim.errors import UsageError
from wfsim.guards import GuardMode
from wfsim.hub.settings import DEFAULT_MAX_STEPS
from wfsim.scenario import LoadedScenario, Outcome, load, play

__all__ = ["RunOptions", "run"]

_MANY = 8
"""From so many scenarios on, a progress bar shows where we are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What `wfsim run` was told besides the scenarios."""

    as_json: bool = False
    trace: Path | None = None
    seed: int = 0
    max_steps: int = DEFAULT_MAX_STEPS
    findings_are_errors: bool = False
    guard: GuardMode | None = None
    """None leaves it to the scenarios."""


def run(paths: Sequence[Path], options: RunOptions) -> int:
    """Play scenarios and print them; return the exit code.

    Every file is read before the first one runs, so that a wrong call does nothing at all.

    Raises:
        UsageError: a scenario, an app or an argument is wrong.
    """
    scenarios = [load(path) for path in scenario_files(paths)]
    _check_trace(options.trace, len(scenarios))
    console = wide_console()
    failed: list[Path] = []
    documents: list[dict[str, Any]] = []
    for index, scenario in enumerate(_progress(scenarios, as_json=options.as_json)):
        outcome = _play(scenario, options)
        is_good = _is_good(scenario, outcome, options)
        failed += [] if is_good else [scenario.path]
        if options.as_json:
            documents.append(document(scenario, outcome, is_good=is_good))
        else:
            if index:
                console.print()
            show(console, scenario, outcome, is_good=is_good)
    if options.as_json:
        is_one = len(paths) == 1 and not is_folder(paths[0])
        print(json.dumps(documents[0] if is_one else documents, indent=2))
    elif len(scenarios) > 1:
        console.print()
        console.print(summary(len(scenarios), failed), soft_wrap=True)
    return 1 if failed else 0


def _play(scenario: LoadedScenario, options: RunOptions) -> Outcome:
    # What the app prints must not get between the lines of the timeline or of the document.
    with contextlib.redirect_stdout(sys.stderr):
        outcome = play(
            scenario, seed=options.seed, max_steps=options.max_steps, guard=options.guard
        )
    if options.trace is not None:
        _save(outcome, options.trace)
    return outcome


def _progress(scenarios: list[LoadedScenario], *, as_json: bool) -> Iterable[LoadedScenario]:
    # Timelines on the same terminal are progress enough.
    is_seen = sys.stdout.isatty() and not as_json
    if len(scenarios) < _MANY or is_seen or not sys.stderr.isatty():
        return scenarios
    return track(scenarios, description="scenarios", console=Console(stderr=True), transient=True)


def _check_trace(trace: Path | None, scenarios: int) -> None:
    if trace is None:
        return
    if scenarios > 1:
        raise UsageError(f"--trace takes one scenario, and got {scenarios}. Run them one by one.")
    if is_folder(trace) or not is_folder(trace.absolute().parent):
        raise UsageError(
            f"--trace {str(trace)!r} is not a file in a folder that exists. Make the folder first."
        )


def _save(outcome: Outcome, trace: Path) -> None:
    try:
        outcome.trace.save(trace)
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(
            f"The trace cannot be written to {str(trace)!r}: {why}. Name another file."
        ) from None


def _is_good(scenario: LoadedScenario, outcome: Outcome, options: RunOptions) -> bool:
    """Whether a scenario counts as passed.

    A run that is stuck at the end counts as wrong unless somebody expects it to be running still.
    """
    if not outcome.is_good or (options.findings_are_errors and outcome.findings):
        return False
    may_wait = any(item.status in {"Running", "Suspended"} for item in scenario.data.expect)
    return may_wait or not any(finding.code == "WF101" for finding in outcome.findings)

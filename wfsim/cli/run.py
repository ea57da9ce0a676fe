"""`wfsim run`: plays scenarios and prints what happened."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from wfsim.clock import format_duration
from wfsim.cli.show import show
from wfsim.errors import UsageError
from wfsim.scenario import LoadedScenario, Outcome, load, play

__all__ = ["run"]

_FILE_WIDTH = 100
_MANY = 8
"""From so many scenarios on, a progress bar shows where we are."""


def run(
    paths: Sequence[Path],
    *,
    as_json: bool,
    trace: Path | None,
    seed: int,
    findings_are_errors: bool,
) -> int:
    """Play scenarios and print them; return the exit code.

    Every file is read before the first one runs, so that a wrong call does nothing at all.

    Raises:
        UsageError: a scenario, an app or an argument is wrong.
    """
    scenarios = [load(path) for path in paths]
    _check_trace(trace, len(scenarios))
    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _FILE_WIDTH
    code = 0
    documents: list[dict[str, Any]] = []
    for scenario in _progress(scenarios, silent=as_json):
        outcome = play(scenario, seed=seed)
        if trace is not None:
            _save(outcome, trace)
        is_good = _is_good(scenario, outcome, findings_are_errors=findings_are_errors)
        code = max(code, 0 if is_good else 1)
        if as_json:
            documents.append(_document(scenario, outcome, is_good=is_good))
        else:
            show(console, scenario, outcome, is_good=is_good)
    if as_json:
        print(json.dumps(documents[0] if len(documents) == 1 else documents, indent=2))
    return code


def _progress(scenarios: list[LoadedScenario], *, silent: bool) -> Any:  # noqa: ANN401 - an iterable
    if len(scenarios) < _MANY or silent or not sys.stderr.isatty():
        return scenarios
    return track(scenarios, description="scenarios", console=Console(stderr=True), transient=True)


def _check_trace(trace: Path | None, scenarios: int) -> None:
    if trace is None:
        return
    if scenarios > 1:
        raise UsageError(f"--trace takes one scenario, and got {scenarios}. Run them one by one.")
    if trace.is_dir() or not trace.absolute().parent.is_dir():
        raise UsageError(f"--trace {str(trace)!r} is not a file in a folder that exists.")


def _save(outcome: Outcome, trace: Path) -> None:
    try:
        outcome.trace.save(trace)
    except OSError as error:
        raise UsageError(f"The trace cannot be written to {str(trace)!r}: {error}.") from None


def _is_good(
    scenario: LoadedScenario, outcome: Outcome, *, findings_are_errors: bool
) -> bool:
    """Whether a scenario counts as passed.

    A run that is stuck at the end counts as wrong unless somebody expects it to be running still.
    """
    if not outcome.is_good or (findings_are_errors and outcome.findings):
        return False
    may_wait = any(item.status in {"Running", "Suspended"} for item in scenario.data.expect)
    return may_wait or not any(finding.code == "WF101" for finding in outcome.findings)


def _document(scenario: LoadedScenario, outcome: Outcome, *, is_good: bool) -> dict[str, Any]:
    return {
        "scenario": str(scenario.path),
        "ok": is_good,
        "virtual_time": format_duration(outcome.elapsed_us),
        "runs": [
            {
                "instance_id": run.instance_id,
                "orchestrator": run.orchestrator,
                "status": run.status,
                "output": run.output,
                "custom_status": run.custom_status,
                "finished": None
                if run.finished_us is None
                else format_duration(run.finished_us),
                "waiting_for": run.waiting_for,
            }
            for run in outcome.runs
        ],
        "mismatches": [
            {"instance_id": item.instance_id, "key": item.key, "wanted": item.wanted, "got": item.got}
            for item in outcome.mismatches
        ],
        "findings": [
            {
                "code": item.code,
                "title": item.title,
                "certain": item.is_certain,
                "message": item.message,
                "way_out": item.way_out,
                "instance_id": item.instance_id,
                "file": item.place.file if item.place else None,
                "line": item.place.line if item.place else None,
            }
            for item in outcome.findings
        ],
        "error": None
        if outcome.error is None
        else {"type": type(outcome.error).__name__, "message": str(outcome.error)},
    }

"""What `wfsim run --json` says of one scenario."""

from __future__ import annotations

from typing import Any

from wfsim.clock import format_duration
from wfsim.scenario import AnswerReport, LoadedScenario, Outcome, RunReport
from wfsim.trace import Finding

__all__ = ["document"]


def document(scenario: LoadedScenario, outcome: Outcome, *, is_good: bool) -> dict[str, Any]:
    """Return one entry of `scenarios` in the document."""
    error = outcome.error
    return {
        "scenario": str(scenario.path),
        "ok": is_good,
        "virtual_time": format_duration(outcome.elapsed_us),
        "runs": [_run(run) for run in outcome.runs],
        "answers": [_answer(item) for item in outcome.answers],
        "entities": [
            {"entity_id": item.entity_id, "exists": item.exists, "state": item.state}
            for item in outcome.entities
        ],
        "mismatches": [
            {
                "instance_id": item.instance_id,
                "key": item.key,
                "wanted": item.wanted,
                "got": item.got,
            }
            for item in outcome.mismatches
        ],
        "findings": [_finding(finding) for finding in outcome.findings],
        "error": error and {"type": type(error).__name__, "message": str(error)},
    }


def _run(run: RunReport) -> dict[str, Any]:
    finished = None if run.finished_us is None else format_duration(run.finished_us)
    return {
        "instance_id": run.instance_id,
        "orchestrator": run.orchestrator,
        "status": run.status,
        "output": run.output,
        "custom_status": run.custom_status,
        "finished": finished,
        "waiting_for": run.waiting_for,
    }


def _answer(answer: AnswerReport) -> dict[str, Any]:
    return {
        "method": answer.method,
        "path": answer.path,
        "status": answer.status,
        "at": format_duration(answer.at_us),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "title": finding.title,
        "certain": finding.is_certain,
        "message": finding.message,
        "way_out": finding.way_out,
        "instance_id": finding.instance_id,
        "file": finding.place.file if finding.place else None,
        "line": finding.place.line if finding.place else None,
    }

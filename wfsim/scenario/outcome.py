"""What came of a scenario, as records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from wfsim.clock import format_duration
from wfsim.errors import WfsimError
from wfsim.history.jsontext import JsonValue
from wfsim.runs import OrchestrationRun
from wfsim.scenario.expect import Mismatch
from wfsim.trace import Finding, Trace

__all__ = ["AnswerReport", "EntityReport", "Outcome", "RunReport", "report_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """One orchestration at the end of a scenario."""

    instance_id: str
    orchestrator: str
    status: str
    output: JsonValue
    custom_status: JsonValue
    finished_us: int | None
    """When it ended, since the scenario's start."""
    waiting_for: dict[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerReport:
    """The answer to one request of a scenario."""

    method: str
    path: str
    status: int | None
    """None if there was no answer yet when the scenario ended."""
    at_us: int
    """When it was asked, since the scenario's start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityReport:
    """An entity that the scenario names, at its end."""

    entity_id: str
    exists: bool
    state: JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a scenario."""

    runs: tuple[RunReport, ...]
    answers: tuple[AnswerReport, ...]
    entities: tuple[EntityReport, ...]
    mismatches: tuple[Mismatch, ...]
    findings: tuple[Finding, ...]
    error: WfsimError | None
    """What stopped the scenario early, if something did."""
    elapsed_us: int
    trace: Trace

    @property
    def is_good(self) -> bool:
        """Whether everything is as it should be; findings that are not certain do not count."""
        certain = any(finding.is_certain for finding in self.findings)
        return self.error is None and not self.mismatches and not certain


def report_of(run: OrchestrationRun, orchestrator: str, begin_us: int) -> RunReport:
    """Return what became of a run.

    Args:
        run: Its handle.
        orchestrator: Its name as the scenario has it, should it have been purged.
        begin_us: The scenario's start, in microseconds since 1970.
    """
    if run.is_purged:
        return RunReport(
            instance_id=run.instance_id,
            orchestrator=orchestrator,
            status="Purged",
            output=None,
            custom_status=None,
            finished_us=None,
            waiting_for={},
        )
    waiting = {kind: [_words(item) for item in items] for kind, items in run.waiting_for.items()}
    return RunReport(
        instance_id=run.instance_id,
        orchestrator=run.name,
        status=str(run.status),
        output=run.output,
        custom_status=run.custom_status,
        finished_us=None if run.finished_us is None else run.finished_us - begin_us,
        waiting_for=waiting,
    )


def _words(item: object) -> str:
    if isinstance(item, timedelta):
        return format_duration(item // timedelta(microseconds=1))
    return str(item)

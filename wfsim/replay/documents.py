"""Verdicts for machines: one JSON document, or JUnit XML, written as they come."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Any, Protocol, Self
from xml.sax.saxutils import escape, quoteattr

from wfsim.history.printable import printable
from wfsim.replay.results import Difference, ReplayResult, Verdict
from wfsim.replay.summary import Group, Summary
from wfsim.replay.text import difference_lines

__all__ = ["JUnitWriter", "JsonWriter", "Writer"]


class Writer(Protocol):
    """Takes verdicts one by one, so that memory does not grow with their number."""

    def add(self, result: ReplayResult) -> None:
        """Take one verdict."""
        ...

    def finish(self, summary: Summary) -> None:
        """Write what stands at the end."""
        ...


class JsonWriter:
    """Writes `{"histories": […], "groups": […], "counts": {…}}`.

    Args:
        stream: Where to.
    """

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._count = 0

    def add(self, result: ReplayResult) -> None:
        """Write one entry of `histories`."""
        self._stream.write('{"histories": [\n' if self._count == 0 else ",\n")
        self._stream.write(json.dumps(_result(result), ensure_ascii=False))
        self._count += 1

    def finish(self, summary: Summary) -> None:
        """Write groups and counts."""
        self._stream.write('{"histories": [' if self._count == 0 else "\n")
        groups = json.dumps([_group(group) for group in summary.groups], ensure_ascii=False)
        counts = json.dumps({str(verdict): summary.counts[verdict] for verdict in Verdict})
        self._stream.write(f'],\n"groups": {groups},\n"counts": {counts}}}\n')


class JUnitWriter:
    """Writes JUnit XML: a test case for each history, those that would break as failures.

    The counts stand at the top of such a file, so cases wait in a temporary one.

    Args:
        path: The file to write, at the end and at once.
        suite: How the suite is called.
    """

    def __init__(self, path: Path, suite: str) -> None:
        self._path = path
        self._suite = suite
        self._cases = TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed in __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._cases.close()

    def add(self, result: ReplayResult) -> None:
        """Write one test case."""
        case = f"classname={_attribute(result.name or 'unread')} name={_attribute(_title(result))}"
        body = _case_body(result)
        self._cases.write(f"    <testcase {case}>{body}</testcase>\n" if body else "")
        if not body:
            self._cases.write(f"    <testcase {case}/>\n")

    def finish(self, summary: Summary) -> None:
        """Write the file."""
        failures = sum(summary.counts[verdict] for verdict in Verdict if verdict.is_bad)
        errors = summary.counts[Verdict.NOT_REPLAYABLE]
        numbers = f'tests="{summary.total}" failures="{failures}" errors="{errors}"'
        self._cases.seek(0)
        part = self._path.with_name(f".{self._path.name}.part")
        with part.open("w", encoding="utf-8") as stream:
            stream.write('<?xml version="1.0" encoding="utf-8"?>\n')
            stream.write(f"<testsuites {numbers}>\n")
            stream.write(f"  <testsuite name={_attribute(self._suite)} {numbers}>\n")
            for line in self._cases:
                stream.write(line)
            stream.write("  </testsuite>\n</testsuites>\n")
        part.replace(self._path)


def _case_body(result: ReplayResult) -> str:
    if result.verdict is Verdict.NOT_REPLAYABLE:
        return f"<error message={_attribute(result.why)}/>"
    if result.difference is not None:
        lines = "\n".join(printable(line) for line in difference_lines(result.difference))
        message = result.difference.cause or result.difference.replayed
        kind = f"{result.verdict}: {result.difference.kind}"
        return (
            f"<failure type={_attribute(kind)} message={_attribute(message)}>"
            f"{escape(lines)}</failure>"
        )
    if result.warnings:
        texts = [f"{item.kind}: {item.recorded} → {item.replayed}" for item in result.warnings]
        return f"<system-out>{escape(printable('; '.join(texts)))}</system-out>"
    return ""


def _title(result: ReplayResult) -> str:
    return f"{result.source} {result.instance_id}".strip()


def _attribute(text: str) -> str:
    return quoteattr(printable(text))


def _result(result: ReplayResult) -> dict[str, Any]:
    return {
        "file": result.source.path,
        "position": result.source.position,
        "orchestrator": result.name,
        "instance_id": result.instance_id,
        "verdict": result.verdict,
        "events": result.events,
        "turn_borders": result.turns,
        "difference": None if result.difference is None else _difference(result.difference),
        "warnings": [_difference(item) for item in result.warnings],
        "not_compared": list(result.not_compared),
        "why": result.why,
    }


def _difference(found: Difference) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "turn": found.turn,
        "step": found.step,
        "recorded": found.recorded,
        "today": found.replayed,
        "file": None if found.place is None else found.place.file,
        "line": None if found.place is None else found.place.line,
        "cause": found.cause,
        "host": found.host,
        "ways_out": list(found.ways_out),
        "steps": [
            {
                "step": row.step,
                "recorded": row.recorded,
                "today": row.replayed,
                "differs": row.differs,
            }
            for row in found.rows
        ],
    }


def _group(group: Group) -> dict[str, Any]:
    return {
        "verdict": group.verdict,
        "orchestrator": group.name,
        "count": group.count,
        "headline": group.headline,
        "difference": None if group.difference is None else _difference(group.difference),
        "samples": [
            {"file": source.path, "position": source.position, "instance_id": whose}
            for source, whose in group.samples
        ],
    }

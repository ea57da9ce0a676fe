"""Findings as text that people like to read, as JSON, and as GitHub's annotations."""

from __future__ import annotations

import json
from collections import Counter

from wfsim.history.printable import printable
from wfsim.lint.records import Finding, Report, relative
from wfsim.lint.rules import RULES, Rule

__all__ = ["as_github", "as_json", "as_text", "explain"]


def as_text(report: Report) -> str:
    """Return each finding with its line and the way out, and a summary."""
    parts = [_block(finding) for finding in report.findings]
    parts.append(_summary(report))
    return "\n\n".join(parts) + "\n"


def _block(finding: Finding) -> str:
    rule = RULES[finding.code]
    place = f"{relative(finding.path)}:{finding.line}:{finding.column}"
    lines = [f"{place} {finding.code} {printable(finding.message)}"]
    if source := finding.source:
        number = str(finding.line)
        shown = printable(source.expandtabs(4))
        start = len(source[: finding.column - 1].expandtabs(4))
        end = finding.end_column - 1 if finding.end_line == finding.line else len(source)
        width = max(1, len(source[:end].expandtabs(4)) - start)
        lines += [
            f"  {number} | {shown}",
            f"  {' ' * len(number)} | {' ' * start}{'^' * width}",
        ]
    if reached := _reached(finding):
        lines.append(f"  {reached}")
    lines.append(f"  help: {rule.way_out}")
    return "\n".join(lines)


def _reached(finding: Finding) -> str:
    """Return who leads to the function, where it is a helper."""
    if len(finding.trail) < 2:
        return ""
    first, *way = finding.trail
    return f"called from `{first}` via {', '.join(f'`{name}`' for name in way)}"


def _summary(report: Report) -> str:
    files = f"{report.files} file{'s' if report.files != 1 else ''}"
    if not report.findings:
        return f"No hazards in {files}; {report.functions} functions of workflows were followed."
    codes = Counter(finding.code for finding in report.findings)
    listed = ", ".join(f"{code} {count}" for code, count in sorted(codes.items()))
    total = len(report.findings)
    return (
        f"{total} finding{'s' if total != 1 else ''} in {files}: {listed}.\n"
        "'wfsim lint --explain CODE' says more."
    )


def as_json(report: Report) -> str:
    """Return one JSON document."""
    findings = [
        {
            "code": finding.code,
            "name": RULES[finding.code].name,
            "severity": RULES[finding.code].severity,
            "message": finding.message,
            "path": relative(finding.path),
            "line": finding.line,
            "column": finding.column,
            "end_line": finding.end_line,
            "end_column": finding.end_column,
            "trail": list(finding.trail),
            "help": RULES[finding.code].way_out,
        }
        for finding in report.findings
    ]
    document = {"files": report.files, "functions": report.functions, "findings": findings}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def as_github(report: Report) -> str:
    """Return workflow commands, which GitHub shows beside the lines of a pull request."""
    lines: list[str] = []
    for finding in report.findings:
        rule = RULES[finding.code]
        kind = {"error": "error", "warning": "warning", "note": "notice"}[rule.severity]
        reached = _reached(finding)
        text = ". ".join(filter(None, (finding.message, reached))) + f". {rule.way_out}"
        place = (
            f"file={_property(relative(finding.path))},line={finding.line},"
            f"col={finding.column},endLine={finding.end_line},endColumn={finding.end_column},"
            f"title={_property(f'{finding.code} {rule.name}')}"
        )
        lines.append(f"::{kind} {place}::{_data(text)}\n")
    return "".join(lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def explain(rule: Rule) -> str:
    """Return what a rule is about."""
    return (
        f"{rule.code} ({rule.name}), {rule.severity}\n\n"
        f"{rule.summary}\n\n"
        f"Why: {rule.why}\n\n"
        f"Way out: {rule.way_out}\n\n"
        f"To silence one line: # noqa: {rule.code}\n"
    )

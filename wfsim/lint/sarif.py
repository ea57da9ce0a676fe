"""Findings as SARIF 2.1.0, which code scanning services read."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final
from urllib.parse import quote

from wfsim.lint.records import Finding, Report, relative
from wfsim.lint.rules import RULES, Rule

__all__ = ["as_sarif"]

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def as_sarif(report: Report) -> str:
    """Return one SARIF log with one run, which describes all rules."""
    run = {
        "tool": {
            "driver": {
                "name": "wfsim lint",
                "semanticVersion": _version(),
                "rules": [_rule(rule) for rule in RULES.values()],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding) for finding in report.findings],
    }
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.way_out},
        "defaultConfiguration": {"level": rule.severity},
    }


def _result(finding: Finding) -> dict[str, object]:
    rule = RULES[finding.code]
    text = finding.message
    if len(finding.trail) > 1:
        text += f" (from `{finding.trail[0]}`)"
    return {
        "ruleId": finding.code,
        "ruleIndex": list(RULES).index(finding.code),
        "level": rule.severity,
        "message": {"text": text},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(finding.path)},
                    "region": {
                        "startLine": finding.line,
                        "startColumn": finding.column,
                        "endLine": finding.end_line,
                        "endColumn": finding.end_column,
                    },
                },
                "logicalLocations": [{"name": name, "kind": "function"} for name in finding.trail],
            }
        ],
    }


def _uri(path: Path) -> str:
    shown = relative(path)
    return Path(shown).as_uri() if Path(shown).is_absolute() else quote(shown)


def _version() -> str:
    try:
        return version("wfsim")
    except PackageNotFoundError:
        return "0.0.0"

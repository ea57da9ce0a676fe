"""The SARIF log has the shape that version 2.1.0 asks for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.lint.marks import FIXTURES
from wfsim.lint import RULES, Finding, Report, lint
from wfsim.lint.sarif import as_sarif


def _log(report: Report) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(as_sarif(report))
    return document


def test_the_log_describes_its_rules() -> None:
    """A log without results names version, schema, the tool and all rules in order."""
    log = _log(Report(findings=(), files=1, functions=0))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    assert run["results"] == []
    driver = run["tool"]["driver"]
    assert driver["name"] == "wfsim lint"
    assert [rule["id"] for rule in driver["rules"]] == list(RULES)
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")


def test_results_point_to_rules_and_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """A result has its rule, a relative address, a region that begins at 1, and who leads there."""
    monkeypatch.chdir(FIXTURES)
    report = lint([Path("DURABLE0003/bad_across")])
    (run,) = _log(report)["runs"]
    (result,) = run["results"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    assert (result["ruleId"], result["level"]) == ("DURABLE0003", "error")
    assert "`poll`" in result["message"]["text"]
    (location,) = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "DURABLE0003/bad_across/waits.py"},
        "region": {"startLine": 11, "startColumn": 5, "endLine": 11, "endColumn": 19},
    }
    assert [place["name"] for place in location["logicalLocations"]] == [
        "poll",
        "back_off",
        "_nap",
    ]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        (Path("/elsewhere/a b.py"), "file:///elsewhere/a%20b.py"),
        (Path("a b.py"), "a%20b.py"),
    ],
)
def test_addresses_are_uris(path: Path, uri: str) -> None:
    """A path outside the folder becomes a file URI, one inside a relative one; both are quoted."""
    finding = Finding(
        code="WF213", message="m", path=path, line=1, column=1, end_line=1, end_column=2
    )
    (run,) = _log(Report(findings=(finding,), files=1, functions=1))["runs"]
    location = run["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == uri

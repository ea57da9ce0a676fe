"""Expectations that stand in fixtures: `# expect: CODE`, or `# expect: CODE, CODE`."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from wfsim.lint import Report

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "fixtures" / "lint"
RULE_FOLDERS = sorted(path for path in FIXTURES.iterdir() if path.is_dir())

_MARK = re.compile(r"# expect: (?P<codes>\w+(?:, \w+)*)$")


def cases(kind: str) -> list[Path]:
    """Return the files and folders of one kind, `bad` or `good`."""
    return [path for folder in RULE_FOLDERS for path in sorted(folder.glob(f"{kind}*"))]


def case_id(path: Path) -> str:
    """Return how pytest names a case."""
    return path.relative_to(FIXTURES).as_posix()


def expected(path: Path) -> Counter[tuple[str, int, str]]:
    """Return what the marks of a file or folder say: file, line and code."""
    files = [path] if path.is_file() else sorted(path.rglob("*.py"))
    return Counter(
        (file.name, number, code)
        for file in files
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if (mark := _MARK.search(line))
        for code in mark["codes"].split(", ")
    )


def found(report: Report) -> Counter[tuple[str, int, str]]:
    """Return the findings in the same shape."""
    return Counter((finding.path.name, finding.line, finding.code) for finding in report.findings)

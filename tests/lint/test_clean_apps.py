"""Apps without hazards give no finding; apps with planted bugs give those that can be read."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.lint.marks import ROOT, found
from wfsim.lint import lint

APPS = sorted(
    path.parent
    for path in (ROOT / "fixtures" / "apps").rglob("function_app.py")
    if not {"broken", "bad"} & set(path.parts)
)
BUGS = ROOT / "fixtures" / "bugs"
FIXED = sorted(path for path in BUGS.iterdir() if path.name.endswith("_fixed"))
READABLE = {
    "archive_bucket_environ": {"DURABLE0006"},
    "audit_is_replaying": {"WF210"},
    "claim_without_yield_from": {"WF204"},
    "direct_order": {"DURABLE0010", "WF208"},
    "dispatch_yielded_list": {"WF203"},
    "invoice_counter": {"WF209"},
    "late_fee_now": {"DURABLE0001"},
    "lease_hostname": {"WF217"},
    "newsletter_set_order": {"WF205"},
    "nightly_export_time": {"DURABLE0001"},
    "offer_typo_in_branch": {"DURABLE2003"},
    "onboard_leftover_timer": {"WF214"},
    "payroll_spool_file": {"DURABLE0005", "WF217"},
    "poll_jitter_random": {"WF216"},
    "report_folder_at_import": {"DURABLE0002"},
    "scan_default_argument": {"WF207"},
    "shard_by_hash": {"WF206"},
    "shipment_uuid": {"DURABLE0002"},
    "staging_table_pid": {"WF217"},
    "takings_bare_except": {"WF211"},
    "tariff_cache": {"WF209"},
    "welcome_fire_and_forget": {"WF202"},
}
"""What reading tells of the planted bugs; the others only show when they run."""
BROKEN = {
    "wf103_open_timer": "WF214",
    "wf104_unyielded_task": "WF202",
    "wf105_unknown_activity": "DURABLE2003",
    "wf106_unknown_orchestrator": "DURABLE2004",
    "wf108_growing_history": "DURABLE0011",
    "wf110_is_replaying": "WF210",
    "wf110_now": "DURABLE0001",
    "wf110_random": "WF216",
    "wf110_set_order": "WF205",
    "wf110_uuid4": "DURABLE0002",
    "wf112_missing_yield_from": "WF204",
    "wf115_yielded_list": "WF203",
    "wf120_environment": "DURABLE0006",
}


@pytest.mark.parametrize("path", [*APPS, *FIXED], ids=lambda path: path.name)
def test_clean_apps_give_no_finding(path: Path) -> None:
    """An app whose simulation reports nothing gives no finding here either."""
    assert found(lint([path])) == {}


def test_clean_workflows_give_no_finding() -> None:
    """The workflows that run in process give no finding."""
    report = lint([ROOT / "fixtures" / "workflows"])
    assert found(report) == {}
    assert report.functions > 5


@pytest.mark.slow
def test_planted_bugs_are_found_where_reading_can_tell() -> None:
    """Of the apps with planted bugs, exactly those that can be read give their codes."""
    codes: dict[str, set[str]] = {}
    for finding in lint([BUGS]).findings:
        codes.setdefault(finding.path.parent.name, set()).add(finding.code)
    assert codes == READABLE


def test_broken_apps_are_found_where_reading_can_tell() -> None:
    """Of the apps that show the findings of simulations, exactly these give a code here."""
    report = lint([ROOT / "fixtures" / "apps" / "broken"])
    assert Counter({f.path.parent.name: 1 for f in report.findings}) == Counter(list(BROKEN))
    assert {f.path.parent.name: f.code for f in report.findings} == BROKEN

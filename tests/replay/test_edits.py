"""Pairs of code versions: every edit that breaks instances is named, and no other one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.replay.midpoint import EDITS, Edit, midpoint
from wfsim.replay import Replayer, ReplayResult

_ONLY_IN_A_CORPUS = {"retry_added"}
"""What no history of Azure shows."""


def _found(result: ReplayResult) -> tuple[str, str, int | None]:
    """Return verdict, kind and line of the difference, or of the only warning."""
    differences = [result.difference] if result.difference else list(result.warnings)
    assert len(differences) <= 1, result
    if not differences:
        return str(result.verdict), "", None
    place = differences[0].place
    assert place is not None
    return str(result.verdict), str(differences[0].kind), place.line


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_each_edit_is_what_it_is(edit: Edit) -> None:
    """From a history that ends in the middle: verdict, kind and line, and nothing on good edits."""
    with Replayer(edit.new) as replayer:
        verdict, kind, line = _found(replayer.replay(midpoint(edit)))
    assert (verdict, kind) == (edit.verdict, edit.kind)
    if edit.line is not None:
        assert line == edit.line


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_what_azure_keeps_is_enough(edit: Edit) -> None:
    """Without retry policies and waits, and without inputs, the same edits break instances."""
    history = replace(midpoint(edit), waits=None, retries=None)
    with Replayer(edit.new) as replayer:
        result = replayer.replay(history)
    if edit.name in _ONLY_IN_A_CORPUS:
        assert result.verdict == "compatible"
    else:
        assert result.verdict == edit.verdict


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_old_code_takes_its_history_over(edit: Edit) -> None:
    """Where nothing was edited, nothing is said."""
    with Replayer(edit.folder / "old") as replayer:
        assert _found(replayer.replay(midpoint(edit))) == ("compatible", "", None)


def test_there_are_enough_of_each() -> None:
    """Eleven edits that break instances, seven that do not, three that the host tolerates."""
    verdicts = [edit.verdict for edit in EDITS.values()]
    counts = {verdict: verdicts.count(verdict) for verdict in set(verdicts)}
    assert counts == {"incompatible": 11, "compatible": 7, "warning": 3, "stuck": 1}


def test_each_cause_is_told_in_words() -> None:
    """What was done to the code is said as one would say it."""
    causes: dict[str, str] = {}
    for edit in EDITS.values():
        with Replayer(edit.new) as replayer:
            difference = replayer.replay(midpoint(edit)).difference
        if difference is not None:
            causes[edit.name] = difference.cause
    assert causes == {
        "all_removed": "all steps were removed: activity 'clean'",
        "fan_out_order": "order changed: the same steps are taken one for another",
        "first_removed": "the first step was removed: activity 'reserve'",
        "last_removed": "the last step was removed: activity 'announce'",
        "loop_bound": ("a loop ends earlier: activity 'ping' comes 2 times, where it came 3 times"),
        "made_parallel": (
            "call_activity book_hotel comes at once now, where the recorded code waited"
        ),
        "other_event": (
            "the recorded code waits for event 'approval', today's waits for event "
            "'manager_approval'"
        ),
        "other_sub_orchestration": (
            "sub-orchestration 'pay_by_card' is 'pay_by_invoice' now (renamed, or another one is "
            "called)"
        ),
        "renamed_activity": (
            "activity 'scan' is 'scan_for_viruses' now (renamed, or another one is called)"
        ),
        "swap": "order changed: activity 'check_address' moved",
        "timer_first": "timer of 5m was inserted before activity 'collect'",
        "wait_removed": (
            "nothing would run it again: the recorded code waits, and today's has nothing left "
            "to wait for"
        ),
    }

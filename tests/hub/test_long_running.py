"""A hub that runs for days: what it remembers stays small."""

from __future__ import annotations

from wfsim.clock import VirtualClock
from wfsim.hub.agenda import Agenda
from wfsim.hub.hub import Hub
from wfsim.hub.settings import HostSettings
from wfsim.loop import VirtualLoop
from wfsim.trace import Finding

MANY = 12_000


def _nothing() -> None:
    pass


class _Timer:
    """Something on the agenda that may become stale, and counts how often it is asked."""

    asked = 0
    is_over = False

    def is_stale(self) -> bool:
        self.asked += 1
        return self.is_over


def test_the_agenda_lets_go_of_what_is_stale() -> None:
    """Stale entries behind a live one are dropped when half are; the others keep their order."""
    agenda, timers = Agenda(), [_Timer() for _ in range(6)]
    for due_us, timer in zip((5, 1, 4, 2, 3, 4), timers, strict=True):
        agenda.add(due_us, f"at {due_us}", _nothing, is_stale=timer.is_stale)
    for timer in (timers[0], timers[2], timers[5]):
        timer.is_over = True
    agenda.expect_stale(3)
    assert {timer.asked for timer in timers} == {0}
    agenda.expect_stale(1)
    assert {timer.asked for timer in timers} == {1}
    assert [entry.label for entry in agenda.pending()] == ["at 1", "at 2", "at 3"]
    assert [timer.asked for timer in timers] == [1, 2, 1, 2, 2, 1]
    assert [entry.due_us for entry in agenda.take_due(9)] == [1, 2, 3]


def test_looking_for_what_is_stale_pays_off() -> None:
    """Over thousands of timers each is asked a few times, however many others stay."""
    agenda, timers = Agenda(), [_Timer() for _ in range(3_000)]
    for timer in timers:
        agenda.add(9, "timer", _nothing, is_stale=timer.is_stale)
    for timer in timers:
        timer.is_over = True
        agenda.expect_stale(1)
    assert sum(timer.asked for timer in timers) < 3 * len(timers)


def test_findings_of_long_ago_are_forgotten() -> None:
    """Where old records are forgotten so are old findings; the newest are known again."""
    clock = VirtualClock()
    loop = VirtualLoop(clock)
    hub = Hub(
        clock,
        loop,
        schedule=None,
        seed=0,
        settings=HostSettings(),
        max_steps=100,
        replay=False,
        keep_records=10,
    )
    for number in (*range(MANY), MANY - 1):
        finding = Finding(code="WF101", message="m", way_out="w", instance_id=f"{number}")
        hub.report(finding)
    assert hub.trace.findings_made == MANY
    kept = hub.trace.findings
    assert [finding.instance_id for finding in hub.trace.findings_after(MANY - 1)] == ["11999"]
    assert hub.trace.findings_after(0) == kept
    assert 10_000 <= len(kept) < MANY
    loop.close()

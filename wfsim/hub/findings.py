"""What a simulation finds fault with: written down once, and after what it is about."""

from __future__ import annotations

from wfsim.clock import VirtualClock
from wfsim.trace import Finding, FindingMade, Place, Trace

__all__ = ["Findings"]

_MOST_FINDINGS = 10_000
"""So many findings a host that runs for days knows again."""


class Findings:
    """Writes findings into a trace, each of them once.

    Args:
        trace: Where to.
        clock: Shows when.
        forgets: Whether the oldest are forgotten, and so reported again, once there are many.
    """

    def __init__(self, trace: Trace, clock: VirtualClock, *, forgets: bool) -> None:
        self._trace = trace
        self._clock = clock
        self._forgets = forgets
        self._held: list[Finding] | None = None
        self._known: dict[tuple[str, str, str, Place | None], None] = {}

    def report(self, finding: Finding) -> None:
        """Record a finding, once."""
        key = (finding.code, finding.instance_id, finding.message, finding.place)
        if key in self._known:
            return
        self._known[key] = None
        if self._forgets and len(self._known) > _MOST_FINDINGS:
            del self._known[next(iter(self._known))]
        if self._held is None:
            self._trace.add(FindingMade(at_us=self._clock.now_us, finding=finding))
        else:
            self._held.append(finding)

    def hold(self) -> list[Finding] | None:
        """Keep findings back: what they are about is not in the trace yet.

        Returns what `let_go` wants to have.
        """
        outer, self._held = self._held, []
        return outer

    def let_go(self, outer: list[Finding] | None) -> list[Finding]:
        """Keep no more back; return what was, for `release` to record."""
        held, self._held = self._held or [], outer
        return held

    def release(self, findings: list[Finding]) -> None:
        """Record findings that were held back."""
        for finding in findings:
            self._trace.add(FindingMade(at_us=self._clock.now_us, finding=finding))

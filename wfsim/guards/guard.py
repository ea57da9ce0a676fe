"""The guard of one simulation: collects what its orchestrators ask the world for, and tells."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import FrameType, ModuleType
from typing import Final, Literal

from wfsim.errors import FindingError, NonDeterminismError, WorkflowError
from wfsim.guards.frames import doing
from wfsim.guards.sources import WORDS, Kind, stronger
from wfsim.guards.tripwires import ENVIRONMENT, Wires
from wfsim.guards.watch import call_watch
from wfsim.trace import Finding, Place

__all__ = ["GUARD_CODE", "Guard", "GuardMode"]

GuardMode = Literal["warn", "error", "off"]
GUARD_CODE: Final = "WF120"


@dataclass(slots=True)
class _Seen:
    kind: Kind
    name: str


class Guard:
    """Watches orchestrators while they run.

    Each call is told once in a simulation, with the run that came upon it first.

    Args:
        modules: The app's.
        is_error: Whether a finding stops the simulation.
        report: Takes findings.
        fail: Takes what the next operation is to raise.
    """

    def __init__(
        self,
        modules: Iterable[ModuleType],
        *,
        is_error: bool,
        report: Callable[[Finding], None],
        fail: Callable[[WorkflowError], None],
    ) -> None:
        self.is_error = is_error
        self.calls = call_watch()
        self._wires = Wires(modules)
        self._report = report
        self._fail = fail
        self._seen: dict[Place, list[_Seen]] = {}
        self._untold: dict[Place, list[_Seen]] = {}
        self._explained: set[tuple[str, int]] = set()
        self._who = "", ""
        self._thread = threading.get_ident()

    def watching(self, name: str, instance_id: str) -> AbstractContextManager[None]:
        """Listen meanwhile to what one orchestrator does."""
        self._who = name, instance_id
        self._thread = threading.get_ident()
        return self._wires.up(self.hear)

    def step(self, place: Hashable, run: Callable[[], object]) -> object:
        """Let the orchestrator take a step, see `CallWatch.step`."""
        return self.calls.step((self._who[0], place), run)

    def hear(self, kind: Kind, name: str, frame: FrameType | None) -> None:
        """Take that something is asked for.

        Args:
            kind: What it is.
            name: The function of Python that does it.
            frame: Where it is called.
        """
        if threading.get_ident() != self._thread:
            return
        what = doing(frame)
        if what is None:
            return
        called = what.name or what.clock or name
        if called.startswith("uuid."):
            kind = "uuid"
        known = self._seen.setdefault(what.place, [])
        for seen in known:
            if seen.name == called or seen.kind == kind:
                seen.kind = stronger(seen.kind, kind)
                return
        found = _Seen(kind, called)
        known.append(found)
        self._untold.setdefault(what.place, []).append(found)

    def tell(self, error: NonDeterminismError | None = None) -> None:
        """Report what was heard, but for what a replay has found out already.

        Args:
            error: What the replay check has to say of the same episode.
        """
        if error is not None and error.cause_file:
            self._explained.add((error.cause_file, error.cause_line))
        if not self._untold:
            return
        untold, self._untold = self._untold, {}
        findings = [
            self._finding(seen, place)
            for place, calls in untold.items()
            if (place.file, place.line) not in self._explained
            for seen in calls
        ]
        for finding in findings:
            self._report(finding)
        if findings and self.is_error:
            problem = FindingError("\n".join(map(str, findings)))
            problem.findings = tuple(findings)
            self._fail(problem)

    def is_told(self, finding: Finding) -> bool:
        """Whether an error says already what a finding of a guard says."""
        if finding.code != GUARD_CODE or finding.place is None:
            return False
        return self.is_error or (finding.place.file, finding.place.line) in self._explained

    def _finding(self, seen: _Seen, place: Place) -> Finding:
        name, instance_id = self._who
        words = WORDS[seen.kind]
        return Finding(
            code=GUARD_CODE,
            message=f"{name} {instance_id!r} {words.does}{_shown(seen.name)}.",
            way_out=words.way_out,
            instance_id=instance_id,
            place=place,
        )


def _shown(name: str) -> str:
    if not name:
        return ""
    return f": {name}" if name.startswith(ENVIRONMENT) else f": {name}()"

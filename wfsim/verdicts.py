"""What was left behind at the end of a simulation, and what findings do."""

from __future__ import annotations

import contextlib
import inspect
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from wfsim.errors import FindingError, UsageError, WfsimWarning, nearest
from wfsim.history import RuntimeStatus
from wfsim.hub.entities import owes_answer
from wfsim.hub.hub import Hub
from wfsim.hub.instance import Instance
from wfsim.hub.worker import Waiting
from wfsim.trace import Finding, Place
from wfsim.workers.azure_functions.guarded import is_told_by_error

__all__ = ["TOO_OFTEN", "FindingPolicy", "Verdicts"]

TOO_OFTEN = "It waits for that name fewer times than the event came."
"""What the way out of WF102 says of an event that was waited for, and came once more."""

FindingPolicy = Literal["default", "error", "warn", "ignore"]
_POLICIES = ("default", "error", "warn", "ignore")

_OURS = (str(Path(__file__).parent), str(contextlib.__file__))

_RAISED_AS_ERRORS = frozenset({"WF109", "WF110"})
"""Findings that an operation has raised already, as an exception of their own."""


class Verdicts:
    """Looks at what was left behind, and raises or warns.

    Args:
        hub: The task hub.
        policy: See `Simulation`.
    """

    def __init__(self, hub: Hub, policy: FindingPolicy) -> None:
        if policy not in _POLICIES:
            raise UsageError(f"findings={policy!r} must be one of {', '.join(_POLICIES)}.")
        self._hub = hub
        self._policy = policy
        self._handled: int = 0

    def conclude(self) -> None:
        """Report runs that cannot go on, and events that nobody waited for.

        Histories of which no replay has seen the end yet are replayed first.
        """
        is_idle = self._hub.is_idle
        for instance in list(self._hub.instances.values()):
            episode, outcome = instance.last_episode, instance.last_pass
            if episode is not None and outcome is not None and not instance.status.is_final:
                self._hub.verify(episode, outcome.walk, is_last=True)
        told = {item.instance_id for item in self._hub.trace.findings if item.is_certain}
        for instance in list(self._hub.instances.values()):
            for finding in self._left_behind(instance, told, is_idle=is_idle):
                self._hub.report(finding)
                if finding.is_certain:
                    told.add(instance.instance_id)

    def raise_or_warn(self, *, final: bool = False) -> None:
        """Treat the findings that came up since the last call as the policy says.

        Raises:
            FindingError: there are some that count as errors.
        """
        trace = self._hub.trace
        if trace.findings_made == self._handled:
            return
        new = [
            item
            for item in trace.findings_after(self._handled)
            if item.code not in _RAISED_AS_ERRORS and not is_told_by_error(self._hub.worker, item)
        ]
        raised: list[Finding] = []
        if self._policy in {"default", "error"}:
            raised = [item for item in new if item.is_certain or self._policy == "error"]
        if not final:
            # What may still turn out well waits for the end; a bug that is certain does not.
            if any(item.is_certain for item in raised):
                self._handled = trace.findings_made
                self._raise(raised)
            return
        self._handled = trace.findings_made
        if raised:
            self._raise(raised)
        if self._policy in {"default", "warn"}:
            for item in new:
                place = item.place or _caller()
                warnings.warn_explicit(str(item), WfsimWarning, place.file, place.line)

    def _raise(self, findings: list[Finding]) -> None:
        error = FindingError("\n".join(str(item) for item in findings))
        error.findings = tuple(findings)
        raise error

    # --- what was left behind -------------------------------------------------------------------

    def _left_behind(
        self, instance: Instance, told: set[str], *, is_idle: bool
    ) -> Iterator[Finding]:
        """Yield what is wrong with an instance; of those told of, a finding says it already."""
        episode = instance.last_episode
        if episode is None or instance.status is RuntimeStatus.SUSPENDED:
            return
        may_be_stuck = is_idle and not instance.status.is_final
        if not instance.events_raised and not may_be_stuck:
            return
        waiting = instance.last_waiting or self._hub.worker.waiting(episode)
        unclaimed = self._unclaimed(instance, waiting)
        for name in unclaimed:
            yield _nobody_waited(instance, name, waiting)
        if may_be_stuck and instance.instance_id not in told and not self._can_go_on(instance):
            yield _stuck(instance, waiting, unclaimed)

    def _unclaimed(self, instance: Instance, waiting: Waiting) -> list[str]:
        raised = Counter(name for name, _ in instance.events_raised)
        return sorted((raised - Counter(waiting.events_taken)).elements())

    def _can_go_on(self, instance: Instance) -> bool:
        """Whether something will still reach the instance."""
        is_open = instance.last_pass is not None and bool(instance.last_pass.context.open_tasks)
        return is_open or owes_answer(self._hub, instance.instance_id)


def _caller() -> Place:
    """Return the line that called wfsim: what a warning without a place of its own points at."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_code.co_filename.startswith(_OURS):
        frame = frame.f_back
    if frame is None:
        return Place(file=__file__, line=1)
    return Place(file=frame.f_code.co_filename, line=frame.f_lineno)


def _nobody_waited(instance: Instance, name: str, waiting: Waiting) -> Finding:
    others = [asked for asked in waiting.events_asked if asked != name]
    hint = nearest(name, others) if others else " It waits for no event at all."
    if name in waiting.events_asked:
        hint = f" {TOO_OFTEN}"
    return Finding(
        code="WF102",
        message=f"The event {name!r} reached {instance.name} {instance.instance_id!r}, which "
        "did not wait for it.",
        way_out=f"Names are compared exactly, case included.{hint}",
        instance_id=instance.instance_id,
        place=waiting.place,
    )


def _stuck(instance: Instance, waiting: Waiting, unclaimed: list[str]) -> Finding:
    walk = None if instance.last_pass is None else instance.last_pass.walk
    who = f"{instance.name} {instance.instance_id!r}"
    if walk is not None and walk.runs_ahead:
        names = ", ".join(map(repr, walk.waiting_events)) or "an earlier step"
        return Finding(
            code="WF113",
            message=f"{who} has gone on past a wait that its host still makes, for {names}: "
            "nothing that it does now is carried out.",
            way_out="Three causes are known: an early event that two waits in a row took; a task "
            "that was yielded before and is yielded again in a new task_any; and a timer that was "
            "cancelled only after an entity had been called.",
            instance_id=instance.instance_id,
            place=waiting.place,
        )
    if waiting.events:
        names = ", ".join(map(repr, waiting.events))
        near = f" It did get {', '.join(map(repr, unclaimed))}." if unclaimed else ""
        return Finding(
            code="WF101",
            message=f"{who} waits for {names}, and nobody will send it.{near}",
            way_out="Raise the event, or wait in a task_any with a timer.",
            instance_id=instance.instance_id,
            place=waiting.place,
        )
    return Finding(
        code="WF113",
        message=f"{who} is {instance.status} and waits for nothing that can come.",
        way_out="Look at what it yielded last; a retry needs at least one attempt.",
        instance_id=instance.instance_id,
        place=waiting.place,
    )

"""Notices an app that never becomes idle, and says what loops."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from wfsim.clock import format_duration
from wfsim.errors import LivelockError
from wfsim.history.jsontext import shown
from wfsim.hub.decisions import (
    Complete,
    CreateSubOrchestration,
    CreateTimer,
    Decision,
    ScheduleTask,
    SendEvent,
)

__all__ = ["Guard"]

_SHOWN = 4
_FEWEST_REPEATS = 50
_REPEATS = 40
"""How many times fewer repetitions of one and the same step are tolerated than steps at all."""


Step = tuple[tuple[object, ...], ...]
"""What one episode decided, without the numbers of its decisions."""


@dataclass(slots=True)
class _Streak:
    now_us: int = -1
    steps: int = 0
    step: Step = ()
    repeats: int = 0
    latest: deque[Sequence[Decision]] = field(default_factory=lambda: deque(maxlen=_SHOWN))


class Guard:
    """Counts what each instance does at one instant of virtual time.

    Args:
        max_steps: Episodes (and generations) that one instance may have at one instant. Of
            episodes that decide the very same thing again, a fortieth is enough, but no fewer
            than 50.
        start_us: The simulation's start, for messages.
    """

    def __init__(self, *, max_steps: int, start_us: int) -> None:
        self._max_steps = max_steps
        self._max_repeats = max(_FEWEST_REPEATS, max_steps // _REPEATS)
        self._start_us = start_us
        self._streaks: dict[str, _Streak] = {}

    def step(self, name: str, instance_id: str, now_us: int, decisions: Sequence[Decision]) -> None:
        """Count one episode.

        Raises:
            LivelockError: the instance has made too many at this instant.
        """
        if not decisions:
            return
        streak = self._streaks.get(instance_id)
        if streak is None or streak.now_us != now_us:
            self._streaks[instance_id] = streak = _Streak(now_us=now_us)
        if len(decisions) == 1:
            step: Step = (_without_number(decisions[0], now_us),)
        else:
            step = tuple([_without_number(decision, now_us) for decision in decisions])
        streak.steps += 1
        streak.repeats = streak.repeats + 1 if step == streak.step else 1
        streak.step = step
        streak.latest.append(decisions)
        if streak.steps > self._max_steps or streak.repeats > self._max_repeats:
            raise self._error(name, instance_id, streak)

    def forget(self, instance_id: str) -> None:
        """Drop the counts of an instance that ended."""
        self._streaks.pop(instance_id, None)

    def _error(self, name: str, instance_id: str, streak: _Streak) -> LivelockError:
        when = format_duration(streak.now_us - self._start_us)
        said = ", then ".join(
            dict.fromkeys(
                "; ".join(_words(item, streak.now_us) for item in decisions[:_SHOWN])
                for decisions in streak.latest
            )
        )
        error = LivelockError(
            f"{name} {instance_id!r} never becomes idle: {streak.steps} episodes at T+{when}, "
            f"over and over: {said}.\n"
            "Let it wait (a timer longer than 0, an external event), or end the loop; if that many "
            f"steps are right, raise max_steps from {self._max_steps}."
        )
        error.instance_id = instance_id
        return error


def _without_number(decision: Decision, now_us: int) -> tuple[object, ...]:
    """Return what a decision asks for: equal for two that ask the same."""
    match decision:
        case ScheduleTask():
            return decision.name, decision.input
        case CreateTimer():
            return (max(0, decision.fire_at_us - now_us),)
        case CreateSubOrchestration():
            return decision.name, decision.input, "child"
        case SendEvent():
            return decision.instance_id, decision.name, decision.input
        case Complete():
            return decision.status, decision.result


def _words(decision: Decision, now_us: int) -> str:
    match decision:
        case ScheduleTask():
            return f"call activity {decision.name}({shown(decision.input, wrapped=True, width=40)})"
        case CreateTimer():
            ahead = max(0, decision.fire_at_us - now_us)
            return f"set a timer of {format_duration(ahead)}"
        case CreateSubOrchestration():
            return f"start child {decision.name}"
        case SendEvent():
            return f"send {decision.name} to {decision.instance_id}"
        case Complete():
            return f"{decision.status}({shown(decision.result, wrapped=True, width=40)})"

"""What may go wrong in production, as choices: crashes, deliveries that come twice, slowness.

The host promises at-least-once, and no more: whatever was not acknowledged is done again. Each
fault is a choice whose quiet answer comes first, so a run without faults is the same as ever, and a
run with some is repeated from its choices.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final, Literal

from wfsim.choices import Choices
from wfsim.errors import UsageError
from wfsim.history import (
    EventRaised,
    ExecutionResumed,
    ExecutionStarted,
    ExecutionSuspended,
    ExecutionTerminated,
    GenericEvent,
    HistoryEvent,
    SubOrchestrationInstanceCompleted,
    SubOrchestrationInstanceFailed,
    TaskCompleted,
    TaskFailed,
    TimerFired,
)
from wfsim.hub.instance import Message
from wfsim.hub.worker import ActivityCall

__all__ = [
    "ALL_FAULTS",
    "WHAT_IF_FAILURE",
    "WHAT_IF_TIMEOUT_US",
    "Failing",
    "FaultChoices",
    "Faults",
]

WHAT_IF_FAILURE: Final = "what if it failed"
"""With this an activity, or a model, fails that would not."""
WHAT_IF_TIMEOUT_US: Final = 600_000_000
"""After this it times out: so long the usual clients of models wait for an answer."""

Failing = Literal["", "fail", "time out"]
"""How something ends that the scenario has succeed; "" where it does succeed."""
_FAILING: Final[tuple[Failing, ...]] = ("", "fail", "time out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """How many faults of each kind one run may have; 0 is none.

    Args:
        activity_crashes: The worker dies after an activity was done and before the host knows: it
            is done again.
        episode_crashes: The worker dies after an orchestrator ran and before its decisions are
            saved: it runs again, in a fresh generator.
        duplicates: An event, a signal or a completion is delivered twice.
        slow_activities: An activity without a duration of its own takes longer than the next timer.
        activity_failures: What if an activity failed, or timed out? An app may well end otherwise
            then, so what a scenario expects does not hold any more.
        model_failures: What if an agent's model failed, or timed out? The same is true.
        interruptions: What if somebody terminated an instance, or suspended it until an hour after
            the next thing that happens? The same is true.

    Raises:
        UsageError: a number is none, or negative.
    """

    activity_crashes: int = 0
    episode_crashes: int = 0
    duplicates: int = 0
    slow_activities: int = 0
    activity_failures: int = 0
    model_failures: int = 0
    interruptions: int = 0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                raise UsageError(f"Faults({field.name}={value!r}) must be an int of at least 0.")


ALL_FAULTS = Faults(activity_crashes=1, episode_crashes=1, duplicates=1, slow_activities=1)
"""One of each."""


class FaultChoices:
    """Asks where faults fall, as long as there are some left.

    Args:
        choices: Answers.
        budget: How many there may be.
    """

    def __init__(self, choices: Choices, budget: Faults) -> None:
        self._choices = choices
        self._left = {field.name: getattr(budget, field.name) for field in fields(budget)}
        self.fell = 0
        """How many faults there were."""
        self.duplicated: set[tuple[str, str]] = set()
        """Instances and names of events that were delivered twice."""
        self.repeated: list[str] = []
        """Activities that were done again."""
        self.slowed: list[str] = []
        """Activities that were slow."""
        self.turned: list[str] = []
        """What people or activities did otherwise, which no expectation allows for."""

    def repeats(self, call: ActivityCall) -> bool:
        """Whether the worker dies before an activity that is done was acknowledged."""
        what = f"activity {call.name} of {call.instance_id}#{call.task_id}"
        is_lost = self._happens(
            "activity_crashes", f"after {what}", "acknowledged", f"crash after complete({what})"
        )
        if is_lost:
            self.repeated.append(what)
        return is_lost

    def runs_again(self, name: str, instance_id: str) -> bool:
        """Whether the worker dies before an episode's decisions are saved."""
        what = f"episode of {name} {instance_id}"
        return self._happens(
            "episode_crashes", f"after {what}", "saved", f"crash after run({what})"
        )

    def dies_after_save(self, what: str) -> bool:
        """Whether a workflow in process dies right after it has saved a checkpoint."""
        return self._happens(
            "episode_crashes", f"after {what}", "goes on", f"crash after save({what})"
        )

    def comes_twice(self, message: Message) -> bool:
        """Whether a message is delivered twice."""
        what = _described(message.event)
        if not what:
            return False
        what = f"{what} for {message.instance_id}"
        is_twice = self._happens("duplicates", f"delivery of {what}", "once", f"twice({what})")
        if is_twice and isinstance(message.event, EventRaised):
            self.duplicated.add((message.instance_id, message.event.name))
        return is_twice

    def is_signalled_twice(self, entity_id: str, operation: str) -> bool:
        """Whether a signal is delivered twice."""
        what = f"signal {operation} for {entity_id}"
        return self._happens("duplicates", f"delivery of {what}", "once", f"twice({what})")

    def is_slow(self, call: ActivityCall) -> bool:
        """Whether an activity takes longer than the next timer."""
        what = f"activity {call.name} of {call.instance_id}#{call.task_id}"
        is_slow = self._happens(
            "slow_activities", f"duration of {what}", "at once", f"slow({what})"
        )
        if is_slow:
            self.slowed.append(call.name)
        return is_slow

    def failure_of(self, call: ActivityCall) -> Failing:
        """Return how an activity fails that would not; "" if it does what it does."""
        what = f"activity {call.name} of {call.instance_id}#{call.task_id}"
        return self._failing("activity_failures", what)

    def model_failure(self, agent: str, turn: int) -> Failing:
        """Return how an agent's model fails where it would answer; "" if it answers."""
        return self._failing("model_failures", f"agent {agent} turn {turn}")

    def _failing(self, kind: str, what: str) -> Failing:
        if not self._left[kind]:
            return ""
        options = ("its own", *(f"{verb}({what})" for verb in _FAILING[1:]))
        failing = _FAILING[self._choices.pick(f"outcome of {what}", options)]
        if failing:
            self._falls(kind)
            self.turned.append(what)
        return failing

    def interruption(self, instance_id: str) -> str:
        """Return whether somebody interferes after an episode: "terminate", "suspend" or ""."""
        if not self._left["interruptions"]:
            return ""
        verbs = ("", "terminate", "suspend")
        options = ["nobody", *(f"{verb}({instance_id})" for verb in verbs[1:])]
        verb = verbs[self._choices.pick(f"who interferes with {instance_id}", options)]
        if verb:
            self._falls("interruptions")
            self.turned.append(f"{verb} {instance_id}")
        return verb

    def _happens(self, kind: str, about: str, quiet: str, fault: str) -> bool:
        if not self._left[kind] or not self._choices.pick(about, (quiet, fault)):
            return False
        self._falls(kind)
        return True

    def _falls(self, kind: str) -> None:
        self._left[kind] -= 1
        self.fell += 1


def _described(event: HistoryEvent) -> str:
    """Return what a message that can come twice is called; starts and management cannot."""
    match event:
        case EventRaised():
            return f"event {event.name}"
        case TaskCompleted() | TaskFailed():
            return f"result of task {event.task_id}"
        case SubOrchestrationInstanceCompleted() | SubOrchestrationInstanceFailed():
            return f"result of child {event.task_id}"
        case TimerFired():
            return f"timer {event.timer_id}"
        case ExecutionStarted() | ExecutionTerminated() | ExecutionSuspended():
            return ""
        case ExecutionResumed() | GenericEvent():
            return ""
        case _:
            return ""  # what is written to a history and never sent

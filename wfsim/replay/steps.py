"""One decision, recorded or of today, in terms in which both can be compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import assert_never, cast

from wfsim.agents.masking import mask_agent_request
from wfsim.clock import format_duration
from wfsim.history import EventSent, SubOrchestrationInstanceCreated, TaskScheduled, TimerCreated
from wfsim.history.jsontext import JsonValue, parse, shown
from wfsim.history.messages import request_of
from wfsim.hub.decisions import Decision, stored
from wfsim.replay.turns import Recorded

__all__ = ["Step", "recorded_step", "replayed_steps"]

_WIDTH = 60
_CALLS = {
    "activity": "call_activity",
    "timer": "create_timer",
    "sub-orchestration": "call_sub_orchestrator",
    "entity call": "call_entity",
    "entity signal": "signal_entity",
    "message": "send",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A decision."""

    number: int
    kind: str
    """Such as "activity"; a key of `_CALLS`."""
    name: str = ""
    """Of the function, or the operation of an entity; empty for a timer."""
    target: str = ""
    """The child's instance id where the code chose it, or the entity's."""
    input: str | None = None
    """JSON text as the host stores it; None where it is not known: Python always sends one."""
    due_us: int = 0
    """When a timer is due."""
    at_us: int = 0
    """The orchestrator's clock when it was decided."""
    slack_us: int = 0
    """By how much the clock may have been later than `at_us`."""
    retry: str | None = None
    """The retry policy; empty for none, None where it is not known."""

    @property
    def signature(self) -> tuple[str, str]:
        """What makes two decisions the same step, whatever their payloads."""
        return (self.kind, self.name.casefold())

    @property
    def words(self) -> str:
        """The step as a call, for people."""
        call = _CALLS[self.kind]
        if self.kind == "timer":
            return f"{call}({format_duration(self.due_us - self.at_us)})"
        payload = "…" if self.input is None else shown(self.input, wrapped=True, width=_WIDTH)
        entity = (
            f" {self.target}.{self.name}" if self.kind.startswith("entity") else f" {self.name}"
        )
        child = f" as {self.target!r}" if self.kind == "sub-orchestration" and self.target else ""
        return f"{call}{entity}({payload}){child}{f' x {self.retry}' if self.retry else ''}"

    @property
    def label(self) -> str:
        """The step in few words, without its payload: "activity 'charge'"."""
        if self.kind == "timer":
            return f"timer of {format_duration(self.due_us - self.at_us)}"
        if self.kind.startswith("entity"):
            return f"{self.kind} '{self.target}.{self.name}'"
        return f"{self.kind} {self.name!r}"

    @property
    def payload(self) -> JsonValue:
        """The input as a value, without what a framework changes at every replay."""
        masked = mask_agent_request({"instanceId": self.target, "input": _value(self.input)})
        return cast("JsonValue", masked["input"])


def recorded_step(event: Recorded, *, at_us: int, slack_us: int, retry: str | None) -> Step:
    """Return the step that a stored event records.

    Args:
        event: The event.
        at_us: The orchestrator's clock in its turn.
        slack_us: By how much the clock may have been later.
        retry: The retry policy, where the history keeps it.
    """
    step = partial(Step, number=event.event_id, at_us=at_us, slack_us=slack_us, retry=retry)
    match event:
        case TaskScheduled():
            return step(kind="activity", name=event.name, input=event.input)
        case TimerCreated():
            return step(kind="timer", due_us=event.fire_at_us)
        case SubOrchestrationInstanceCreated():
            return step(
                kind="sub-orchestration",
                name=event.name,
                target=_chosen(event.instance_id, event.event_id),
                input=event.input,
            )
        case EventSent():
            request = request_of(event)
            if request is None:
                kind, name, given = "message", event.name, event.input
            else:
                kind = "entity signal" if request.is_signal else "entity call"
                name, given = request.operation, request.full or "null"
            return step(kind=kind, name=name, target=event.instance_id, input=given)
        case _:
            assert_never(event)


def replayed_steps(
    decisions: Iterable[Decision], *, at_us: int, retries: Mapping[int, str]
) -> list[Step]:
    """Return the steps that today's code takes; the end of an orchestration is none.

    Args:
        decisions: What a pass decided.
        at_us: The orchestrator's clock.
        retries: Retry policies by number.
    """
    events = (stored(decision, at_us) for decision in decisions)
    return [
        recorded_step(event, at_us=at_us, slack_us=0, retry=retries.get(event.event_id, ""))
        for event in events
        if isinstance(event, Recorded)
    ]


def _chosen(instance_id: str, number: int) -> str:
    """Return a child's id, or nothing where the host made it up (semantics 2.7)."""
    return "" if instance_id.endswith(f":{number}") else instance_id


def _value(text: str | None) -> JsonValue:
    try:
        return parse(text)
    except (ValueError, RecursionError):
        return text

"""What today's code would do from the start, if the world answered it as it answered then.

A history says what old code did; where new code parts from it, this shows where the new code is
going, so that a difference can be given its name: a step renamed, removed, inserted or moved.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from wfsim.history import (
    EventRaised,
    EventSent,
    HistoryEvent,
    OrchestratorCompleted,
    OrchestratorStarted,
    RuntimeStatus,
    SubOrchestrationInstanceCompleted,
    SubOrchestrationInstanceCreated,
    SubOrchestrationInstanceFailed,
    TaskCompleted,
    TaskFailed,
    TaskScheduled,
    TimerCreated,
    TimerFired,
)
from wfsim.history.messages import answer_of, request_of
from wfsim.hub.decisions import Complete, stored
from wfsim.replay.passes import Passes
from wfsim.replay.records import RecordedHistory
from wfsim.replay.steps import Step, recorded_step

__all__ = ["Ahead", "look_ahead"]

_LONGEST: Final = 60
"""Turns; what an edit did shows long before."""

_Signature = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """Where today's code goes."""

    steps: tuple[Step, ...]
    is_whole: bool
    """Whether it came to an end; else it wanted something that the history has not."""


def look_ahead(history: RecordedHistory, passes: Passes) -> Ahead:
    """Follow today's code as far as the recorded answers go, and over steps that have none."""
    answers = _answers(history.events)
    began = next(e for e in history.events if isinstance(e, OrchestratorStarted))
    events: list[HistoryEvent] = [began, history.started]
    begin, steps, waiting = 0, list[Step](), list[Step]()
    for _ in range(_LONGEST):
        decisions, now, names = passes.free(events, begin)
        steps += now
        waiting += now
        now_us = events[begin].at_us
        events += [event for item in decisions if (event := stored(item, now_us)) is not None]
        events.append(OrchestratorCompleted(at_us=now_us))
        ends = [item for item in decisions if isinstance(item, Complete)]
        if ends:
            is_whole = ends[0].status is not RuntimeStatus.FAILED
            return Ahead(steps=tuple(steps), is_whole=is_whole)
        answer = _next_answer(waiting, names, answers, events)
        if answer is None:
            answer = _made_up(waiting, now_us)
        if answer is None:
            break
        begin = len(events)
        events += [OrchestratorStarted(at_us=max(answer.at_us, events[-1].at_us)), answer]
    return Ahead(steps=tuple(steps), is_whole=False)


def _made_up(waiting: list[Step], now_us: int) -> HistoryEvent | None:
    """Return an answer to the oldest step that the recorded code never took."""
    for step in waiting:
        if step.kind == "timer":
            waiting.remove(step)
            due_us = max(step.due_us, now_us)
            return TimerFired(at_us=due_us, timer_id=step.number, fire_at_us=step.due_us)
        if step.kind == "activity":
            waiting.remove(step)
            return TaskCompleted(at_us=now_us, task_id=step.number, result=None)
        if step.kind == "sub-orchestration":
            waiting.remove(step)
            return SubOrchestrationInstanceCompleted(at_us=now_us, task_id=step.number, result=None)
    return None


def _answers(events: Sequence[HistoryEvent]) -> dict[_Signature, deque[HistoryEvent]]:
    """Return the recorded answers by what they answer, oldest first."""
    asked: dict[int, _Signature] = {}
    requests: dict[str, _Signature] = {}
    answers: dict[_Signature, deque[HistoryEvent]] = defaultdict(deque)
    for event in events:
        match event:
            case TaskScheduled() | TimerCreated() | SubOrchestrationInstanceCreated() | EventSent():
                step = recorded_step(event, at_us=0, slack_us=0, retry=None)
                asked[event.event_id] = step.signature
                request = request_of(event) if isinstance(event, EventSent) else None
                if request is not None:
                    requests[request.request_id] = step.signature
            case TaskCompleted() | TaskFailed():
                answers[asked[event.task_id]].append(event)
            case SubOrchestrationInstanceCompleted() | SubOrchestrationInstanceFailed():
                answers[asked[event.task_id]].append(event)
            case TimerFired():
                answers[asked[event.timer_id]].append(event)
            case EventRaised():
                signature = requests.get(event.name, ("event", event.name.casefold()))
                answers[signature].append(event)
            case _:
                pass
    return answers


def _next_answer(
    waiting: list[Step],
    names: Sequence[str],
    answers: dict[_Signature, deque[HistoryEvent]],
    events: Sequence[HistoryEvent],
) -> HistoryEvent | None:
    """Return the earliest recorded answer to anything that is waited for now."""
    open_steps = [step for step in waiting if answers.get(step.signature)]
    open_events = [name for name in names if answers.get(("event", name.casefold()))]
    choices: list[tuple[int, int, _Signature, Step | None]] = [
        *((answers[step.signature][0].at_us, 0, step.signature, step) for step in open_steps),
        *(
            (answers["event", name.casefold()][0].at_us, 1, ("event", name.casefold()), None)
            for name in open_events
        ),
    ]
    if not choices:
        return None
    _, _, signature, step = min(choices, key=lambda choice: choice[:2])
    answer = answers[signature].popleft()
    if step is None:
        return answer
    waiting.remove(step)
    return _addressed(answer, step, events)


def _addressed(answer: HistoryEvent, step: Step, events: Sequence[HistoryEvent]) -> HistoryEvent:
    """Return an answer as one to a step of another number."""
    match answer:
        case TaskCompleted() | TaskFailed():
            return replace(answer, task_id=step.number)
        case SubOrchestrationInstanceCompleted() | SubOrchestrationInstanceFailed():
            return replace(answer, task_id=step.number)
        case TimerFired():
            return replace(answer, timer_id=step.number, fire_at_us=step.due_us)
        case EventRaised() if answer_of(answer) is not None:
            sent = next(e for e in events if isinstance(e, EventSent) and e.event_id == step.number)
            request = request_of(sent)
            return answer if request is None else replace(answer, name=request.request_id)
        case _:
            return answer

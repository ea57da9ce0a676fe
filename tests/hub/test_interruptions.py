"""Terminate and suspend at every point of a scenario of every fixture app (semantics 6.2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import pytest

from tests.scenes import STARTED, staged
from wfsim import Simulation
from wfsim.history import (
    EventRaised,
    EventSent,
    ExecutionCompleted,
    ExecutionResumed,
    ExecutionStarted,
    ExecutionSuspended,
    ExecutionTerminated,
    HistoryEvent,
    OrchestratorCompleted,
    OrchestratorStarted,
    SubOrchestrationInstanceCreated,
    TaskScheduled,
    TimerCreated,
)
from wfsim.trace import ActivityStarted, HistoryAppended

# The last scenario of each app: what is told here depends on its shape, not on its data.
INTERRUPTED = sorted({scene.partition("/")[0]: scene for scene in STARTED}.values())

CREATED = re.compile(r'created_at\\*": \\*"[^"\\]*')

DECISIONS = (
    TaskScheduled,
    TimerCreated,
    SubOrchestrationInstanceCreated,
    EventSent,
    ExecutionCompleted,
)


@dataclass(frozen=True)
class Point:
    """After how many things of one instant something is to happen."""

    at_us: int
    steps: int


def written(sim: Simulation, instance_id: str) -> list[HistoryEvent]:
    """Return everything that was ever written to an instance's histories, but times of requests.

    Requests to agents say when they were made, and each thing that happens moves the clock.
    """
    return [
        _timeless(record.event)
        for record in sim.trace
        if isinstance(record, HistoryAppended) and record.instance_id == instance_id
    ]


def _timeless(event: HistoryEvent) -> HistoryEvent:
    if isinstance(event, EventSent | EventRaised) and event.input is not None:
        return replace(event, input=CREATED.sub("", event.input))
    return event


def episodes(events: list[HistoryEvent]) -> list[list[HistoryEvent]]:
    """Cut histories into episodes; a generation's first one counts as one."""
    cut: list[list[HistoryEvent]] = []
    for event in events:
        if isinstance(event, OrchestratorStarted):
            cut.append([])
        cut[-1].append(event)
    return cut


def undisturbed(scene: str) -> tuple[list[Point], list[HistoryEvent], str]:
    """Return the points of a scenario, what its first instance wrote, and that one's id."""
    with staged(scene, replay="off") as (sim, until):
        sim.advance(until)
        instants = [
            record.at_us
            for record in sim.trace
            if isinstance(record, ActivityStarted)
            or (
                isinstance(record, HistoryAppended)
                and isinstance(record.event, OrchestratorCompleted)
            )
        ]
        first = sim.runs[0].instance_id
        points = [
            Point(at_us=at_us, steps=steps)
            for at_us in sorted(set(instants))
            for steps in range(instants.count(at_us) + 2)
        ]
        return points, written(sim, first), first


def inject(sim: Simulation, point: Point, action: Callable[[], object]) -> None:
    """Do something at an instant, after so many of its work items."""
    left = point.steps

    def tick() -> None:
        nonlocal left
        if left == 0:
            action()
        else:
            left -= 1
            sim.at(sim.now, tick)

    start_us = sim.trace.start_us
    sim.at(f"{point.at_us - start_us}us", tick)


@pytest.mark.slow
@pytest.mark.parametrize("scene", INTERRUPTED)
def test_terminate_at_every_point(scene: str) -> None:
    """What came before stays, the end is ET and EC in one episode, and nothing comes after."""
    points, quiet, first = undisturbed(scene)
    for point in points:
        with staged(scene) as (sim, until):
            inject(sim, point, partial(sim.run(first).terminate, "stop it"))
            sim.advance(until)
            run = sim.run(first)
            events = written(sim, first)
            if not any(isinstance(event, ExecutionTerminated) for event in events):
                if events:
                    assert events == quiet, point
                else:
                    assert (run.status, run.output) == ("Terminated", "stop it"), point
                continue
            before, last = episodes(events)[:-1], episodes(events)[-1]
            assert before == episodes(quiet)[: len(before)], point
            assert (run.status, run.output) == ("Terminated", "stop it"), point
            assert any(isinstance(event, ExecutionTerminated) for event in last), point
            (end,) = [event for event in events if isinstance(event, ExecutionCompleted)]
            assert (end.status, end.result) == ("Terminated", "stop it"), point
            assert isinstance(last[-1], OrchestratorCompleted), point
            children = [other for other in sim.runs if other.instance_id != first]
            assert all(child.status != "Terminated" for child in children), point


@pytest.mark.slow
@pytest.mark.parametrize("scene", INTERRUPTED)
def test_suspend_and_resume_at_every_point(scene: str) -> None:
    """Nothing is decided in between, all that was withheld comes back, and the end is the same."""
    points, quiet, first = undisturbed(scene)
    for point in points:
        with staged(scene) as (sim, until):
            inject(sim, point, partial(sim.run(first).suspend, "pause"))
            later = Point(at_us=point.at_us + 1, steps=0)
            inject(sim, later, partial(_resume, sim, first))
            sim.advance(until)
            events = written(sim, first)
            if not any(isinstance(event, ExecutionSuspended) for event in events):
                assert events == quiet, point
                continue
            _check_pause(events, point)
            kinds = [type(event) for event in events if isinstance(event, DECISIONS)]
            assert kinds == [type(event) for event in quiet if isinstance(event, DECISIONS)], point
            ends = [event for event in (*events, *quiet) if isinstance(event, ExecutionCompleted)]
            assert len({(end.status, end.event_id) for end in ends}) <= 1, point


def _resume(sim: Simulation, instance_id: str) -> None:
    if sim.run(instance_id).status == "Suspended":
        sim.run(instance_id).resume("go on")


def _check_pause(events: list[HistoryEvent], point: Point) -> None:
    paused = False
    for episode in episodes(events):
        kinds = {type(event) for event in episode}
        suspends, resumes = ExecutionSuspended in kinds, ExecutionResumed in kinds
        if ExecutionStarted in kinds:
            paused = False  # a generation knows nothing of the suspension of the one before
        if suspends and not resumes:
            # What completed the run before the suspension in the same batch does complete it.
            assert not kinds & set(DECISIONS) - {ExecutionCompleted}, point
        elif paused and not resumes:
            assert not kinds & set(DECISIONS), point
        paused = (paused or suspends) and not resumes


@pytest.mark.parametrize("scene", INTERRUPTED)
def test_suspended_at_the_start_for_ever(scene: str) -> None:
    """A run that is suspended before its first episode and never resumed decides nothing."""
    _, _, first = undisturbed(scene)
    with staged(scene) as (sim, until):
        inject(sim, Point(at_us=sim.trace.start_us, steps=0), lambda: sim.run(first).suspend(""))
        sim.advance(until)
        assert sim.run(first).status == "Suspended"
        assert not any(isinstance(event, DECISIONS) for event in written(sim, first))

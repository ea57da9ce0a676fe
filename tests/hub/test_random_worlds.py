"""Any program in any legal world: no internal error, no false alarm, consistent histories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from tests.apps import app_of
from tests.hub.programs import EVENTS, PROGRAMS, program
from tests.scenes import SCENES, staged
from wfsim import Simulation
from wfsim.history import (
    EventSent,
    ExecutionCompleted,
    ExecutionStarted,
    HistoryEvent,
    OrchestratorCompleted,
    OrchestratorStarted,
    SubOrchestrationInstanceCompleted,
    SubOrchestrationInstanceCreated,
    SubOrchestrationInstanceFailed,
    TaskCompleted,
    TaskFailed,
    TaskScheduled,
    TimerCreated,
    TimerFired,
)

DECIDES = (
    TaskScheduled,
    TimerCreated,
    SubOrchestrationInstanceCreated,
    EventSent,
    ExecutionCompleted,
)
ANSWERS = (
    TaskCompleted,
    TaskFailed,
    SubOrchestrationInstanceCompleted,
    SubOrchestrationInstanceFailed,
)


def check(history: Sequence[HistoryEvent]) -> None:
    """Assert what every history of a host fulfils."""
    if not history:
        return
    assert isinstance(history[0], OrchestratorStarted)
    assert isinstance(history[1], ExecutionStarted)
    assert isinstance(history[-1], OrchestratorCompleted)
    times = [event.at_us for event in history if isinstance(event, OrchestratorStarted)]
    assert times == sorted(times)
    ends = [event for event in history if isinstance(event, ExecutionCompleted)]
    assert len(ends) <= 1
    if ends:
        assert history[-2] is ends[0]
    if not any(str(end.result).startswith("Non-Deterministic workflow") for end in ends):
        _check_numbers(history)


def _check_numbers(history: Sequence[HistoryEvent]) -> None:
    """Assert that numbers are given once, in order, and answered at most once, afterwards."""
    numbers = [event.event_id for event in history if isinstance(event, DECIDES)]
    assert numbers == list(range(len(numbers)))
    open_numbers: set[int] = set()
    for event in history:
        if isinstance(event, DECIDES):
            open_numbers.add(event.event_id)
        elif isinstance(event, ANSWERS):
            open_numbers.remove(event.task_id)
        elif isinstance(event, TimerFired):
            open_numbers.remove(event.timer_id)
            assert event.at_us >= event.fire_at_us


def schedule_of(data: st.DataObject) -> Any:
    """Return a schedule that hypothesis answers."""

    def choose(about: str, options: Sequence[str]) -> int:
        return data.draw(st.integers(0, len(options) - 1), label=about)

    return choose


def explained(sim: Simulation) -> bool:
    """Whether only known quirks of SDK and host showed, none of them a differing replay."""
    return {"WF110"}.isdisjoint(finding.code for finding in sim.findings)


@pytest.mark.slow
@given(plan=PROGRAMS, data=st.data())
@settings(max_examples=150)
def test_random_programs_in_random_worlds(plan: Any, data: st.DataObject) -> None:
    """Whatever is called, waited for and raced, in whatever order it happens, replays agree."""
    with Simulation(
        app_of(program), schedule=schedule_of(data), findings="ignore", max_steps=500
    ) as sim:
        run = sim.start("program", input=plan)
        for _ in range(data.draw(st.integers(0, 3), label="events")):
            delay = data.draw(st.integers(0, 40), label="seconds")
            name = data.draw(st.sampled_from(EVENTS), label="event")
            sim.at(f"{delay}s", lambda name=name: _raise(sim, name))
        sim.advance("90s")
        sim.advance("40d")
        note(run.history.short)
        assert explained(sim)
        for other in sim.runs:
            check(other.history)
            if other.status.is_final:
                assert other.history.short.split()[-2].startswith("EC")


def _raise(sim: Simulation, name: str) -> None:
    run = sim.runs[0]
    if not run.status.is_final:
        run.raise_event(name, {"from": "the test"})


@given(plan=PROGRAMS, answers=st.lists(st.integers(0, 1), max_size=30))
@settings(max_examples=25)
def test_a_recorded_list_of_choices_repeats_its_run(plan: Any, answers: list[int]) -> None:
    """The same program with `choices.answers` of an earlier run writes the same trace."""
    first = _lines(plan, lambda about, options: answers.pop() if answers else 0)
    again = _lines(plan, first[1])
    assert again[0] == first[0]


def _lines(plan: Any, schedule: Any) -> tuple[list[str], list[int]]:
    with Simulation(app_of(program), schedule=schedule, findings="ignore") as sim:
        sim.start("program", input=plan)
        sim.advance("1h")
        return list(sim.trace.lines()), sim.choices.answers


def _worlds(scene: str) -> int:
    return 3 if "never_done" in scene else 12


@pytest.mark.slow
@pytest.mark.parametrize("scene", SCENES)
def test_fixture_apps_in_random_worlds(scene: str) -> None:
    """Every scenario of every fixture app survives random orders and batches."""

    @given(data=st.data())
    @settings(max_examples=_worlds(scene))
    def survive(data: st.DataObject) -> None:
        with staged(scene, schedule=schedule_of(data)) as (sim, until):
            sim.advance(until)
            assert explained(sim)
            for run in sim.runs:
                check(run.history)

    survive()

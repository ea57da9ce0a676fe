"""Exhaustive search: every order once, and orders that differ in nothing only once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import factorial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.explore.worlds import fan_outs
from wfsim.explore.exhaustive import Exhaustive
from wfsim.explore.records import Observed
from wfsim.explore.search import Budget, search
from wfsim.explore.words import Numbered
from wfsim.history import TaskCompleted
from wfsim.trace import HistoryAppended

Program = list[list[str]]
"""For each process its steps; a step reads and writes the variables it is named after."""


Touches = Callable[[str], frozenset[str]]


def _orders(program: Program, touches: Touches) -> Iterator[tuple[str, ...]]:
    """Yield the order of steps in each run that a search makes and that shows something new."""
    search = Exhaustive()
    for chooser in search.choosers():
        order = _run(program, Numbered(0, chooser), touches)
        if not search.is_covered:
            yield order


def _run(program: Program, chooser: Numbered, touches: Touches) -> tuple[str, ...]:
    places, done, touched = [0] * len(program), list[str](), frozenset[str]()
    while True:
        ready = [who for who, steps in enumerate(program) if places[who] < len(steps)]
        if not ready:
            return tuple(done)
        labels = [f"{who}.{places[who]} {program[who][places[who]]}" for who in ready]
        chooser.hear(touched)  # the hub tells before every step, also where there is no choice
        picked = chooser("next work item", labels) if len(ready) > 1 else 0
        places[ready[picked]] += 1
        touched = touches(labels[picked])
        done.append(labels[picked])


def _end(order: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return what every variable holds at the end: who wrote it, on top of what."""
    variables: dict[str, str] = {}
    for label in order:
        who, _, names = label.partition(" ")
        seen = "".join(variables.get(name, "") for name in names)
        for name in names:
            variables[name] = f"({who}{seen})"
    return tuple(sorted(variables.items()))


def _own(label: str) -> frozenset[str]:
    """Return what a step touches: its process, and the variables it is named after."""
    who, _, names = label.partition(" ")
    return frozenset({who.partition(".")[0], *names})


def _all(_: str) -> frozenset[str]:
    return frozenset({"everything"})


PROGRAMS = st.lists(
    st.lists(st.sampled_from(["x", "y", "z", "xy"]), min_size=1, max_size=3),
    min_size=1,
    max_size=3,
)


@pytest.mark.parametrize("steps", [[1, 1], [2, 1], [2, 2], [1, 1, 1, 1], [3, 2, 1]])
def test_every_order_is_tried_once(steps: list[int]) -> None:
    """Where every step depends on every other, each of the interleavings is one run."""
    program = [["x"] * count for count in steps]
    orders = list(_orders(program, _all))
    interleavings = factorial(sum(steps))
    for count in steps:
        interleavings //= factorial(count)
    assert len(orders) == len(set(orders)) == interleavings


@settings(max_examples=60, deadline=None)
@given(PROGRAMS)
def test_leaving_out_orders_loses_no_end(program: Program) -> None:
    """With orders of independent steps left out, every end is still reached."""
    all_ends = set(map(_end, _orders(program, _all)))
    assert set(map(_end, _orders(program, _own))) == all_ends


@pytest.mark.parametrize("processes", [2, 3, 4])
def test_independent_processes_are_not_mixed(processes: int) -> None:
    """Processes that share nothing take far fewer runs than there are orders of their steps."""
    program = [["x", "x"], ["y", "y"], ["z", "z"], ["w", "w"]][:processes]
    few = list(_orders(program, _own))
    many = factorial(2 * processes) // 2**processes
    assert len(few) == len(set(few)) < many


def _completions(observed: Observed) -> tuple[int, ...]:
    return tuple(
        record.event.task_id
        for record in observed.trace
        if isinstance(record, HistoryAppended) and isinstance(record.event, TaskCompleted)
    )


@pytest.mark.slow
@pytest.mark.parametrize("size", [2, 4])
def test_a_fan_out_is_proven(size: int) -> None:
    """Each order of completions is seen, no schedule comes twice, and that is all there is."""
    trial, strategy = fan_outs(size), Exhaustive()
    seen, played = set[tuple[int, ...]](), set[str]()
    runs = 0
    for chooser in strategy.choosers():
        observed = trial.run(chooser)
        runs += 1
        seen.add(_completions(observed))
        played.add(observed.words)
    assert len(seen) == factorial(size)
    assert len(played) == runs
    assert strategy.is_done


@pytest.mark.slow
def test_independent_instances_are_not_multiplied() -> None:
    """Two instances that share nothing take fewer runs than two that share the app's state."""
    apart = search(fan_outs(1, 2), Exhaustive(), Budget(schedules=5_000))
    shared = search(fan_outs(1, 2, is_shared=True), Exhaustive(), Budget(schedules=5_000))
    assert apart.proven
    assert apart.reach.schedules == apart.reach.distinct < shared.reach.schedules


@pytest.mark.slow
def test_an_instance_is_tried_as_if_it_were_alone() -> None:
    """Another instance with but one order adds no run: its steps are mixed in one way only."""
    alone = search(fan_outs(2), Exhaustive(), Budget(schedules=1_000))
    beside = search(fan_outs(2, 1), Exhaustive(), Budget(schedules=1_000))
    assert alone.proven
    assert beside.proven
    assert beside.reach.schedules == alone.reach.schedules


def test_an_answer_says_whether_it_is_proven() -> None:
    """A search that tried all says so; one that was cut short says how much is left."""
    whole = search(fan_outs(2), Exhaustive(), Budget(schedules=1_000))
    assert (whole.proven, whole.left) == (True, 0)
    part = search(fan_outs(2), Exhaustive(), Budget(schedules=2))
    assert (part.proven, part.reach.schedules) == (False, 2)
    assert part.left > 0

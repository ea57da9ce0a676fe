"""Exhaustive search: every order once, and orders that differ in nothing only once."""

from __future__ import annotations

from functools import partial
from math import factorial

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.explore.toys import Program, every_run, played, searched
from tests.explore.worlds import fan_outs
from wfsim.choices import Chooser
from wfsim.explore.exhaustive import Exhaustive
from wfsim.explore.records import Observed
from wfsim.history import TaskCompleted
from wfsim.trace import HistoryAppended

STEPS = st.sampled_from(["x", "y", "z", "x*", "y*", "z*", "x*y", "z*y", "x?y", "y?z"])
STEPS_OF_ALL = st.lists(STEPS, min_size=1, max_size=3)
OWN = [
    st.lists(st.sampled_from([name, f"{name}*", f"{name}*w"]), min_size=1, max_size=2)
    for name in "xyz"
]
"""Steps of processes that meet in w at most, and there only if they go otherwise."""
PROGRAMS = st.one_of(
    st.lists(STEPS_OF_ALL, min_size=1, max_size=3),
    st.tuples(*OWN).map(list),
    st.tuples(*OWN[:2]).map(list),
)


def _runs(program: Program, *, blurred: bool = False, told: bool = True) -> list[Observed]:
    play = partial(played, program, blurred=blurred)
    return list(searched(play, Exhaustive(), is_told=told))


def _ends(runs: list[Observed]) -> set[str]:
    return {run.outcome for run in runs}


@pytest.mark.parametrize("steps", [[1, 1], [2, 1], [2, 2], [1, 1, 1, 1], [3, 2, 1]])
def test_every_order_is_tried_once(steps: list[int]) -> None:
    """Where every step depends on every other, each of the interleavings is one run."""
    runs = _runs([["x"] * count for count in steps], blurred=True)
    interleavings = factorial(sum(steps))
    for count in steps:
        interleavings //= factorial(count)
    assert len(runs) == len(_ends(runs)) == interleavings


@settings(max_examples=60, deadline=None)
@given(PROGRAMS, st.booleans())
def test_leaving_out_orders_loses_no_end(program: Program, told: bool) -> None:
    """Whatever a blind search finds is found, in no more runs; parts or no parts."""
    everything = every_run(partial(played, program), most=400)
    assume(everything is not None)
    assert everything is not None
    runs = _runs(program, told=told)
    assert _ends(runs) == _ends(everything)
    assert len(runs) <= len(everything)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(STEPS, min_size=1, max_size=2), min_size=1, max_size=3))
def test_parts_cost_no_more_than_independent_steps(program: Program) -> None:
    """To take parts one by one never takes more schedules than to leave out orders of steps."""
    assert len(_runs(program)) <= len(_runs(program, told=False))


@pytest.mark.parametrize("processes", [2, 3, 4])
def test_independent_processes_are_not_mixed(processes: int) -> None:
    """Processes that share nothing take one run, whatever the order of their steps."""
    program = [["x", "x"], ["y", "y"], ["z", "z"], ["w", "w"]][:processes]
    assert len(_runs(program)) == 1


def test_ends_of_parts_meet() -> None:
    """Parts with two ends each: every end beside every other, and no more than that."""
    runs = _runs([["x*", "x"], ["y*", "y"]])
    assert len(runs) == len(_ends(runs)) == 4
    # Two processes that share a variable make a part with more ways than ends.
    search = Exhaustive()
    runs = list(searched(partial(played, [["x*"], ["y*"], ["z*"]]), search))
    assert len(runs) == len(_ends(runs)) == 8
    assert search.space.parts == 3


def test_a_dependency_that_shows_late_undoes_parts() -> None:
    """Two processes meet in one way of each only: they are apart at first, and not for long."""
    search = Exhaustive()
    program = [["x*y"], ["z*y"]]
    runs = list(searched(partial(played, program), search))
    everything = every_run(partial(played, program), most=100)
    assert everything is not None
    assert _ends(runs) == _ends(everything)
    assert search.space.parts == 1


def test_what_nobody_is_told_is_noticed() -> None:
    """A part that goes otherwise because another one does is apart no longer."""
    search = Exhaustive()
    runs = list(searched(partial(played, [["h*"], ["h*"], ["x*"]]), search))
    assert search.space.parts == 2
    assert len(_ends(runs)) == 2 * 2 * 2


def test_a_run_ends_once_it_shows_nothing_new() -> None:
    """What another order covers is cut short, and counts as no schedule."""
    search, whole = Exhaustive(), list[Observed]()

    def play(chooser: Chooser) -> Observed:
        whole.append(played([["x", "w"], ["y", "w"], ["z", "w"]], chooser))
        return whole[-1]

    runs = list(searched(play, search, is_told=False))
    assert len(runs) <= len(whole) < len(runs) + search.covered


def _completions(observed: Observed) -> tuple[int, ...]:
    return tuple(
        record.event.task_id
        for record in observed.trace
        if isinstance(record, HistoryAppended) and isinstance(record.event, TaskCompleted)
    )


@pytest.mark.slow
def test_a_fan_out_is_proven() -> None:
    """Each order of completions is seen, no schedule comes twice, and that is all there is."""
    strategy = Exhaustive()
    runs = list(searched(fan_outs(3).run, strategy))
    assert len(set(map(_completions, runs))) == factorial(3)
    assert len({run.words for run in runs}) == len(runs) == 66
    assert strategy.is_done


@pytest.mark.slow
def test_each_order_of_a_fan_out_is_one_schedule() -> None:
    """With an episode for each message, four activities at once make 24 schedules."""
    strategy = Exhaustive(at_once=True)
    runs = list(searched(fan_outs(4).run, strategy))
    assert len(set(map(_completions, runs))) == len(runs) == factorial(4)
    assert strategy.is_done

"""Shrinking: nothing can be taken away from what is left."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from tests.explore.worlds import observed_by
from wfsim.choices import Chooser
from wfsim.explore.records import Observed
from wfsim.explore.shrink import shrink
from wfsim.explore.words import Deviation, FollowWords

SIZE = 10
CHOICES = [(f"fault {index}", ("no", f"fault({index})")) for index in range(SIZE)]
Shows = Callable[[frozenset[str]], bool]
SETS = st.sets(st.integers(0, SIZE - 1)).map(
    lambda numbers: frozenset(f"fault({number})" for number in numbers)
)


class _World:
    """Plays schedules, and counts how many."""

    def __init__(self, shows: Shows) -> None:
        self._shows = shows
        self.runs = 0

    def __call__(self, chooser: Chooser) -> Observed:
        self.runs += 1
        return observed_by(chooser, CHOICES, self._shows)

    def everything(self) -> Observed:
        return self(lambda about, options: 1)

    def of(self, deviations: Sequence[Deviation]) -> Observed:
        return self(FollowWords(deviations))


def _is_bad(observed: Observed) -> bool:
    return bool(observed.problems)


def _words(observed: Observed) -> frozenset[str]:
    return frozenset(item.words for item in observed.deviations)


@given(SETS)
def test_exactly_what_is_needed_is_left(needed: frozenset[str]) -> None:
    """Where a problem needs certain deviations, those are left and no others."""
    world = _World(needed.issubset)
    assert _words(shrink(world, world.everything(), _is_bad).observed) == needed


@given(st.lists(SETS, min_size=1, max_size=6), SETS)
def test_nothing_can_be_taken_away(causes: list[frozenset[str]], cures: frozenset[str]) -> None:
    """Whatever the problem depends on, no single deviation of the answer is superfluous."""

    def shows(words: frozenset[str]) -> bool:
        return any(cause <= words for cause in causes) and (
            len(words) == SIZE or not cures or not cures <= words
        )

    world = _World(shows)
    small = shrink(world, world.everything(), _is_bad).observed
    assert _is_bad(small)
    for index in range(len(small.deviations)):
        fewer = [*small.deviations[:index], *small.deviations[index + 1 :]]
        assert not _is_bad(world.of(fewer))


@given(SETS.filter(bool))
def test_the_nearest_run_is_one_deviation_away(needed: frozenset[str]) -> None:
    """The run to compare with lacks one deviation, and the problem."""
    world = _World(needed.issubset)
    small = shrink(world, world.everything(), _is_bad)
    assert small.nearest is not None
    assert not _is_bad(small.nearest)
    assert len(_words(small.observed) - _words(small.nearest)) == 1


def test_a_quiet_problem_needs_no_runs() -> None:
    """A run without deviations is as small as can be."""
    world = _World(lambda words: True)
    observed = world.of(())
    small = shrink(world, observed, _is_bad)
    assert (small.observed, small.runs, small.nearest) == (observed, 0, None)


def test_runs_are_limited() -> None:
    """Shrinking ends when it has spent what it may, with the smallest that was seen."""
    world = _World(frozenset({"fault(3)", "fault(8)"}).issubset)
    observed = world.everything()
    small = shrink(world, observed, _is_bad, most=3)
    assert small.runs == world.runs - 1 == 3
    assert _is_bad(small.observed)

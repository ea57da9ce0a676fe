"""How strategies answer: the seed decides, and it matters."""

from __future__ import annotations

from itertools import pairwise

import pytest

from wfsim.errors import UsageError
from wfsim.explore.api import strategy_of
from wfsim.explore.strategies import PctStrategy, RandomStrategy, Strategy

WORK = ("next work item", ("a", "b", "c"))
FAULT = ("after activity a", ("acknowledged", "crash after complete(activity a)"))


def _answers(strategy: Strategy, number: int) -> tuple[int, ...]:
    chooser = strategy.chooser(number)
    return tuple(chooser(*question) for question in (WORK, FAULT) * 20)


each_strategy = pytest.mark.parametrize("kind", [RandomStrategy, PctStrategy])


@each_strategy
def test_the_seed_decides(kind: type[RandomStrategy | PctStrategy]) -> None:
    """The same seed and number give the same answers, whatever was asked before."""
    runs = [[_answers(kind(seed=7), number) for number in range(16)] for _ in range(2)]
    assert runs[0] == runs[1]
    assert _answers(kind(seed=7), 11) == runs[0][11]


@each_strategy
def test_other_seeds_and_numbers_differ(kind: type[RandomStrategy | PctStrategy]) -> None:
    """Seeds differ from each other, and so do the schedules of one seed."""
    assert len({_answers(kind(seed=seed), 3) for seed in range(20)}) > 5
    assert len({_answers(kind(seed=7), number) for number in range(20)}) > 5


@each_strategy
def test_some_schedules_have_no_fault_and_some_have_many(
    kind: type[RandomStrategy | PctStrategy],
) -> None:
    """Schedules take turns in how likely a fault is; in some of them none happens."""
    faults = [sum(_answers(kind(seed=1), number)[1::2]) for number in range(32)]
    assert 0 in faults
    assert max(faults) > 5


def test_random_schedules_are_more_or_less_bold() -> None:
    """Some random schedules keep nearly everything in order, and some nearly nothing."""
    quiet = [_answers(RandomStrategy(seed=1), number)[::2].count(0) for number in range(8)]
    assert max(quiet) > 15
    assert min(quiet) < 10


def test_priorities_last() -> None:
    """With pct, who goes first stays first, but for as many changes as the depth allows."""
    for number in range(30):
        order = _answers(PctStrategy(seed=2), number)[::2]
        changes = sum(one != other for one, other in pairwise(order))
        assert changes <= PctStrategy(seed=2).depth


def test_unknown_strategies_are_told_with_the_nearest() -> None:
    """A misspelt strategy is named with the one that was meant."""
    with pytest.raises(UsageError, match="There is no strategy 'exhaustiv'"):
        strategy_of("exhaustiv", 0)  # type: ignore[arg-type]

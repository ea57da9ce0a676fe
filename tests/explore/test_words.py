"""Schedules in words: what is written can be read, and what is read happens again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.explore.worlds import trial_of_bug
from wfsim.errors import UsageError
from wfsim.explore.strategies import PctStrategy, RandomStrategy
from wfsim.explore.words import (
    Deviation,
    FollowWords,
    Numbered,
    Recorder,
    number_of,
    parse_words,
    unparse,
    words_of,
)
from wfsim.history.printable import printable

APPS = [
    "cheapest_quote",
    "coupon_twice",
    "quorum_counts_twice",
    "room_released_and_confirmed",
    "trip_undone_in_part",
    "wallet_reset",
]
LABELS = st.text(min_size=1, max_size=20)
DEVIATIONS = st.builds(
    lambda labels, count: Deviation(words_of("next work item", labels, 1), count),
    st.lists(LABELS, min_size=2, max_size=2),
    st.integers(1, 99),
)


@given(st.lists(DEVIATIONS, max_size=5))
def test_what_is_written_can_be_read(deviations: list[Deviation]) -> None:
    """Any deviations, whatever the labels hold, survive being a string."""
    assert list(parse_words(unparse(deviations))) == deviations


@given(st.lists(DEVIATIONS, max_size=5))
def test_a_repro_string_is_safe_to_print(deviations: list[Deviation]) -> None:
    """Nothing in a repro string steers a terminal or ends a line."""
    assert printable(unparse(deviations)) == unparse(deviations)


@pytest.mark.parametrize("text", ["", "  ", "quiet"])
def test_no_deviation_is_the_quiet_schedule(text: str) -> None:
    """Nothing, or the word quiet, stands for the run without deviations."""
    assert parse_words(text) == ()
    assert unparse(()) == "quiet"


@pytest.mark.parametrize("text", [";", "a; ; b", "a;"])
def test_empty_parts_are_refused(text: str) -> None:
    """A schedule with nothing between two separators is a mistake."""
    with pytest.raises(UsageError, match="has an empty part"):
        parse_words(text)


def test_orders_read_as_before() -> None:
    """A choice of what goes first names both; any other says what happens, and where if need be."""
    assert words_of("next work item", ("a", "b", "c"), 2) == "c < a"
    assert words_of("delivery of event go", ("once", "twice(event go)"), 1) == "twice(event go)"
    assert words_of("messages of x", ("all 2", "the first 1"), 1) == "messages of x: the first 1"


def test_the_same_words_are_counted() -> None:
    """Where the same choice comes again, its words say which time it was taken."""
    recorder = Recorder(FollowWords(parse_words("b < a [2]")))
    picked = [recorder("next work item", ("a", "b")) for _ in range(3)]
    assert picked == [0, 1, 0]
    assert unparse(recorder.deviations) == "b < a [2]"


def test_what_is_never_offered_is_left() -> None:
    """A follower tells which deviations nobody offered; those before them happened."""
    follower = FollowWords(parse_words("b < a; c < a; d < a"))
    for options in (("a", "b"), ("a", "d")):
        follower("next work item", options)
    assert unparse(follower.left) == "c < a; d < a"


def test_only_numbered_schedules_have_a_number() -> None:
    """A schedule that is played for its own sake counts as the first."""
    chooser = RandomStrategy(seed=1).chooser(7)
    assert number_of(Numbered(7, chooser)) == 7
    assert number_of(chooser) == 0


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(APPS),
    st.integers(0, 9),
    st.integers(0, 999),
    st.sampled_from([RandomStrategy, PctStrategy]),
)
def test_what_a_run_did_can_be_done_again(
    app: str, seed: int, number: int, strategy: type[RandomStrategy | PctStrategy]
) -> None:
    """Following the deviations of a run, through their string, gives the very same run."""
    trial = trial_of_bug(app)
    observed = trial.run(strategy(seed=seed).chooser(number))
    follower = FollowWords(parse_words(observed.words))
    again = trial.run(follower)
    assert follower.left == ()
    assert again.deviations == observed.deviations
    assert again.outcome == observed.outcome
    assert again.trace == observed.trace

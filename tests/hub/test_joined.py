"""A history and its news together read like one list."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wfsim.history import HistoryEvent, TimerFired
from wfsim.hub.joined import Joined

BOUNDS = st.none() | st.integers(-12, 12)
SLICES = st.builds(slice, BOUNDS, BOUNDS, st.none() | st.sampled_from((-2, -1, 1, 2, 3)))


def events(first: int, count: int) -> list[HistoryEvent]:
    return [TimerFired(at_us=n, timer_id=n, fire_at_us=n) for n in range(first, first + count)]


@given(past=st.integers(0, 6), new=st.integers(0, 4), parts=st.lists(SLICES, max_size=8))
def test_every_part_is_that_of_a_list(past: int, new: int, parts: list[slice]) -> None:
    """Any slice, asked for in any order, is the list's; so are each item and the length."""
    before, news = events(0, past), events(past, new)
    joined, plain = Joined(before, news), [*before, *news]
    before += events(100, 3)  # the history grows meanwhile, and that does not count
    assert list(joined) == plain
    assert len(joined) == len(plain)
    assert [joined[place] for place in range(-len(plain), len(plain))] == plain * 2
    for part in parts:
        assert list(joined[part]) == plain[part]

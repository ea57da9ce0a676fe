"""Loops read as one turn and a count."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wfsim.report import Row
from wfsim.report.folding import Fold, folded

MINUTE_US = 60_000_000


def _row(text: str, at_us: int = 0, payload: str = "") -> Row:
    return Row(at_us=at_us, instance_id="i", kind="work", text=text, payload=payload)


def _folded(rows: list[Row]) -> list[str]:
    return [
        f"{item.rows}x{item.times}" if isinstance(item, Fold) else item.text
        for item in folded(rows)
    ]


def test_repetition_of_one_instant_is_folded() -> None:
    """From four equal turns on, the first stands and the others are counted."""
    assert _folded([_row(text) for text in "abababab"]) == ["a", "b", "2x3"]
    assert _folded([_row(text) for text in "ababab"]) == list("ababab")
    assert _folded([_row(text) for text in "xaaaay"]) == ["x", "a", "1x3", "y"]


def test_payloads_of_one_instant_count() -> None:
    """Calls of one instant with payloads of their own, a fan-out, are all shown."""
    rows = [_row("charge", payload=str(number)) for number in range(9)]
    assert _folded(rows) == ["charge"] * 9


def test_turns_at_a_steady_pace_are_folded() -> None:
    """From six turns at one pace on, the others are counted, whatever their payloads."""
    rows = [_row("poll", turn * MINUTE_US, str(turn)) for turn in range(6)]
    *shown, fold = folded(rows)
    assert [item.text for item in shown if isinstance(item, Row)] == ["poll"]
    assert fold == Fold(rows=1, times=5, every_us=MINUTE_US, until_us=5 * MINUTE_US)
    assert _folded(rows[:5]) == ["poll"] * 5


def test_turns_at_an_uneven_pace_are_shown() -> None:
    """Turns whose distance grows, a backoff, are all shown."""
    rows = [_row("retry", turn * turn * MINUTE_US) for turn in range(9)]
    assert _folded(rows) == ["retry"] * 9


def test_due_times_move_with_the_turns() -> None:
    """A timer of one length repeats although it is due at another time each turn."""
    rows = [_row(f"timer of 1m, until T+{turn}m", turn * MINUTE_US) for turn in range(8)]
    assert _folded(rows) == ["timer of 1m, until T+0m", "1x7"]


def test_other_runs_are_not_repetition() -> None:
    """The same line of another instance is another line."""
    rows = [Row(at_us=0, instance_id=str(number), kind="start", text="go") for number in range(9)]
    assert _folded(rows) == ["go"] * 9


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([0, 0, 0, 1])), max_size=60),
    st.lists(st.sampled_from("ab"), min_size=1, max_size=3),
    st.integers(0, 9),
)
def test_folds_account_for_every_row(
    noise: list[tuple[str, int]], block: list[str], times: int
) -> None:
    """Rows shown and rows counted are all there are, in order of time."""
    now_us, rows = 0, list[Row]()
    for text, step in [*noise, *((text, 0) for _ in range(times) for text in block), *noise]:
        now_us += step
        rows.append(_row(text, now_us))
    shown = list(folded(rows))
    counted = sum(item.rows * item.times if isinstance(item, Fold) else 1 for item in shown)
    assert counted == len(rows)
    times_us = [item.until_us if isinstance(item, Fold) else item.at_us for item in shown]
    assert times_us == sorted(times_us)

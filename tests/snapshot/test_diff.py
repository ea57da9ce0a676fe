"""Where two views part: the first difference with what came before it, then all of them, short."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.snapshot.recorded import histories_of, trace_of_scene, view_of_scene
from wfsim.history import History, OrchestratorStarted, TaskCompleted
from wfsim.snapshot import difference_lines, first_divergence, view


def _history(*results: Any) -> History:
    return History(
        [
            OrchestratorStarted(at_us=0),
            *(
                TaskCompleted(at_us=0, task_id=number, result=str(result))
                for number, result in enumerate(results)
            ),
        ]
    )


def test_equal_views_have_no_difference() -> None:
    """Nothing is said of two views that are equal."""
    assert difference_lines(view(_history(1, 2)), view(_history(1, 2))) == []
    assert first_divergence(view(_history()), view(_history())) is None


def test_the_first_difference_comes_with_three_events() -> None:
    """First the event in which they part, with three before it; then all that differs."""
    lines = difference_lines(view(_history(1, 2, 3, 4, 5)), view(_history(1, 2, 3, 9, 5)))
    assert lines == [
        "first difference, at event 5 of the history:",
        "    T+0s  TaskCompleted 0  1",
        "    T+0s  TaskCompleted 1  2",
        "    T+0s  TaskCompleted 2  3",
        "  - T+0s  TaskCompleted 3  4",
        "  + T+0s  TaskCompleted 3  9",
        "",
        "all differences:",
        "   TaskCompleted                       0  1",
        "   TaskCompleted                       1  2",
        "   TaskCompleted                       2  3",
        "-  TaskCompleted                       3  4",
        "+  TaskCompleted                       3  9",
        "   TaskCompleted                       4  5",
    ]


def test_one_may_end_before_the_other() -> None:
    """Where one is the other's beginning, it says that it ends."""
    lines = difference_lines(view(_history(1)), view(_history(1, 2)))
    assert lines[3:5] == ["  - (it ends here)", "  + T+0s  TaskCompleted 1  2"]
    assert difference_lines(view(_history(1, 2)), view(_history(1)))[3:5] == [
        "  - T+0s  TaskCompleted 1  2",
        "  + (it ends here)",
    ]


def test_a_change_below_an_event_is_found() -> None:
    """A change deep in a payload is shown with its event."""
    one, other = (
        History([TaskCompleted(at_us=0, task_id=0, result=f'{{"a": "{"x" * 70}", "b": {n}}}')])
        for n in (1, 2)
    )
    found = first_divergence(view(one), view(other))
    assert found is not None
    assert [line.strip() for line in found.left[-2:]] == [f"a: {'x' * 70}", "b: 1"]
    assert "+        b: 2" in difference_lines(view(one), view(other))


@pytest.mark.slow
def test_differences_are_short_whatever_differs() -> None:
    """Megabytes of differences become a page: long lines and long lists are cut, and say so."""
    one, other = _history(*range(9000)), _history(*range(1, 9001))
    lines = difference_lines(view(one), view(other))
    assert len(lines) < 120
    assert any("more lines" in line for line in lines)
    big = view(_history(f'"{"x" * 1_000_000}"'))
    assert max(map(len, difference_lines(big, view(_history(1))))) <= 125
    many = view(History([TaskCompleted(at_us=0, task_id=0, result=str([*range(500)]))]))
    shown = difference_lines(many, view(_history()))
    assert "more lines" in "".join(shown)


def test_different_kinds_are_named() -> None:
    """A history beside a trace is told as such."""
    trace = trace_of_scene("approval/approved")
    lines = difference_lines(view(trace), view(histories_of(trace)["post-1"]))
    assert lines[0] == "first difference, at event 1 of the trace and history:"


@given(scene=st.sampled_from(["shop/approved", "approval/approved", "fan_out/one_fails"]))
def test_a_view_never_differs_from_itself(scene: str) -> None:
    """There is a difference if and only if the views are not equal."""
    shown = view_of_scene(scene)
    assert difference_lines(shown, shown) == []

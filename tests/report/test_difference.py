"""Where two runs part: found at the right place, said in words, blind to made-up ids."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.hand_made import START_US, approval, crowd, mark
from wfsim.report.chart import Chart, Lane, Mark
from wfsim.report.difference import first_difference

KINDS = ("start", "work", "time", "event", "good", "bad", "note", "finding")
guids = st.uuids().map(str) | st.uuids().map(lambda value: value.hex)
texts = st.text(max_size=8) | guids


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    """Charts of a few lanes, some named by made-up ids, with marks in order."""
    keys = draw(st.lists(guids | st.text(min_size=1, max_size=5), unique=True, max_size=3))
    lanes = [
        Lane(
            key=key,
            label=key[:6] if len(key) > 6 else key,
            kind="orchestration",
            name=draw(st.text(max_size=3)),
        )
        for key in keys
    ]
    times = sorted(draw(st.lists(st.integers(0, 50), max_size=6)))
    marks = [
        Mark(
            number=number,
            lane=draw(st.sampled_from(["", *keys])),
            at_us=START_US + at,
            kind=draw(st.sampled_from(KINDS)),
            text=draw(texts),
            payload=tuple(draw(st.lists(st.tuples(texts, texts), max_size=2))),
        )
        for number, at in enumerate(times)
    ]
    end_us = START_US + (times[-1] if times else 0)
    return Chart(title="", start_us=START_US, end_us=end_us, lanes=tuple(lanes), marks=tuple(marks))


def with_other_ids(chart: Chart) -> Chart:
    """Return the chart as another run would have it: other ids, and another start."""
    guid = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
    turn = str.maketrans("0123456789abcdef", "f0123456789abcde")

    def other(text: str) -> str:
        return guid.sub(lambda match: match[0].translate(turn), text)

    lanes = tuple(
        replace(
            lane,
            key=other(lane.key),
            label=lane.label.translate(turn) if guid.fullmatch(lane.key) else lane.label,
        )
        for lane in chart.lanes
    )
    marks = tuple(
        replace(
            item,
            lane=other(item.lane),
            at_us=item.at_us + 1_000,
            text=other(item.text),
            payload=tuple((other(name), other(value)) for name, value in item.payload),
        )
        for item in chart.marks
    )
    return replace(
        chart,
        start_us=chart.start_us + 1_000,
        end_us=chart.end_us + 1_000,
        lanes=lanes,
        marks=marks,
    )


@given(charts())
def test_a_chart_never_differs_from_itself(chart: Chart) -> None:
    """No chart has a difference from itself."""
    assert first_difference(chart, chart) is None


@given(charts())
def test_made_up_ids_and_the_start_do_not_count(chart: Chart) -> None:
    """Runs that differ in made-up ids and in when they began are equal."""
    assert first_difference(chart, with_other_ids(chart)) is None


@given(charts().filter(lambda chart: chart.marks), st.data())
def test_one_changed_payload_is_found(chart: Chart, data: st.DataObject) -> None:
    """The difference is the one mark whose payload was changed, on both sides."""
    number = data.draw(st.integers(0, len(chart.marks) - 1))
    changed = mark(chart, number, payload=(("input", "as it never was"),))
    found = first_difference(chart, changed)
    assert found is not None
    assert found.aspect == "payload"
    assert (found.left, found.right) == (chart.marks[number], changed.marks[number])


@given(charts().filter(lambda chart: chart.marks), st.data())
def test_a_run_that_goes_on_is_found(chart: Chart, data: st.DataObject) -> None:
    """Where one run has ended, the difference is the other's next mark."""
    kept = data.draw(st.integers(0, len(chart.marks) - 1))
    shorter = replace(chart, marks=chart.marks[:kept])
    found = first_difference(shorter, chart)
    assert found is not None
    assert (found.aspect, found.left, found.right) == ("missing", None, chart.marks[kept])


def test_another_payload_is_said_in_words() -> None:
    """One sentence says when, where, and which payloads differ."""
    payload = (("input", '"Rust"'), ("result", "{}"))
    found = first_difference(approval(), mark(approval(), 1, payload=payload))
    assert found is not None
    assert found.text == "At T+0s, “write_draft” of post-1 has another input and result."


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": "write_poem"}, "write_poem"),
        ({"kind": "bad", "text": "x" * 200}, "x" * 59 + "…"),
        ({"text": "two\nlines\u202e"}, "two\\nlines\\u202e"),
    ],
    ids=["text", "long", "steering"],
)
def test_another_event_is_said_in_words(change: dict[str, object], said: str) -> None:
    """One sentence names both events, cut and printable."""
    found = first_difference(approval(), mark(approval(), 1, **change))
    assert found is not None
    assert found.aspect == "event"
    assert found.text == (
        f"At T+0s, the first run has “write_draft” of post-1; the second has “{said}” of post-1."
    )


def test_another_time_is_said_in_words() -> None:
    """The same event at another time is told as such."""
    found = first_difference(approval(), approval(late=1))
    assert found is not None
    assert found.aspect == "time"
    assert found.text == (
        "“event approval” of post-1 comes at T+2h in the first run, at T+3h in the second."
    )


def test_an_end_is_said_in_words() -> None:
    """A run that has less than the other is told as such, whichever it is."""
    whole = approval()
    shorter = replace(whole, marks=whole.marks[:4])
    first, second = first_difference(shorter, whole), first_difference(whole, shorter)
    assert first is not None
    assert second is not None
    assert first.text == (
        "The first run ends here; the second goes on at T+2h with “Completed” of post-1."
    )
    assert second.text == (
        "The second run ends here; the first goes on at T+2h with “Completed” of post-1."
    )


def test_an_id_used_otherwise_is_a_difference() -> None:
    """Ids are named by first appearance: another id in the same place counts when it is known."""
    one, other = "0" * 32, "1" * 32
    left = mark(mark(approval(), 1, text=one), 2, text=one)
    right = mark(mark(approval(), 1, text=one), 2, text=other)
    found = first_difference(left, right)
    assert found is not None
    assert found.left == left.marks[2]


def test_many_events_are_compared() -> None:
    """Ten thousand events are compared in one pass, and the last one counts."""
    chart = crowd(instances=40, events=10_000)
    changed = mark(chart, len(chart.marks) - 1, text="another end")
    assert first_difference(chart, chart) is None
    found = first_difference(chart, changed)
    assert found is not None
    assert found.left == chart.marks[-1]

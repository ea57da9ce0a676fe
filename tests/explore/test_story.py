"""A failure as a story, exactly as it is read."""

from __future__ import annotations

from dataclasses import replace as with_other

import pytest

from tests.explore.worlds import bug
from wfsim.explore import Exploration, explore, replay
from wfsim.explore.story import failure_story, outcome_lines, played_story, reach_lines, told

SCHEDULE = "activity book of trip-3#2 < activity book of trip-3#0"
STORY = """\
✗ trip-3.output: expected {"status":"cancelled","undone":["flight","hotel"]}, got \
{"status":"cancelled","undone":[]}
  found after 2 schedules, shrunk to the one choice that matters

T+0s  trip-3 ▶ book_trip  {"to": "Lisbon"}
   ◆         │ 1: activity book of trip-3#2 before activity book of trip-3#0
      trip-3 ✗ book failed: LookupError: no cars left in Lisbon  {"part": "car", "to": "Lisbon"}
      trip-3 · book  {"part": "flight", "to": "Lisbon"} → "flight-lisbon"
      trip-3 · book  {"part": "hotel", "to": "Lisbon"} → "hotel-lisbon"
      trip-3 ■ Completed  {"status": "cancelled", "undone": []}

The nearest run without the problem: everything in order
  this run: T+0s trip-3 book failed: LookupError: no cars left in Lisbon, input { "part": "car", \
"to": "Lisbon" }
  that one: T+0s trip-3 book, input { "part": "flight", "to": "Lisbon" }, result "flight-lisbon"
  it ends with book_trip Completed {"status":"cancelled","undone":["flight","hotel"]}"""


@pytest.fixture(scope="module")
def found() -> Exploration:
    """What exploring one app of the corpus finds."""
    longer = f"{SCHEDULE}; episode of book_trip trip-3 < activity book of trip-3#0"
    return explore(bug("trip_undone_in_part"), first=[longer])


def test_a_failure_reads_like_this(found: Exploration) -> None:
    """What is wrong, how it comes about, and what would have been well."""
    (failure,) = found.failures
    assert "\n".join(line.plain for line in failure_story(failure, width=100)) == STORY


def test_a_wide_terminal_has_both_runs_side_by_side(found: Exploration) -> None:
    """With room for two timelines, the nearest good run stands on the right."""
    (failure,) = found.failures
    lines = [line.plain for line in failure_story(failure, width=170)]
    (heads,) = [line for line in lines if line.startswith("this run  ")]
    assert heads.endswith("┃ without the problem")
    assert all(len(line) <= 170 for line in lines[3 : lines.index("", 3)])
    (ends,) = [line for line in lines if "■ Completed" in line.partition("┃")[0]]
    assert '"undone": []' in ends.partition("┃")[0]


def test_outcomes_are_counted(found: Exploration) -> None:
    """Where runs ended differently, each end has its count, and what decides first is told."""
    lines = [line.plain for line in outcome_lines(found)]
    assert lines[0] == "The outcome depends on what happens first:"
    counts = [int(line.split()[0]) for line in lines[1:3]]
    assert sum(counts) == found.reach.schedules
    assert lines[3] == (
        "  first deciding point: activity book of trip-3#2 before activity book of trip-3#0"
    )


def test_reach_is_told(found: Exploration) -> None:
    """How much was tried stands in two lines, and how much of it was replayed in a third."""
    reach = found.reach
    first, second, third = [line.plain for line in reach_lines(found)]
    assert first.startswith(f"{reach.schedules} schedules ({reach.distinct} distinct, 2 outcomes)")
    assert second.startswith(f"up to {reach.points} choice points in one run; {reach.taken} of ")
    assert third == f"{reach.borders:,} turn borders, all proven"
    for replayed, proven, text in (
        (7, 0, "all replayed"),
        (3, 4, "3 replayed, 4 proven"),
        (0, 0, "none replayed"),
    ):
        other = with_other(reach, borders=7, replayed=replayed, proven_borders=proven)
        _, _, line = reach_lines(with_other(found, reach=other))
        assert line.plain == f"7 turn borders, {text}"


def test_a_run_with_a_crash_tells_what_ran_twice() -> None:
    """A replayed run says which effect a crash repeats, and how it ended."""
    crash = "crash after complete(activity book of trip-3#1)"
    observed = replay(bug("trip_undone_in_part"), crash)
    lines = [line.plain for line in played_story(observed, width=100)]
    assert f"   ◆         │ 1: {crash}" in lines
    assert lines[-3].startswith("book of trip-3 ran twice with the same input")
    assert lines[-1].startswith("✓ book_trip Completed")


def test_a_what_if_stands_before_the_run() -> None:
    """What people do otherwise was chosen before anything happened, and is told there."""
    observed = replay(bug("permit_event_case"), "quiet", what_if="events")
    offered = sorted(label for label in observed.labels if label.startswith("never("))
    words = offered[0]
    lines = [
        line.plain
        for line in played_story(
            replay(bug("permit_event_case"), words, what_if="events"), width=100
        )
    ]
    assert lines[0] == f"◆ 1: {words}"


def test_words_for_people_have_short_ids() -> None:
    """Made-up ids are cut, and the sign for an order is a word."""
    assert told(f"episode of f {'0123456789abcdef' * 2} < timer") == (
        "episode of f 012345 before timer"
    )

"""What an exhaustive search says of what it tried."""

from __future__ import annotations

import pytest

from wfsim.explore.records import Exploration, Reach, Space
from wfsim.explore.spaces import space_lines

REACH = Reach(schedules=11, distinct=11, points=7, labels=9, taken=9, crashes=0, seconds=0.1)


def _said(left: int = 0, **facts: object) -> list[str]:
    known = {"parts": 1, "combinations": 0, "equivalent": 0, "at_once": False, "share": 1.0}
    space = Space(**{**known, **facts})  # type: ignore[arg-type]
    found = Exploration(
        failures=(), race=None, outcomes=(), reach=REACH, proven=not left, left=left, space=space
    )
    return list(space_lines(found))


def test_nothing_is_said_of_other_searches() -> None:
    """A search at random proves nothing."""
    assert not list(space_lines(Exploration(failures=(), race=None, outcomes=(), reach=REACH)))


def test_what_was_left_out_is_counted() -> None:
    """Combinations of parts, and branches that differ by independent steps."""
    assert _said(parts=2, combinations=25, equivalent=1) == [
        (
            "left out as equivalent: 25 combinations of 2 parts that have nothing in common, "
            "1 branch with independent steps in another order"
        ),
        "proven: there is no other order",
    ]
    assert _said(at_once=True) == [
        "proven: there is no other order with an episode for each message"
    ]


@pytest.mark.parametrize(
    ("share", "said"), [(0.001, "less than 1 %"), (0.345, "about 34 %"), (1.0, "about 99 %")]
)
def test_what_is_left_is_told(share: float, said: str) -> None:
    """Known branches, and how much of the tree was seen; never all of it."""
    assert _said(2, share=share) == [
        f"not proven: 2 known branches still to be tried, {said} of the tree seen"
    ]

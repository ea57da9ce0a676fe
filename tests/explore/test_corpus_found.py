"""Every bug of the corpus is found and shrunk; nothing is reported of the twins."""

from __future__ import annotations

from typing import Any

import pytest

from tests.explore.corpus import BUGS, TWINS, Manifest
from wfsim.explore import Exploration, explore

pytestmark = [
    pytest.mark.slow,
]

_SCHEDULES = 2000
_SECONDS = 20.0
_FOR_TWINS = 12


def _explored(manifest: Manifest, **options: Any) -> Exploration:
    what_if = "all" if manifest.circle == "what_if" else None
    return explore(manifest.scenario, faults="all", what_if=what_if, **options)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_every_bug_is_found(bug: Manifest) -> None:
    """Within 2,000 schedules and 20 seconds, shrunk to at most four choices, and again by words."""
    found = _explored(bug, schedules=_SCHEDULES, seconds=_SECONDS)
    (failure,) = found.failures
    assert len(failure.observed.deviations) <= 4
    again = _explored(bug, schedules=2, first=[failure.words])
    assert failure.problem.key in {item.key for item in again.failures[0].observed.problems}


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.name)
def test_nothing_is_reported_of_twins(twin: Manifest) -> None:
    """What is correct stays so under every legal order, crash and second delivery."""
    found = _explored(twin, schedules=_FOR_TWINS)
    assert [str(failure.problem.text) for failure in found.failures] == []

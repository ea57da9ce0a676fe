"""One clock and one freezer, opened and closed by the test's fixture."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from wfsim.clock import VirtualClock
from wfsim.freeze import Freezer


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def freezer_(clock: VirtualClock) -> Iterator[Freezer]:
    with Freezer(clock, seed=7) as freezer:
        yield freezer

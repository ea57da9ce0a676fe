"""Where a test keeps its simulations: on the test, so that tests share nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_wfsim.sessions import Session

__all__ = ["IS_BROKEN", "SESSIONS"]

SESSIONS = pytest.StashKey[list["Session"]]()
"""The simulations of a test, in the order in which they were opened."""
IS_BROKEN = pytest.StashKey[bool]()
"""Whether a phase of the test raised, be it an expected failure or a skip."""

"""Where a test and a run keep what is theirs: on the test or the config, so that none is shared."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_wfsim.sessions import Session

__all__ = ["IS_BROKEN", "OUTCOME", "REPORTING", "SESSIONS", "Reporting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporting:
    """What `--wfsim-report` asks for."""

    folder: Path
    is_for_all: bool
    """Whether tests that pass get a page, too."""


SESSIONS = pytest.StashKey[list["Session"]]()
"""The simulations of a test, in the order in which they were opened."""
IS_BROKEN = pytest.StashKey[bool]()
"""Whether a phase of the test raised, be it an expected failure or a skip."""
OUTCOME = pytest.StashKey[str]()
"""How a test stands after its phases so far, in the index's words."""
REPORTING = pytest.StashKey[Reporting]()
"""On the config, where pages are asked for."""

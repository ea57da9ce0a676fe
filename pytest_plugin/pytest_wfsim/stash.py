"""Where a test and a run keep what is theirs: on the test or the config, so that none is shared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_wfsim.exploring import Stage
    from pytest_wfsim.sessions import Session

__all__ = [
    "EXPLORED",
    "IS_BROKEN",
    "OUTCOME",
    "REPORTING",
    "SESSIONS",
    "STAGE",
    "Explored",
    "Reporting",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporting:
    """What `--wfsim-report` asks for."""

    folder: Path
    is_for_all: bool
    """Whether tests that pass get a page, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explored:
    """What exploring a test has shown."""

    reach: str
    """How much was seen, for the summary at the end."""
    verdict: Sequence[str] = ()
    """Further lines of the summary."""
    story: str = ""
    """Of the schedule that fails; empty where none does."""
    words: str = ""
    """Its repro string."""


STAGE: pytest.StashKey[Stage | None] = pytest.StashKey()
"""Where the schedules of a test that explores are played, one after the other."""
EXPLORED = pytest.StashKey[Explored | None]()
"""On a test, once it has been explored."""
SESSIONS = pytest.StashKey[list["Session"]]()
"""The simulations of a test, in the order in which they were opened."""
IS_BROKEN = pytest.StashKey[bool]()
"""Whether a phase of the test raised, be it an expected failure or a skip."""
OUTCOME = pytest.StashKey[str]()
"""How a test stands after its phases so far, in the index's words."""
REPORTING = pytest.StashKey[Reporting]()
"""On the config, where pages are asked for."""

"""Tries what a legal world may do to a workflow, and answers with the few choices that matter."""

from __future__ import annotations

from wfsim.explore.api import explore
from wfsim.explore.records import (
    Exploration,
    Failure,
    Observed,
    OutcomeCount,
    Problem,
    Race,
    Reach,
)
from wfsim.explore.replaying import replay
from wfsim.hub.faults import Faults

__all__ = [
    "Exploration",
    "Failure",
    "Faults",
    "Observed",
    "OutcomeCount",
    "Problem",
    "Race",
    "Reach",
    "explore",
    "replay",
]

"""Everything recorded as text that can be reviewed: no ids, no wall times, no addresses."""

from __future__ import annotations

from wfsim.snapshot.diff import Divergence, difference_lines, first_divergence
from wfsim.snapshot.exchanges import exchanges
from wfsim.snapshot.histories import histories
from wfsim.snapshot.outcomes import Outcomes
from wfsim.snapshot.rules import Mask, Rules
from wfsim.snapshot.traces import traces
from wfsim.snapshot.view import FORMAT, Fact, Group, Line, Recorded, View, register, view

__all__ = [
    "FORMAT",
    "Divergence",
    "Fact",
    "Group",
    "Line",
    "Mask",
    "Outcomes",
    "Recorded",
    "Rules",
    "View",
    "difference_lines",
    "exchanges",
    "first_divergence",
    "histories",
    "register",
    "traces",
    "view",
]

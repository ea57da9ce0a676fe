"""What tests of guards share."""

from __future__ import annotations

import re

from wfsim import Simulation

__all__ = ["heard"]


def heard(sim: Simulation) -> list[tuple[int, str]]:
    """Return the lines and messages of what a guard heard, without instance ids."""
    return [
        (item.place.line if item.place else 0, re.sub(r" '[^']*'", "", item.message, count=1))
        for item in sim.findings
        if item.code == "WF120"
    ]

"""Reads the code of durable apps for what replays trip over; runs none of it.

The rules are in `wfsim.lint.rules`, one module of `wfsim.lint.checks` for each kind of hazard.
"""

from __future__ import annotations

from wfsim.lint.records import Finding, Report
from wfsim.lint.rules import RULES, Rule
from wfsim.lint.run import lint
from wfsim.lint.settings import Settings, load_settings

__all__ = ["RULES", "Finding", "Report", "Rule", "Settings", "lint", "load_settings"]

"""Scenario files: an app, what people do to it, and what should come out."""

from __future__ import annotations

from wfsim.scenario.load import LoadedScenario, load
from wfsim.scenario.play import Outcome, RunReport, play

__all__ = ["LoadedScenario", "Outcome", "RunReport", "load", "play"]

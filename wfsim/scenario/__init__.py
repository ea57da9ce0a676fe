"""Scenario files: an app, what people do to it, and what should come out."""

from __future__ import annotations

from wfsim.scenario.load import LoadedScenario, load
from wfsim.scenario.outcome import AnswerReport, EntityReport, Outcome, RunReport
from wfsim.scenario.play import play

__all__ = [
    "AnswerReport",
    "EntityReport",
    "LoadedScenario",
    "Outcome",
    "RunReport",
    "load",
    "play",
]

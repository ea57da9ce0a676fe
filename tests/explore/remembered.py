"""What the tests of remembering share: everything that a run shows, and a trial of each kind."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from wfsim.choices import seeded
from wfsim.explore.records import Observed
from wfsim.explore.trial import ScenarioTrial
from wfsim.explore.words import Numbered
from wfsim.hub.faults import ALL_FAULTS
from wfsim.scenario import load
from wfsim.workers.azure_functions import KeptApp

__all__ = ["kept", "run", "shown", "trials"]


def shown(observed: Observed) -> dict[str, Any]:
    """Return everything that a run shows."""
    return {
        "outcome": observed.outcome,
        "problems": [(item.kind, item.key, item.text) for item in observed.problems],
        "words": observed.words,
        "points": observed.points,
        "labels": observed.labels,
        "trace": list(observed.trace.lines()),
        "executions": observed.executions,
    }


def trials(scenario: Path) -> tuple[ScenarioTrial, ScenarioTrial]:
    """Return a trial that remembers nothing, and one that does."""
    loaded = load(scenario)
    return (
        ScenarioTrial(loaded, faults=ALL_FAULTS, remembers=False),
        ScenarioTrial(loaded, faults=ALL_FAULTS),
    )


def run(trial: ScenarioTrial, seeds: Iterable[int]) -> list[dict[str, Any]]:
    """Return what the schedules of some seeds show, one after the other."""
    return [shown(trial.run(Numbered(seed, seeded(seed)))) for seed in seeds]


def kept(trial: ScenarioTrial) -> KeptApp:
    """Return what a trial remembers."""
    app = trial._app  # pyright: ignore[reportPrivateUsage]
    assert app is not None
    return app

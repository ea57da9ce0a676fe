"""What `wfsim fuzz --json` says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from wfsim.explore import Exploration, Failure, Observed, Problem
from wfsim.explore.effects import repeated_effects
from wfsim.explore.replaying import Replayed
from wfsim.scenario import LoadedScenario

__all__ = ["explored_document", "replayed_document"]


def explored_document(
    scenario: LoadedScenario, found: Exploration, commands: Sequence[str]
) -> dict[str, Any]:
    """Return what was found in one scenario.

    Args:
        scenario: What was explored.
        found: The answer.
        commands: For each failure the command line that repeats it.
    """
    race = found.race
    return {
        "scenario": str(scenario.path),
        "ok": not found.has_failed,
        "failures": [
            _failure(failure, command)
            for failure, command in zip(found.failures, commands, strict=True)
        ],
        "outcomes": [asdict(item) for item in found.outcomes],
        "race": race and {"deciding": race.deciding},
        "reach": {**asdict(found.reach), "outcomes": len(found.outcomes)},
        "proven": found.proven,
        "left": found.left,
        "space": None if found.space is None else asdict(found.space),
        "notes": list(found.notes),
    }


def replayed_document(scenario: LoadedScenario, replayed: Replayed) -> dict[str, Any]:
    """Return what came of one schedule."""
    return {
        "scenario": str(scenario.path),
        "ok": not replayed.observed.problems and replayed.fits,
        "schedule": replayed.words,
        "problems": [_problem(item) for item in replayed.observed.problems],
        **_run(replayed.observed),
        "never_offered": [str(item) for item in replayed.never_offered],
        "not_reached": [str(item) for item in replayed.not_reached],
    }


def _failure(failure: Failure, command: str) -> dict[str, Any]:
    return {
        "problem": _problem(failure.problem),
        "schedule": failure.words,
        "command": command,
        "found_after": failure.found_after,
        **_run(failure.observed),
        "nearest": {"schedule": failure.quiet.words, "outcome": failure.quiet.outcome},
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {"kind": problem.kind, "key": problem.key, "text": problem.text}


def _run(observed: Observed) -> dict[str, Any]:
    return {
        "choices": [str(item) for item in observed.deviations],
        "outcome": observed.outcome,
        "repeated_effects": [
            {"activity": item.name, "instance_id": item.instance_id, "executions": len(item.at_us)}
            for item in repeated_effects(observed.trace)
        ],
    }
